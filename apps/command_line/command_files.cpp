#include "command_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include <yaml-cpp/yaml.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/lower_case.h"
#include "tha4/base/portable_path.h"
#include "tha4/base/writable_folder.h"

namespace tha4::app {
namespace {

namespace fs = std::filesystem;

template <std::size_t N>
bool is_one_of(const std::string& text, const std::array<std::string_view, N>& texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// Of files that make up what a folder is.
constexpr std::array<std::string_view, 6> kParts = {".pt", ".safetensors", ".yaml", ".yml", ".tar", ".vrm"};
constexpr std::array<std::string_view, 2> kDescriptions = {".yaml", ".yml"};
constexpr std::array<std::string_view, 4> kPictures = {".png", ".webp", ".jpg", ".jpeg"};

void add_texts(const YAML::Node& node, std::vector<std::string>& texts) {
  if (node.IsScalar()) texts.push_back(node.Scalar());
  if (!node.IsMap() && !node.IsSequence()) return;
  for (const auto& item : node) add_texts(node.IsMap() ? item.second : item, texts);
}

/// The files that the texts in \p file name, a character_model.yaml or an official config.yaml: beside it, or
/// seen from the working directory.
std::vector<fs::path> files_named_in(const fs::path& file) {
  std::vector<std::string> texts;
  try {
    if (std::ifstream stream(file); stream) add_texts(YAML::Load(stream), texts);
  } catch (const YAML::Exception&) {
    return {};  // left to whoever reads it
  }
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const std::string& text : texts) {
    for (const fs::path& named : {portable_path(file.parent_path(), text), fs::path(text)}) {
      if (fs::is_regular_file(named, ignored)) files.push_back(named);
    }
  }
  return files;
}

bool is_same(const fs::path& a, const fs::path& b) {
  std::error_code ignored;  // of what is not there
  return fs::equivalent(a, b, ignored) ||
         fs::weakly_canonical(a, ignored) == fs::weakly_canonical(b, ignored);
}

/// The folder without a slash at its end.
fs::path folder_name(const fs::path& folder) {
  return folder.has_filename() ? folder : folder.parent_path();
}

/// Whether \p name is \p pattern, which may begin with a star.
bool fits(const std::string& name, const std::string& pattern) {
  return pattern.starts_with('*') ? name.ends_with(pattern.substr(1)) : name == pattern;
}

/// Whether \p path lies in \p folder or in a folder of it.
bool is_within(const fs::path& path, const fs::path& folder) {
  std::error_code ignored;  // of what is not there
  const fs::path whole = fs::weakly_canonical(folder_name(folder), ignored);
  const fs::path relative = fs::weakly_canonical(path, ignored).lexically_relative(whole);
  return !relative.empty() && relative != "." && *relative.begin() != "..";
}

}  // namespace

CommandFiles& CommandFiles::reads(const std::string& option, const fs::path& path, bool with_pictures) {
  std::error_code ignored;
  if (path.empty() || !fs::exists(path, ignored)) return *this;
  inputs_.push_back({option, path, fs::is_directory(path, ignored)});
  const bool is_folder = inputs_.back().is_folder;
  const fs::path described = is_folder ? path / "character_model.yaml" : path;
  if (is_one_of(lower_extension(described), kDescriptions)) {
    for (const fs::path& file : files_named_in(described)) inputs_.push_back({option, file});
  }
  if (lower_extension(path) == ".vrm") {
    inputs_.push_back({option, fs::path(path).replace_extension(".parameters.json")});
  }
  if (!is_folder) return *this;
  for (fs::directory_iterator item(path, ignored), end; !ignored && item != end; item.increment(ignored)) {
    const std::string name = item->path().filename().string();
    const std::string extension = lower_extension(item->path());
    const bool is_part = is_one_of(extension, kParts) || name == "dataset.json" ||
                         name.ends_with(".parameters.json") ||
                         (with_pictures && is_one_of(extension, kPictures));
    if (is_part) inputs_.push_back({option, item->path()});
  }
  return *this;
}

CommandFiles& CommandFiles::writes(const std::string& option, const fs::path& file) {
  if (!file.empty()) outputs_.push_back({option, file});
  return *this;
}

CommandFiles& CommandFiles::fills(const std::string& option, const fs::path& folder,
                                  std::vector<std::string> own) {
  if (!folder.empty()) outputs_.push_back({option, folder, true, true, std::move(own)});
  return *this;
}

CommandFiles& CommandFiles::goes_on_in(const std::string& option, const fs::path& folder,
                                       std::vector<std::string> own) {
  if (!folder.empty()) outputs_.push_back({option, folder, true, false, std::move(own)});
  return *this;
}

void CommandFiles::check_name(const Named& output) const {
  const std::string name = output.path.filename().string();
  if (name == "-") {
    throw InputError(output.option + " -: nothing is written to standard output; name a file or a folder");
  }
  // ".png" is a hidden file without an extension, which nobody means.
  constexpr std::array<std::string_view, 13> kExtensions = {".png",  ".webp",        ".jpg", ".jpeg", ".mp4",
                                                            ".json", ".html",        ".vrm", ".pt",   ".yaml",
                                                            ".csv",  ".safetensors", ".onnx"};
  if (is_one_of(lower_case(name), kExtensions)) {
    throw InputError(output.option + " " + output.path.string() +
                     " is an extension without a name before it; name the file, for example out" + name);
  }
}

void CommandFiles::check_is_no_input(const Named& output) const {
  for (const Named& input : inputs_) {
    if (!is_same(folder_name(output.path), folder_name(input.path))) continue;
    throw InputError(output.option + " " + output.path.string() + " is what " + input.option +
                     " reads and would be overwritten; name another " +
                     (output.is_folder ? "folder" : "file"));
  }
}

void CommandFiles::check_is_no_other(const Named& output) const {
  for (const Named& other : outputs_) {
    if (&other == &output) continue;
    if (&other < &output && is_same(folder_name(output.path), folder_name(other.path))) {
      throw InputError(output.option + " " + output.path.string() + " is also " + other.option +
                       ", and one would overwrite the other; name two files");
    }
    const std::string name = output.path.filename().string();
    const bool is_own = std::any_of(other.own.begin(), other.own.end(),
                                    [&](const std::string& pattern) { return fits(name, pattern); });
    if (is_own && is_within(output.path, other.path)) {
      throw InputError(output.option + " " + output.path.string() + " is called as a file of " +
                       other.option + " is, and one would overwrite the other; name another file");
    }
  }
}

void CommandFiles::check() const {
  for (const Named& output : outputs_) {
    check_name(output);
    check_is_no_input(output);
    check_is_no_other(output);
  }
  for (const Named& output : outputs_) {
    std::error_code ignored;
    if (output.must_be_empty && fs::is_directory(output.path, ignored) &&
        !fs::is_empty(output.path, ignored)) {
      throw InputError(output.option + " " + output.path.string() +
                       " is a folder that is not empty; empty it, or name another one");
    }
    output.is_folder ? check_folder_writable(output.path, output.path) : check_writable(output.path);
  }
}

}  // namespace tha4::app
