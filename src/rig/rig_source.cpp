#include "tha4/rig/rig_source.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string_view>

#include <spdlog/fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "tha4/base/error.h"
#include "tha4/base/lower_case.h"
#include "tha4/base/printable.h"
#include "tha4/pose/pose.h"
#include "tha4/rig/generator.h"
#include "tha4/rig/vrm.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

bool is_procedural(const std::string& name) {
  return name.starts_with(kGeneratedRig);
}

bool is_vrm(const std::string& name) {
  return lower_extension(name) == ".vrm";
}

std::uint64_t seed_of(const std::string& name) {
  std::uint64_t seed = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + kGeneratedRig.size(), end, seed);
  if (error != std::errc() || rest != end) {
    throw InputError("'" + name +
                     "' is not a generated character: write procedural:SEED, for example procedural:7");
  }
  return seed;
}

/// The names, both sides of a group by that of the group.
std::string list_of(const std::vector<std::string>& parameters) {
  std::map<std::string, std::size_t> sizes;
  for (const PoseParameter& parameter : pose_parameters()) ++sizes[std::string(parameter.group)];
  std::map<std::string, std::size_t> listed;
  const auto group_of = [](const std::string& name) {
    return std::string(pose_parameters()[static_cast<std::size_t>(pose_parameter_index(name))].group);
  };
  for (const std::string& name : parameters) ++listed[group_of(name)];
  std::vector<std::string> names;
  for (const std::string& name : parameters) {
    const std::string group = group_of(name);
    names.push_back(listed[group] == sizes[group] ? group : name);
  }
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

/// What a file says, to be shown in a line: any text may be in it.
std::string shown(std::string text, const char* if_empty) {
  constexpr std::size_t kLongest = 120;
  std::erase_if(text, [](char c) { return (c >= 0 && c < ' ') || c == 127; });
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text.empty() ? if_empty : text;
}

/// What the file says of itself.
void log_origin(const std::string& file, const VrmReport& report) {
  spdlog::info("{}: VRM {} '{}' by {}, licence {}", file, report.version, shown(report.name, ""),
               shown(fmt::format("{}", fmt::join(report.authors, ", ")), "nobody named"),
               shown(report.license, "not stated"));
}

void log_report(const std::string& file, const fs::path& table, bool has_table, const VrmReport& report) {
  log_origin(file, report);
  if (has_table && report.uses_parameter_table) {
    spdlog::info("{}: what moves its parameters is also read from {}", file, table.filename().string());
  } else if (has_table) {
    spdlog::info(
        "{}: {} is not used: the avatar was exported by this project and says itself what moves its "
        "parameters",
        file, table.filename().string());
  }
  for (const auto& [parameter, source] : report.sources) {
    spdlog::debug("{}: {}: {}", file, parameter, printable(source));
  }
  for (const std::string& note : report.notes) spdlog::info("{}: {}", file, printable(note));
  if (report.missing_parameters.empty()) return;
  const std::string remedy = report.uses_parameter_table
                                 ? "; which of its morphs do can be said in " + table.filename().string()
                                 : "";
  spdlog::info("{}: nothing in this avatar moves {} of the {} pose parameters: {}{}", file,
               report.missing_parameters.size(), kPoseSize, list_of(report.missing_parameters), remedy);
}

/// Avatars that are drawn in turns are read again and again; once is enough to speak of each.
bool is_news(const std::string& file) {
  static std::mutex mutex;
  static std::set<std::string> known;
  const std::lock_guard<std::mutex> lock(mutex);
  return known.insert(file).second;
}

Rig open_vrm(const std::string& file) {
  const fs::path table = vrm_parameter_file(file);
  const bool has_table = fs::exists(table);
  VrmImport import = import_vrm(file, has_table ? table : fs::path());
  if (is_news(file)) log_report(file, table, has_table, import.report);
  return std::move(import.rig);
}

}  // namespace

std::filesystem::path vrm_parameter_file(const std::filesystem::path& avatar) {
  fs::path table = avatar;
  return table.replace_extension(".parameters.json");
}

bool names_rig(const std::string& name) {
  return is_procedural(name) || is_vrm(name);
}

Rig open_rig(const std::string& name) {
  if (is_procedural(name)) return generate_rig(seed_of(name));
  if (is_vrm(name)) return open_vrm(name);
  throw InputError("'" + name + "' is not a rig: give procedural:SEED or a .vrm file");
}

}  // namespace tha4
