#include <bit>
#include <csetjmp>
#include <cstring>
#include <vector>

#include "picture_pixels.h"
#include <png.h>

namespace tha4 {
namespace {

// libpng leaves by longjmp where something is wrong. The functions that call it have nothing to destroy.

[[noreturn]] void stop(png_structp png, png_const_charp) {
  png_longjmp(png, 1);
}

void pass_over(png_structp, png_const_charp) {}

void take_bytes(png_structp png, png_bytep into, std::size_t count) {
  auto& rest = *static_cast<std::string_view*>(png_get_io_ptr(png));
  if (count > rest.size()) png_error(png, "cut off");
  std::memcpy(into, rest.data(), count);
  rest.remove_prefix(count);
}

/// Reads what stands before the pixels and asks for four channels. Whether that can be.
bool read_header(png_structp png, png_infop info) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_read_info(png, info);
  png_set_expand(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 0xffff, PNG_FILLER_AFTER);
  if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
  png_set_interlace_handling(png);
  return true;
}

bool read_rows(png_structp png, png_infop info, png_bytepp rows) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_read_update_info(png, info);
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  return true;
}

/// libpng's state, which goes with it.
class PngReader {
 public:
  explicit PngReader(std::string_view bytes)
      : rest_(bytes), png(png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, stop, pass_over)) {
    if (png == nullptr) throw std::bad_alloc();
    info = png_create_info_struct(png);
    png_set_read_fn(png, &rest_, take_bytes);
  }
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

 private:
  std::string_view rest_;

 public:
  png_structp png;
  png_infop info = nullptr;
};

}  // namespace

PicturePixels decode_png(const Picture& picture, const std::string& name) {
  PngReader reader(picture.bytes);
  if (reader.info == nullptr || !read_header(reader.png, reader.info)) fail_to_decode(name);
  const int color_type = png_get_color_type(reader.png, reader.info);
  const bool is_deep = png_get_bit_depth(reader.png, reader.info) == 16;
  PicturePixels pixels;
  pixels.is_grey = (color_type & PNG_COLOR_MASK_COLOR) == 0;
  pixels.has_alpha =
      (color_type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0;
  pixels.rgba.create(picture.height, picture.width, is_deep ? CV_16UC4 : CV_8UC4);
  std::vector<png_bytep> rows;
  for (int row = 0; row < picture.height; ++row) rows.push_back(pixels.rgba.ptr(row));
  if (!read_rows(reader.png, reader.info, rows.data())) fail_to_decode(name);
  return pixels;
}

}  // namespace tha4
