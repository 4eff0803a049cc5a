#include <array>
#include <csetjmp>
#include <cstdio>

#include "picture_pixels.h"
#include <jpeglib.h>
#include <spdlog/spdlog.h>

namespace tha4 {
namespace {

// libjpeg leaves by longjmp where something is wrong. The functions that call it have nothing to destroy.

/// What libjpeg has to say.
struct JpegMessages {
  jpeg_error_mgr manager;  // first: libjpeg's pointer to it is one to the whole
  std::jmp_buf out;
  std::array<char, JMSG_LENGTH_MAX> first_warning;
};

JpegMessages& messages_of(j_common_ptr jpeg) {
  return *reinterpret_cast<JpegMessages*>(jpeg->err);
}

[[noreturn]] void stop(j_common_ptr jpeg) {
  std::longjmp(messages_of(jpeg).out, 1);
}

void take_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;  // of no weight
  if (jpeg->err->num_warnings++ == 0) jpeg->err->format_message(jpeg, messages_of(jpeg).first_warning.data());
}

void write_nothing(j_common_ptr) {}

bool read_header(jpeg_decompress_struct& jpeg, const std::string& bytes) {
  if (setjmp(messages_of(reinterpret_cast<j_common_ptr>(&jpeg)).out) != 0) return false;
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&jpeg, TRUE);
  const bool has_inks = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
  jpeg.out_color_space = has_inks ? JCS_CMYK : JCS_EXT_RGBA;
  return true;
}

bool read_rows(jpeg_decompress_struct& jpeg, cv::Mat& pixels) {
  if (setjmp(messages_of(reinterpret_cast<j_common_ptr>(&jpeg)).out) != 0) return false;
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = pixels.data + jpeg.output_scanline * pixels.step[0];
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

/// Of cyan, magenta, yellow and black, which files of Adobe's programs hold the other way round.
void light_of_inks(cv::Mat& pixels, bool is_inverted) {
  for (int row = 0; row < pixels.rows; ++row) {
    std::uint8_t* const line = pixels.ptr(row);
    for (int i = 0; i < 4 * pixels.cols; i += 4) {
      const auto light = [&](int c) { return is_inverted ? line[i + c] : 255 - line[i + c]; };
      const int not_black = light(3);
      for (int c = 0; c < 3; ++c) line[i + c] = static_cast<std::uint8_t>(light(c) * not_black / 255);
      line[i + 3] = 255;
    }
  }
}

/// libjpeg's state, which goes with it.
struct JpegReader {
  JpegReader() {
    jpeg.err = jpeg_std_error(&messages.manager);
    messages.manager.error_exit = stop;
    messages.manager.emit_message = take_message;
    messages.manager.output_message = write_nothing;
  }
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  JpegMessages messages{};
  jpeg_decompress_struct jpeg{};
};

}  // namespace

PicturePixels decode_jpeg(const Picture& picture, const std::string& name) {
  JpegReader reader;
  if (!read_header(reader.jpeg, picture.bytes) ||
      reader.jpeg.image_width != static_cast<JDIMENSION>(picture.width) ||
      reader.jpeg.image_height != static_cast<JDIMENSION>(picture.height)) {
    fail_to_decode(name);
  }
  PicturePixels pixels;
  pixels.is_grey = reader.jpeg.jpeg_color_space == JCS_GRAYSCALE;
  pixels.rgba.create(picture.height, picture.width, CV_8UC4);
  if (!read_rows(reader.jpeg, pixels.rgba)) fail_to_decode(name);
  if (reader.jpeg.out_color_space == JCS_CMYK) {
    light_of_inks(pixels.rgba, reader.jpeg.saw_Adobe_marker == TRUE);
  }
  if (reader.messages.manager.num_warnings > 0) {
    spdlog::warn("{} is damaged ({}); export it again if it looks wrong", name,
                 reader.messages.first_warning.data());
  }
  return pixels;
}

}  // namespace tha4
