#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/base/config.h"
#include "tha4/base/settings_help.h"

// A struct of settings is described once, by a list of its fields: key, member, range, meaning. The list
// reads the struct from a configuration, writes it, and explains it to people:
//
//   const Fields<AdamConfig>& adam_fields() {
//     static const Fields<AdamConfig> fields({
//         field::number("beta1", &AdamConfig::beta1, {0, 0.999999}, "Decay of the gradients' mean, a step."),
//         field::optional(field::number("weight_decay", &AdamConfig::weight_decay, {0, 1}, "...")),
//     });
//     return fields;
//   }
//
// Messages about wrong values name file and key, and are those of ConfigReader.

namespace tha4 {

/// One key, or several, of the object that a struct is read from.
template <class Struct>
struct Field {
  FieldHelp help;
  std::function<void(const ConfigReader& reader, Struct& value)> read;
  std::function<void(const Struct& value, nlohmann::json& object)> write;
};

/// All fields of a struct.
template <class Struct>
class Fields {
 public:
  using Check = void (*)(const ConfigReader& reader, const Struct& value);

  /// \param check    of what no single field shows; called after they are read. It throws by reader.fail().
  /// \param section  where the fields are explained, for structs that several keys hold; empty: at the key
  explicit Fields(std::vector<Field<Struct>> list, Check check = nullptr, std::string section = {})
      : list_(std::move(list)), check_(check), section_(std::move(section)) {}

  /// Reads the members from the object that \p reader stands at, in the order of the list. Throws InputError
  /// naming file and key for what is missing, unknown or out of range.
  void read(const ConfigReader& reader, Struct& value) const {
    read_beside_others(reader, value);
    reader.reject_unknown_keys();
  }

  /// The same where the object has other keys, too: refusing those that are unknown is the caller's.
  void read_beside_others(const ConfigReader& reader, Struct& value) const {
    for (const Field<Struct>& field : list_) field.read(reader, value);
    if (check_ != nullptr) check_(reader, value);
  }

  /// The object that read() makes \p value of.
  nlohmann::json write(const Struct& value) const {
    nlohmann::json object = nlohmann::json::object();
    for (const Field<Struct>& field : list_) field.write(value, object);
    return object;
  }

  std::vector<FieldHelp> help() const {
    std::vector<FieldHelp> help;
    for (const Field<Struct>& field : list_) help.push_back(field.help);
    return help;
  }

  const std::string& section() const { return section_; }

