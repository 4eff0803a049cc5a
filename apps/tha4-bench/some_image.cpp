#include "some_image.h"

#include <algorithm>
#include <cstdint>
#include <random>

#include "tha4/image/region.h"

namespace tha4::app {

RgbaImage some_image() {
  RgbaImage image(kImageSize, kImageSize);
  std::mt19937 generator(0);
  std::generate(image.pixels.begin(), image.pixels.end(),
                [&] { return static_cast<std::uint8_t>(generator()); });
  return image;
}

}  // namespace tha4::app
