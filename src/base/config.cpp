#include "tha4/base/config.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <set>

#include "tha4/base/atomic_file.h"
#include "tha4/base/foreign_file.h"
#include "tha4/base/json_nesting.h"
#include "tha4/base/nearest_name.h"
#include "tha4/base/printable.h"
#include "tha4/base/utf8_text.h"

namespace tha4 {
namespace {

std::vector<std::string> keys_of(const nlohmann::json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

std::string suggestion(const std::string& key, const std::vector<std::string>& names) {
  const std::string nearest = nearest_name(key, names);
  return nearest.empty() ? std::string{} : "; did you mean '" + nearest + "'?";
}

constexpr const char* kBase = "base";
constexpr const char* kKind = "kind";

bool is_of_other_kind(const nlohmann::json& object, const nlohmann::json& base) {
  return object.contains(kKind) && base.contains(kKind) && object[kKind] != base[kKind];
}

void merge(nlohmann::json& base, const nlohmann::json& changes) {
  if (!base.is_object() || !changes.is_object() || is_of_other_kind(changes, base)) {
    base = changes;
    return;
  }
  for (const auto& [key, value] : changes.items()) merge(base[key], value);
}

/// \p chain holds the files that lead to \p file.
nlohmann::json read_with_bases(const std::filesystem::path& file, std::vector<std::filesystem::path> chain) {
  const nlohmann::json config = read_json_file(file);
  if (!config.is_object() || !config.contains(kBase)) return config;
  if (!config[kBase].is_string()) throw InputError(file.string() + ": base must be the name of a file");
  const std::filesystem::path base = file.parent_path() / config[kBase].get<std::string>();
  const std::string named =
      printable(file.string() + ": its base '" + config[kBase].get<std::string>() + "' ");
  if (!std::filesystem::is_regular_file(base)) {
    throw InputError(named + "is not there; name a file, relative to the folder of this one");
  }
  chain.push_back(std::filesystem::canonical(file));
  if (std::find(chain.begin(), chain.end(), std::filesystem::canonical(base)) != chain.end()) {
    throw InputError(named + "is based on this file; one of them must have no base");
  }
  nlohmann::json whole = read_with_bases(base, std::move(chain));
  merge(whole, config);
  whole.erase(kBase);
  return whole;
}

/// What the parser stumbled over, in words, where those are usual mistakes.
std::string reason_of(const nlohmann::json::parse_error& error, const std::string& text, std::size_t place) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return "the file is empty";
  const std::size_t word = text.find_last_of(" \t\r\n,:[{", std::min(place, text.size()) - 1) + 1;
  for (const char* name : {"NaN", "nan", "Infinity", "-Infinity", "inf", "-inf"}) {
    if (text.compare(word, std::strlen(name), name) == 0) {
      return std::string(name) + " is no number of JSON";
    }
  }
  for (const char* name : {"None", "True", "False"}) {
    if (text.compare(word, std::strlen(name), name) == 0) {
      return std::string(name) + " is of Python; JSON has null, true and false";
    }
  }
  const char at = text[std::min(place, text.size()) - 1];
  if (at == '\'') return "texts stand in double quotes, not in single ones";
  const std::size_t before = place < 2 ? std::string::npos : text.find_last_not_of(" \t\r\n", place - 2);
  if ((at == ']' || at == '}') && before != std::string::npos && text[before] == ',') {
    return std::string("the comma before '") + at + "' must go";
  }
  if (at == '{' && before != std::string::npos && text[before] == '}') {
    return "several objects must stand in a list, with commas between them: [{...}, {...}]";
  }
  // "... parse error at line 1, column 9: syntax error while parsing value - unexpected ...; expected ..."
  const std::string what = error.what();
  const std::size_t dash = what.find(" - ");
  return printable(dash == std::string::npos ? "" : what.substr(dash + 3, 120));
}

/// Notes keys that an object has twice, of which the parser would take the last.
class RepeatedKeys {
 public:
  bool take(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) {
      objects_.resize(static_cast<std::size_t>(depth) + 1);
      objects_.back().clear();
    } else if (event == Event::key && repeated_.empty()) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!objects_.at(static_cast<std::size_t>(depth) - 1).insert(key).second) repeated_ = key;
    }
    return true;
  }
  const std::string& repeated() const { return repeated_; }

 private:
  std::vector<std::set<std::string>> objects_;  ///< keys of those that are open, by depth
  std::string repeated_;
};

}  // namespace

