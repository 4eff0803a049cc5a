#include "tha4/image/region.h"

#include <string>

#include "tha4/base/error.h"

namespace tha4 {

void check_region(const Region& region, int width, int height) {
  const bool inside = region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0 &&
                      region.width <= width && region.height <= height && region.x <= width - region.width &&
                      region.y <= height - region.height;
  if (inside) return;
  throw InputError("the region " + std::to_string(region.x) + "," + std::to_string(region.y) + "," +
                   std::to_string(region.width) + "," + std::to_string(region.height) +
                   " (x,y,width,height) is not a part of the " + std::to_string(width) + "x" +
                   std::to_string(height) + " image; x + width and y + height must not exceed its size");
}

}  // namespace tha4
