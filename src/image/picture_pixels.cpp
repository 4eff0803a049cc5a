#include "picture_pixels.h"

#include "tha4/base/error.h"

namespace tha4 {

PicturePixels decode_pixels(const Picture& picture, const std::string& name) {
  switch (picture.format) {
    case PictureFormat::png:
      return decode_png(picture, name);
    case PictureFormat::jpeg:
      return decode_jpeg(picture, name);
    case PictureFormat::webp:
      return decode_webp(picture, name);
  }
  fail_to_decode(name);
}

void fail_to_decode(const std::string& name) {
  throw InputError(
      name +
      " cannot be decoded: its pixels are damaged or not all there, or of a rare kind; copy it again, "
      "or export it as PNG");
}

}  // namespace tha4