nlohmann::json read_json_file(const std::filesystem::path& file) {
  const std::string text = utf8_text(read_text_file(file));
  refuse_foreign_file(text, file.string());
  try {
    RepeatedKeys keys;
    nlohmann::json content = nlohmann::json::parse(
        text,
        [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
          using Event = nlohmann::json::parse_event_t;
          const bool opens = event == Event::object_start || event == Event::array_start;
          if (opens && depth >= kDeepestJson) fail_for_nesting(file.string());
          return keys.take(depth, event, parsed);
        },
        true, /*ignore_comments=*/true);
    if (!keys.repeated().empty()) {
      throw InputError(printable(file.string() + ": an object has the key '" + keys.repeated() +
                                 "' twice; leave one of them"));
    }
    return content;
  } catch (const nlohmann::json::parse_error& error) {
    std::size_t place = std::max<std::size_t>(std::min(error.byte, text.size()), 1);
    // Of a word, its beginning.
    const std::size_t word = text.find_last_of(" \t\r\n,:[{", place - 1) + 1;
    if (word < place && std::isalpha(static_cast<unsigned char>(text[word])) != 0) place = word + 1;
    const std::size_t last = text.empty() ? 0 : place - 1;
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(last), '\n');
    const std::size_t start = last == 0 ? std::string::npos : text.rfind('\n', last - 1);
    const std::size_t column = start == std::string::npos ? last + 1 : last - start;
    throw InputError(file.string() + ", line " + std::to_string(line) + ", column " + std::to_string(column) +
                     ": this is not valid JSON: " + reason_of(error, text, place));
  } catch (const nlohmann::json::exception&) {
    throw InputError(file.string() + ": has a number that is too large to be read");
  }
}

nlohmann::json read_config_file(const std::filesystem::path& file) {
  return read_with_bases(file, {});
}

void apply_override(nlohmann::json& config, std::string_view assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw ValueError(std::string(assignment) + " is not of the form key=value");
  }
  const std::string path(assignment.substr(0, equals));
  const std::string text(assignment.substr(equals + 1));

  nlohmann::json* node = &config;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (node->is_array() && !key.empty() && key.find_first_not_of("0123456789") == std::string::npos &&
        key.size() < 6 && std::stoul(key) < node->size()) {
      node = &(*node)[std::stoul(key)];
    } else if (node->is_object() && node->contains(key)) {
      node = &(*node)[key];
    } else {
      const auto names = node->is_object() ? keys_of(*node) : std::vector<std::string>{};
      throw ValueError(path + ": the configuration has no key '" + key + "' there" + suggestion(key, names));
    }
    begin = end + 1;
  }
  nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  *node = value.is_discarded() ? nlohmann::json(text) : std::move(value);
}

ConfigReader::ConfigReader(const nlohmann::json& value, std::string source, std::string path)
    : value_(&value), source_(std::move(source)), path_(std::move(path)) {
  if (!value.is_object()) {
    throw InputError(
        printable(source_ + ": " + (path_.empty() ? "the whole" : path_) + " must be an object, {...}"));
  }
}

bool ConfigReader::has(const std::string& key) const {
  known_.insert(key);
  return value_->contains(key);
}

const nlohmann::json& ConfigReader::required(const std::string& key) const {
  if (!has(key)) fail(key, "is missing");
  return (*value_)[key];
}

void ConfigReader::check_number(const std::string& key, bool is_unsigned) const {
  const nlohmann::json& value = required(key);
  if (!value.is_number()) fail(key, "has the wrong type (" + std::string(value.type_name()) + ")");
  const bool is_negative = !value.is_number_unsigned() && value.get<double>() < 0;
  if (is_unsigned && (!value.is_number_integer() || is_negative)) {
    fail(key, "is " + value.dump() + "; it must be a whole number that is not negative");
  }
}

double ConfigReader::within(const std::string& key, const nlohmann::json& min,
                            const nlohmann::json& max) const {
  const auto value = get<double>(key);
  if (!std::isfinite(value) || value < min.get<double>() || value > max.get<double>()) {
    fail(key, "is " + required(key).dump() + ", outside " + min.dump() + " to " + max.dump());
  }
  return value;
}

double ConfigReader::number(const std::string& key, double min, double max) const {
  return within(key, nlohmann::json(min), nlohmann::json(max));
}

std::int64_t ConfigReader::integer(const std::string& key, std::int64_t min, std::int64_t max) const {
  const double value = within(key, nlohmann::json(min), nlohmann::json(max));
  if (value != std::floor(value)) fail(key, "is " + required(key).dump() + ", not a whole number");
  return static_cast<std::int64_t>(value);
}

ConfigReader ConfigReader::object(const std::string& key) const {
  return ConfigReader(required(key), source_, full_key(key));
}

std::vector<ConfigReader> ConfigReader::objects(const std::string& key) const {
  const nlohmann::json& list = required(key);
  if (!list.is_array()) fail(key, "must be a list, [...]");
  std::vector<ConfigReader> readers;
  for (std::size_t i = 0; i < list.size(); ++i) {
    readers.emplace_back(list[i], source_, full_key(key) + "." + std::to_string(i));
  }
  return readers;
}

std::size_t ConfigReader::kind(const std::vector<std::string>& names) const {
  const auto name = get<std::string>(kKind);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string what = path_.substr(path_.rfind('.') + 1);
  std::replace(what.begin(), what.end(), '_', ' ');
  fail(kKind, "is wrong: '" + name + "' is not a kind of " + what + suggestion(name, names));
}

void ConfigReader::reject_unknown_keys() const {
  const std::vector<std::string> names(known_.begin(), known_.end());
  for (const auto& key : keys_of(*value_)) {
    if (!known_.contains(key)) fail(key, "is not a key that is known here" + suggestion(key, names));
  }
}

void ConfigReader::fail(const std::string& key, const std::string& problem) const {
  throw InputError(printable(source_ + ": " + full_key(key) + " " + problem));
}

std::string ConfigReader::full_key(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

}  // namespace tha4
