#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// Largest picture that is read: pixels of a side, and in all. Larger ones are refused by their header,
/// before memory is taken for them.
inline constexpr int kMaxImageSide = 16384;
inline constexpr std::int64_t kMaxImageArea = std::int64_t{64} << 20;

/// Reads a PNG, WebP or JPEG picture, told apart by content. Grey, palette, RGB and 16-bit pictures are
/// converted; what has no alpha channel becomes opaque, but for a colour that a PNG says is transparent. The
/// picture is turned upright as its EXIF data says, and its colours are converted to sRGB by its ICC profile
/// or PNG's chunks; a warning goes to spdlog's default logger where they cannot be, and where a JPEG has
/// damage that can be passed over. Throws InputError, naming the file, when it is missing, too large,
/// damaged, cut off or of another format.
RgbaImage read_image(const std::filesystem::path& file);

/// How decode_image() reads.
struct PictureReading {
  int largest_side = kMaxImageSide;  ///< wider or higher pictures are refused before memory is taken for them
  bool as_stored = false;            ///< neither turned upright nor converted to sRGB
};

/// The same for the content of a file; \p name stands for the file in messages.
RgbaImage decode_image(std::string_view bytes, const std::string& name, const PictureReading& reading = {});

/// Width and height of such a picture as its header says, without decoding it. Throws InputError as
/// decode_image() does for whatever can be seen without decoding.
std::pair<int, int> picture_size(std::string_view bytes, const std::string& name);

/// Writes \p image, atomically, in the format of the file's extension: .png, .webp (both lossless) or
/// .jpg/.jpeg (laid over white). Throws InputError for other extensions and for sizes that the format cannot
/// hold, Error when the file cannot be written.
void write_image(const std::filesystem::path& file, const RgbaImage& image);

/// Whether write_image() knows the extension of \p file, in small letters or in capitals.
bool is_picture_name(const std::filesystem::path& file);

/// The content of a PNG file, or of a lossless WebP file, of \p image. A WebP picture is at most kMaxWebpSide
/// pixels a side, else InputError.
std::string png_bytes(const RgbaImage& image);
std::string webp_bytes(const RgbaImage& image);
inline constexpr int kMaxWebpSide = 16383;

}  // namespace tha4
