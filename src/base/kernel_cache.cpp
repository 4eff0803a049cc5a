#include "tha4/base/kernel_cache.h"

#include <cstdlib>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/checksum.h"
#include "tha4/base/error.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// An environment variable; empty where it is not set.
std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// A file's contents: a line with sizes and a checksum, the key, the code.
std::string contents_of(const std::string& key, std::string_view code) {
  Checksum sum;
  sum.add(key.data(), key.size());
  sum.add(code.data(), code.size());
  std::string contents =
      fmt::format("kernels of tha4, format 1, {} {} {}\n", key.size(), code.size(), sum.text());
  contents += key;
  contents += code;
  return contents;
}

std::optional<std::vector<char>> kept_code(const fs::path& file, const std::string& key) {
  try {
    if (!fs::exists(file)) return std::nullopt;
    const std::string contents = read_text_file(file);
    const std::size_t line = contents.find('\n');
    if (line == std::string::npos || contents.size() - line - 1 < key.size()) return std::nullopt;
    const std::string_view code = std::string_view(contents).substr(line + 1 + key.size());
    if (contents != contents_of(key, code)) return std::nullopt;
    return std::vector<char>(code.begin(), code.end());
  } catch (const InputError&) {
    return std::nullopt;
  } catch (const fs::filesystem_error&) {
    return std::nullopt;
  }
}

}  // namespace

KernelCache KernelCache::of_user() {
  const std::string named = variable("THA4_KERNEL_CACHE");
  if (named == "off") return KernelCache({});
  if (!named.empty()) return KernelCache(named);
  const std::string caches = variable("XDG_CACHE_HOME"), home = variable("HOME");
  if (fs::path(caches).is_absolute()) return KernelCache(fs::path(caches) / "tha4" / "kernels");
  if (fs::path(home).is_absolute()) return KernelCache(fs::path(home) / ".cache" / "tha4" / "kernels");
  return KernelCache({});
}

fs::path KernelCache::file_of(const std::string& key) const {
  if (folder_.empty()) return {};
  Checksum sum;
  sum.add(key.data(), key.size());
  return folder_ / (sum.text() + ".kernels");
}

std::vector<char> KernelCache::code_of(const std::string& key,
                                       const std::function<std::vector<char>()>& compile) const {
  if (folder_.empty()) return compile();
  const fs::path file = file_of(key);
  if (auto code = kept_code(file, key)) return *std::move(code);
  std::vector<char> code = compile();
  try {
    write_text_file(file, contents_of(key, {code.data(), code.size()}));
  } catch (const std::exception& error) {
    spdlog::debug("compiled kernels are not kept: {}", error.what());
  }
  return code;
}

}  // namespace tha4