 private:
  std::vector<Field<Struct>> list_;
  Check check_;
  std::string section_;
};

/// The least and the most that a number may be.
template <class Number>
struct Bounds {
  Number min;
  Number max;
};

/// The values of an enumeration by the names that configurations have for them.
template <class Enum>
using Names = std::vector<std::pair<std::string, Enum>>;

/// One kind of a variant: see field::one_of().
template <class Variant>
struct Kind {
  std::string name;
  std::vector<FieldHelp> help;
  std::function<Variant(const ConfigReader& reader)> read;
  std::function<nlohmann::json(const Variant& value)> write;
};

/// The kind \p name, whose members are read by \p fields into a copy of \p initial.
template <class Variant, class Alternative>
Kind<Variant> kind(std::string name, Alternative initial, const Fields<Alternative>& fields) {
  return {.name = std::move(name),
          .help = fields.help(),
          .read =
              [initial = std::move(initial), &fields](const ConfigReader& reader) {
                Alternative value = initial;
                fields.read(reader, value);
                return Variant(std::move(value));
              },
          .write = [&fields](const Variant& value) { return fields.write(std::get<Alternative>(value)); }};
}

/// What makes fields. Where a function takes Fields by reference, they must outlive the field: they are
/// statics, as in the example above.
namespace field {

/// A member that `read(reader)` gives.
template <class Struct, class Value, class Read>
Field<Struct> member(FieldHelp help, Value Struct::*member, Read read) {
  const std::string key = help.key;
  return {.help = std::move(help),
          .read = [=](const ConfigReader& reader, Struct& value) { value.*member = read(reader); },
          .write = [=](const Struct& value, nlohmann::json& object) { object[key] = value.*member; }};
}

/// A finite number.
template <class Struct>
Field<Struct> number(const std::string& key, double Struct::*value, Bounds<double> bounds,
                     std::string meaning) {
  return member({.key = key, .values = range_text(bounds.min, bounds.max), .meaning = std::move(meaning)},
                value,
                [=](const ConfigReader& reader) { return reader.number(key, bounds.min, bounds.max); });
}

/// A whole number; a floating-point number such as 1e6 is taken if it is whole.
template <class Struct, class Integer>
Field<Struct> integer(const std::string& key, Integer Struct::*value, Bounds<std::int64_t> bounds,
                      std::string meaning) {
  return member({.key = key,
                 .values = "a whole number from " +
                           range_text(static_cast<double>(bounds.min), static_cast<double>(bounds.max)),
                 .meaning = std::move(meaning)},
                value, [=](const ConfigReader& reader) {
                  return static_cast<Integer>(reader.integer(key, bounds.min, bounds.max));
                });
}

/// A member of any type that JSON has, of which every value will do: a seed, a bool, a text, a list of texts.
template <class Struct, class Value>
Field<Struct> any(const std::string& key, Value Struct::*value, std::string values, std::string meaning) {
  return member({.key = key, .values = std::move(values), .meaning = std::move(meaning)}, value,
                [=](const ConfigReader& reader) { return reader.get<Value>(key); });
}

template <class Struct>
Field<Struct> seed(const std::string& key, std::uint64_t Struct::*value, std::string meaning) {
  return any(key, value, "a whole number from 0", std::move(meaning));
}

template <class Struct>
Field<Struct> boolean(const std::string& key, bool Struct::*value, std::string meaning) {
  return any(key, value, "true or false", std::move(meaning));
}

/// One of some names.
template <class Struct, class Enum>
Field<Struct> choice(const std::string& key, Enum Struct::*value, const Names<Enum>& names,
                     std::string meaning) {
  std::vector<std::string> words;
  for (const auto& [word, meant] : names) words.push_back(word);
  return {.help = {.key = key, .values = alternatives(words), .meaning = std::move(meaning)},
          .read =
              [=](const ConfigReader& reader, Struct& out) {
                const auto given = reader.get<std::string>(key);
                for (const auto& [word, meant] : names) {
                  if (word == given) return static_cast<void>(out.*value = meant);
                }
                reader.fail(key, "must be " + alternatives(words));
              },
          .write =
              [=](const Struct& in, nlohmann::json& object) {
                for (const auto& [word, meant] : names) {
                  if (meant == in.*value) object[key] = word;
                }
              }};
}

/// An object that is a struct of its own.
template <class Struct, class Member>
Field<Struct> object(const std::string& key, Member Struct::*value, const Fields<Member>& fields,
                     std::string meaning) {
  return {.help = {.key = key,
                   .values = "an object",
                   .meaning = std::move(meaning),
                   .section = fields.section(),
                   .parts = fields.help()},
          .read = [=, &fields](const ConfigReader& reader,
                               Struct& out) { fields.read(reader.object(key), out.*value); },
          .write = [=, &fields](const Struct& in,
                                nlohmann::json& object) { object[key] = fields.write(in.*value); }};
}

/// A list of such objects.
template <class Struct, class Element>
Field<Struct> objects(const std::string& key, std::vector<Element> Struct::*value,
                      const Fields<Element>& fields, std::string meaning) {
  return {.help = {.key = key,
                   .values = "a list of objects",
                   .meaning = std::move(meaning),
                   .section = fields.section(),
                   .parts = fields.help()},
          .read =
              [=, &fields](const ConfigReader& reader, Struct& out) {
                (out.*value).clear();
                for (const ConfigReader& element : reader.objects(key)) {
                  fields.read(element, (out.*value).emplace_back());
                }
              },
          .write =
              [=, &fields](const Struct& in, nlohmann::json& object) {
                object[key] = nlohmann::json::array();
                for (const Element& element : in.*value) object[key].push_back(fields.write(element));
              }};
}

/// An object whose keys are members of the struct itself.
template <class Struct>
Field<Struct> group(const std::string& key, std::vector<Field<Struct>> list, std::string meaning,
                    std::string section = {}) {
  const Fields<Struct> fields(std::move(list));
  return {.help = {.key = key,
                   .values = "an object",
                   .meaning = std::move(meaning),
                   .section = std::move(section),
                   .parts = fields.help()},
          .read = [=](const ConfigReader& reader, Struct& out) { fields.read(reader.object(key), out); },
          .write = [=](const Struct& in, nlohmann::json& object) { object[key] = fields.write(in); }};
}

template <class Struct>
Field<Struct> group(const std::string& key, std::initializer_list<Field<Struct>> list, std::string meaning) {
  return group(key, std::vector<Field<Struct>>(list), std::move(meaning));
}

/// A struct whose keys stand beside those of the struct that it is a member of.
template <class Struct, class Member>
Field<Struct> part(Member Struct::*value, const Fields<Member>& fields) {
  return {.help = {.parts = fields.help()},
          .read = [=, &fields](const ConfigReader& reader,
                               Struct& out) { fields.read_beside_others(reader, out.*value); },
          .write = [=, &fields](const Struct& in,
                                nlohmann::json& object) { object.update(fields.write(in.*value)); }};
}

/// An object of several kinds, of which its key "kind" names one.
/// \param kind_of  the name of a value's kind
template <class Struct, class Variant>
Field<Struct> one_of(const std::string& key, Variant Struct::*value, std::string (*kind_of)(const Variant&),
                     const std::vector<Kind<Variant>>& kinds, std::string meaning) {
  FieldHelp help{.key = key, .values = "an object", .meaning = std::move(meaning)};
  std::vector<std::string> names;
  for (const Kind<Variant>& kind : kinds) {
    names.push_back(kind.name);
    if (!help.kinds.empty() && help.kinds.back().parts == kind.help) {
      help.kinds.back().key += " or " + kind.name;
    } else {
      help.kinds.push_back({.key = kind.name, .parts = kind.help});
    }
  }
  help.parts = {{.key = "kind", .values = alternatives(names), .meaning = "Which other keys there are."}};
  return {.help = std::move(help),
          .read =
              [=](const ConfigReader& reader, Struct& out) {
                const ConfigReader object = reader.object(key);
                out.*value = kinds[object.kind(names)].read(object);
              },
          .write =
              [=](const Struct& in, nlohmann::json& object) {
                const std::string name = kind_of(in.*value);
                for (const Kind<Variant>& kind : kinds) {
                  if (kind.name == name) object[key] = kind.write(in.*value);
                }
                object[key]["kind"] = name;
              }};
}

/// A field that may be left out; the member is then what it is initialised with. Of objects, those that are
/// as if they were left out are not written.
template <class Struct>
Field<Struct> optional(Field<Struct> field) {
  nlohmann::json usual;
  field.write(Struct{}, usual);
  const std::string key = field.help.key;
  const bool is_object = usual[key].is_object();
  field.help.fallback = default_text(usual[key]);
  field.read = [key, read = std::move(field.read)](const ConfigReader& reader, Struct& value) {
    if (reader.has(key)) read(reader, value);
  };
  if (!is_object) return field;
  field.write = [usual, write = std::move(field.write)](const Struct& value, nlohmann::json& object) {
    nlohmann::json written;
    write(value, written);
    if (written != usual) object.update(written);
  };
  return field;
}

/// A field whose key was \p before in earlier versions, which a configuration that still has it is told.
template <class Struct>
Field<Struct> renamed(const std::string& before, Field<Struct> field) {
  field.read = [before, key = field.help.key, read = std::move(field.read)](const ConfigReader& reader,
                                                                            Struct& value) {
    if (reader.has(before)) reader.fail(before, "is called " + key + " now");
    read(reader, value);
  };
  return field;
}

/// A field that there is only where \p applies to what was read before it.
/// \param condition  the same in words, for people
template <class Struct>
Field<Struct> only_if(bool (*applies)(const Struct&), std::string condition, Field<Struct> field) {
  field.help.condition = std::move(condition);
  field.read = [applies, read = std::move(field.read)](const ConfigReader& reader, Struct& value) {
    if (applies(value)) read(reader, value);
  };
  field.write = [applies, write = std::move(field.write)](const Struct& value, nlohmann::json& object) {
    if (applies(value)) write(value, object);
  };
  return field;
}

}  // namespace field

}  // namespace tha4
