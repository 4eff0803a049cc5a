#include "tha4/base/portable_path.h"

#include <algorithm>
#include <cctype>
#include <system_error>

#include "tha4/base/error.h"
#include "tha4/base/printable.h"

namespace tha4 {

std::filesystem::path portable_path(const std::filesystem::path& folder, const std::string& text) {
  std::error_code ignored;
  const std::filesystem::path as_it_is = folder / text;
  const bool has_drive = text.size() > 2 && std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
                         text[1] == ':' && (text[2] == '\\' || text[2] == '/');
  const bool is_foreign = has_drive || text.find('\\') != std::string::npos;
  if (!is_foreign || std::filesystem::exists(as_it_is, ignored)) return as_it_is;
  if (has_drive) {
    throw InputError(
        "'" + printable(text) +
        "' is a path of another machine, with a drive of Windows; name the file as it is seen from "
        "the folder of the file that names it");
  }
  std::string slashes = text;
  std::replace(slashes.begin(), slashes.end(), '\\', '/');
  return folder / slashes;
}

}  // namespace tha4
