#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/base/error.h"

namespace tha4 {

/// Reads a JSON file; // comments are allowed. Throws InputError that names the file and the line.
nlohmann::json read_json_file(const std::filesystem::path& file);

/// Reads a configuration: a JSON file that may name another one, relative to itself, as its "base" and then
/// holds only what differs. Objects are merged key by key, but for one whose "kind" is another than in the
/// base, which replaces the base's as lists and single values do; a null is a value. The result has no
/// "base". Throws InputError, also for a base that is missing or leads back to the file.
nlohmann::json read_config_file(const std::filesystem::path& file);

/// Applies "path.to.key=value" to \p config. The key must exist in it; the value is JSON, or else a string.
/// Throws InputError that names the nearest existing key.
void apply_override(nlohmann::json& config, std::string_view assignment);

/// One JSON object of a configuration, read key by key. It remembers which keys were asked for, so that
/// misspelt ones can be refused, and knows where it stands, so that every message names the file and the full
/// key.
class ConfigReader {
 public:
  /// \param value   must outlive the reader
  /// \param source  file name for messages
  /// \param path    key of this object within the file; empty for the whole
  ConfigReader(const nlohmann::json& value, std::string source, std::string path = {});

  bool has(const std::string& key) const;

  /// The value of a key that must be there and be a T, else InputError. Nothing is converted that would
  /// change: true is no number, and neither -1 nor 1.5 is an unsigned one.
  template <class T>
  T get(const std::string& key) const {
    const nlohmann::json& value = required(key);
    if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
      check_number(key, std::is_unsigned_v<T>);
    try {
      return value.get<T>();
    } catch (const nlohmann::json::exception&) {
      fail(key, "has the wrong type (" + std::string(value.type_name()) + ")");
    }
  }

  template <class T>
  T get_or(const std::string& key, T fallback) const {
    return has(key) ? get<T>(key) : fallback;
  }

  /// A finite number within [min, max].
  double number(const std::string& key, double min, double max) const;

  /// An integer within [min, max]; a floating-point number such as 1e6 is taken if it is whole.
  std::int64_t integer(const std::string& key, std::int64_t min, std::int64_t max) const;

  /// An object; a list of objects.
  ConfigReader object(const std::string& key) const;
  std::vector<ConfigReader> objects(const std::string& key) const;

  /// Which of \p names the key "kind" of this object, which is called as its last key, is. Throws InputError
  /// that names the nearest.
  std::size_t kind(const std::vector<std::string>& names) const;

  /// Throws InputError if the object has a key that was never asked for, naming the nearest one that was.
  void reject_unknown_keys() const;

  /// Throws InputError: "<source>: <path>.<key> <problem>".
  [[noreturn]] void fail(const std::string& key, const std::string& problem) const;

 private:
  const nlohmann::json& required(const std::string& key) const;
  void check_number(const std::string& key, bool is_unsigned) const;
  double within(const std::string& key, const nlohmann::json& min, const nlohmann::json& max) const;
  std::string full_key(const std::string& key) const;

  const nlohmann::json* value_;
  std::string source_;
  std::string path_;
  mutable std::set<std::string> known_;
};

}  // namespace tha4
