#pragma once

#include <string>

#include "picture_header.h"
#include <opencv2/core.hpp>

namespace tha4 {

/// What the decoder of a format makes of a picture.
struct PicturePixels {
  cv::Mat rgba;            ///< four channels R, G, B, A of 8 or 16 bits, as the file has them
  bool is_grey = false;    ///< of grey levels, which stand in R, G and B
  bool has_alpha = false;  ///< the file has an alpha channel or transparent colours
};

/// Decodes a checked picture. The libraries of the formats write nothing: what they have to say of damage
/// that can be passed over is one warning to spdlog's default logger. Throws InputError that begins with
/// \p name where pixels are missing or damaged.
PicturePixels decode_pixels(const Picture& picture, const std::string& name);

/// That of each format.
PicturePixels decode_png(const Picture& picture, const std::string& name);
PicturePixels decode_jpeg(const Picture& picture, const std::string& name);
PicturePixels decode_webp(const Picture& picture, const std::string& name);

/// Throws what decode_pixels() throws.
[[noreturn]] void fail_to_decode(const std::string& name);

}  // namespace tha4
