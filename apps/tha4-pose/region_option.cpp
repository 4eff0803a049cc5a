#include "region_option.h"

#include <array>
#include <charconv>
#include <string>

#include "tha4/base/error.h"

namespace tha4::app {

Region parse_region(std::string_view text) {
  std::array<int, 4> numbers{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto [rest, error] = std::from_chars(at, end, numbers[i]);
    const bool is_last = i + 1 == numbers.size();
    if (error != std::errc() || (is_last ? rest != end : rest == end || *rest != ',')) {
      throw InputError("--region " + std::string(text) +
                       " is not of the form X,Y,WIDTH,HEIGHT: four whole numbers of pixels, without blanks");
    }
    at = is_last ? rest : rest + 1;
  }
  return {.x = numbers[0], .y = numbers[1], .width = numbers[2], .height = numbers[3]};
}

}  // namespace tha4::app
