#pragma once

#include <filesystem>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// A picture, and what an RgbaImage cannot tell about the file that it came from.
struct DecodedImage {
  RgbaImage image;
  bool has_alpha;  ///< the file has an alpha channel or transparent colours
};

/// read_image() that keeps this knowledge.
DecodedImage read_decoded_image(const std::filesystem::path& file);

}  // namespace tha4
