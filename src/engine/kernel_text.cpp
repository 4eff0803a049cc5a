#include "kernel_text.h"

#include <algorithm>

namespace tha4 {

std::string kernel_text(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (std::string_view part : parts) {
    while (!part.empty()) {
      const std::size_t length = std::min(part.find('\n'), part.size() - 1) + 1;
      const std::string_view line = part.substr(0, length);
      if (!line.starts_with("#include")) text += line;
      part.remove_prefix(length);
    }
    text += '\n';
  }
  return text;
}

}  // namespace tha4
