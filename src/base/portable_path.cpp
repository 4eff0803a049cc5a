#include "tha4/base/portable_path.h"

#include <algorithm>
#include <system_error>

namespace tha4 {

std::filesystem::path portable_path(const std::filesystem::path& folder, const std::string& text) {
  std::error_code ignored;
  const std::filesystem::path as_it_is = folder / text;
  if (text.find('\\') == std::string::npos || std::filesystem::exists(as_it_is, ignored)) return as_it_is;
  std::string slashes = text;
  std::replace(slashes.begin(), slashes.end(), '\\', '/');
  return folder / slashes;
}

}  // namespace tha4
