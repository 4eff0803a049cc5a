#include "command_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <string_view>
#include <system_error>

#include <unistd.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"

namespace tha4::app {
namespace {

namespace fs = std::filesystem;

std::string small_extension(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

template <std::size_t N>
bool is_one_of(const std::string& text, const std::array<std::string_view, N>& texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// Of files that make up what a folder is.
constexpr std::array<std::string_view, 6> kParts = {".pt", ".safetensors", ".yaml", ".yml", ".tar", ".vrm"};
constexpr std::array<std::string_view, 4> kPictures = {".png", ".webp", ".jpg", ".jpeg"};

/// What the lines of a character_model.yaml name, beside it.
std::vector<fs::path> files_named_in(const fs::path& model) {
  std::vector<fs::path> files;
  std::ifstream stream(model);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    const std::size_t end = line.find_last_not_of(" \r\t'\"");
    const std::size_t begin = line.find_first_not_of(" \t'\"", colon + 1);
    if (begin != std::string::npos && begin <= end) {
      files.push_back(model.parent_path() / line.substr(begin, end - begin + 1));
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

/// The nearest folder above \p path that is there.
fs::path existing_folder_above(const fs::path& path) {
  std::error_code ignored;
  fs::path above = fs::absolute(path).lexically_normal();
  do {
    above = folder_name(above).parent_path();
  } while (!fs::exists(above, ignored) && above.has_relative_path());
  return above;
}

void check_can_be_written(const fs::path& path, bool is_folder) {
  if (!is_folder && path.has_filename() && fs::exists(path.has_parent_path() ? path.parent_path() : ".")) {
    return check_writable(path);
  }
  const fs::path above = is_folder && fs::is_directory(path) ? path : existing_folder_above(path);
  if (!fs::is_directory(above)) {
    throw Error("cannot write " + path.string() + ": " + above.string() + " is a file, not a folder");
  }
  if (::access(above.c_str(), W_OK | X_OK) != 0) {
    throw Error("cannot write " + path.string() + ": is the folder read-only?");
  }
}

}  // namespace

CommandFiles& CommandFiles::reads(const std::string& option, const fs::path& path, bool with_pictures) {
  std::error_code ignored;
  if (path.empty() || !fs::exists(path, ignored)) return *this;
  inputs_.push_back({option, path, fs::is_directory(path, ignored)});
  const fs::path folder = inputs_.back().is_folder ? path : fs::path();
  const fs::path model = inputs_.back().is_folder ? path / "character_model.yaml" : path;
  if (model.filename() == "character_model.yaml") {
    for (const fs::path& file : files_named_in(model)) inputs_.push_back({option, file, false});
  }
  if (small_extension(path) == ".vrm") {
    inputs_.push_back({option, fs::path(path).replace_extension(".parameters.json"), false});
  }
  if (folder.empty()) return *this;
  for (fs::directory_iterator item(folder, ignored), end; !ignored && item != end; item.increment(ignored)) {
    const std::string extension = small_extension(item->path());
    const bool is_part = is_one_of(extension, kParts) || item->path().filename() == "dataset.json" ||
                         (with_pictures && is_one_of(extension, kPictures));
    if (is_part) inputs_.push_back({option, item->path(), false});
  }
  return *this;
}

CommandFiles& CommandFiles::writes(const std::string& option, const fs::path& file) {
  if (!file.empty()) outputs_.push_back({option, file, false});
  return *this;
}

CommandFiles& CommandFiles::fills(const std::string& option, const fs::path& folder) {
  if (!folder.empty()) outputs_.push_back({option, folder, true});
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
  std::string small = name;
  std::transform(small.begin(), small.end(), small.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (is_one_of(small, kExtensions)) {
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

void CommandFiles::check() const {
  for (const Named& output : outputs_) {
    check_name(output);
    check_is_no_input(output);
    for (const Named& other : outputs_) {
      if (&other == &output) break;
      if (!is_same(folder_name(output.path), folder_name(other.path))) continue;
      throw InputError(output.option + " " + output.path.string() + " is also " + other.option +
                       ", and one would overwrite the other; name two files");
    }
  }
  for (const Named& output : outputs_) {
    std::error_code ignored;
    if (output.is_folder && fs::is_directory(output.path) && !fs::is_empty(output.path, ignored)) {
      throw InputError(output.option + " " + output.path.string() +
                       " is a folder that is not empty; empty it, or name another one");
    }
    check_can_be_written(output.path, output.is_folder);
  }
}

}  // namespace tha4::app
