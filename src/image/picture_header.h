#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tha4 {

enum class PictureFormat { png, webp, jpeg };

/// Who states a picture's orientation; who comes later here has more weight.
enum class OrientationSource { none, xmp, text, exif };

/// A picture file, checked as far as that is possible without decoding it.
struct Picture {
  PictureFormat format = PictureFormat::png;
  int width = 0;
  int height = 0;
  /// How the picture is to be turned upright, as EXIF numbers it, from 1 (not at all) to 8, and who says so.
  int orientation = 1;
  OrientationSource orientation_source = OrientationSource::none;
  // What it says of its colours, in the order in which that counts.
  std::optional<std::array<std::uint8_t, 4>> cicp;  ///< of PNG: numbers of ITU-T H.273
  bool has_profile = false;
  std::string profile;  ///< ICC; empty where it is damaged
  bool is_marked_srgb = false;
  std::optional<std::uint32_t> gamma;                          ///< of PNG, in 1/100,000
  std::optional<std::array<std::uint32_t, 8>> chromaticities;  ///< the same; x, y of white, red, green, blue
  /// What is to be decoded. Of a PNG only the chunks that hold the picture: the decoder need not look at
  /// profiles and texts, which are a common source of warnings and may hide large compressed data.
  std::string bytes;
};

/// Recognises a PNG, WebP or JPEG file by its content and finds its size. Throws InputError that begins with
/// \p name if it is none of them, or damaged, cut off or too large.
Picture inspect_picture(std::string_view bytes, const std::string& name);

}  // namespace tha4
