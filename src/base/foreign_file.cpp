#include "tha4/base/foreign_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

using namespace std::literals;

struct Archive {
  std::string_view begin;
  const char* kind;
};

constexpr std::array kArchives = {Archive{"PK\x03\x04"sv, "zip"},
                                  Archive{"PK\x05\x06"sv, "zip"},
                                  Archive{"\x1f\x8b"sv, "gzip"},
                                  Archive{"7z\xbc\xaf\x27\x1c"sv, "7z"},
                                  Archive{"Rar!\x1a\x07"sv, "RAR"},
                                  Archive{"\xfd"
                                          "7zXZ\0"sv,
                                          "xz"}};

bool begins_as_web_page(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  const auto begins_with = [&](std::string_view text) {
    return bytes.size() >= text.size() &&
           std::equal(text.begin(), text.end(), bytes.begin(), [](char small, char given) {
             return small == (given >= 'A' && given <= 'Z' ? static_cast<char>(given - 'A' + 'a') : given);
           });
  };
  return begins_with("<!doctype html") || begins_with("<html");
}

}  // namespace

void refuse_foreign_file(std::string_view bytes, const std::string& name) {
  if (bytes.starts_with("version https://git-lfs.github.com/spec/")) {
    throw InputError(
        name +
        " is a pointer of Git LFS, not the file itself; run 'git lfs pull' where it was cloned, or "
        "download the file");
  }
  if (begins_as_web_page(bytes)) throw InputError(name + " is a web page; download the file itself");
  if (bytes.starts_with("PK") &&
      bytes.substr(0, 2000).find("[Content_Types].xml") != std::string_view::npos) {
    throw InputError(name + " is a spreadsheet or another document of an office program; save it as CSV");
  }
  for (const Archive& archive : kArchives) {
    if (!bytes.starts_with(archive.begin)) continue;
    throw InputError(name + " is an archive (" + archive.kind +
                     "), not the file itself; unpack it, and name what is in it");
  }
}

void refuse_file_for_folder(const std::filesystem::path& path, const std::string& wanted) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return;
  std::string begin(64, '\0');
  std::ifstream stream(path, std::ios::binary);
  stream.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  begin.resize(static_cast<std::size_t>(stream.gcount()));
  const bool is_weights = path.extension() == ".pt" || path.extension() == ".safetensors";
  if (!is_weights) refuse_foreign_file(begin, path.string());
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  throw InputError("'" + path.string() + "' is a file, not " + wanted +
                   (is_weights ? "; name the folder in which it lies, " + folder : ""));
}

}  // namespace tha4
