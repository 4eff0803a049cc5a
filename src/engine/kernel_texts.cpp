#include "tha4/engine/kernel_texts.h"

#include <algorithm>

#include "tensor_cores_text.h"
#include "weight_ring_text.h"

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

std::string_view tensor_core_text() {
  return texts::tensor_cores;
}

std::string_view weight_ring_text() {
  return texts::weight_ring;
}

}  // namespace tha4
