#pragma once

#include <string>
#include <string_view>

namespace tha4 {

enum class PictureFormat { png, webp, jpeg };

/// A picture file, checked as far as that is possible without decoding it.
struct Picture {
  PictureFormat format;
  int width;
  int height;
  /// What is to be decoded. Of a PNG only the chunks that hold the picture: the decoder need not look at
  /// profiles and texts, which are a common source of warnings and may hide large compressed data.
  std::string bytes;
};

/// Recognises a PNG, WebP or JPEG file by its content and finds its size. Throws InputError that begins with
/// \p name if it is none of them, or damaged, cut off or too large.
Picture inspect_picture(std::string_view bytes, const std::string& name);

}  // namespace tha4
