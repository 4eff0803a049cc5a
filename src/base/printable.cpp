#include "tha4/base/printable.h"

#include <algorithm>

namespace tha4 {

std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 127; }, '?');
  return text;
}

}  // namespace tha4
