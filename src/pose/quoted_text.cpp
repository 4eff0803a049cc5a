#include "quoted_text.h"

#include <algorithm>

namespace tha4 {

std::string quoted_text(std::string_view text) {
  constexpr std::size_t kMaxShown = 60;
  std::string shown(text.substr(0, kMaxShown));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return "'" + shown + (text.size() > kMaxShown ? "..." : "") + "'";
}

std::string did_you_mean(std::string_view name) {
  return "; did you mean '" + std::string(name) + "'?";
}

}  // namespace tha4
