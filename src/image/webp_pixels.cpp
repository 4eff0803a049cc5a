#include "picture_pixels.h"
#include <webp/decode.h>

namespace tha4 {

PicturePixels decode_webp(const Picture& picture, const std::string& name) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(picture.bytes.data());
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(bytes, picture.bytes.size(), &features) != VP8_STATUS_OK ||
      features.width != picture.width || features.height != picture.height) {
    fail_to_decode(name);
  }
  PicturePixels pixels;
  pixels.has_alpha = features.has_alpha != 0;
  pixels.rgba.create(picture.height, picture.width, CV_8UC4);
  const std::size_t size = pixels.rgba.total() * pixels.rgba.elemSize();
  if (WebPDecodeRGBAInto(bytes, picture.bytes.size(), pixels.rgba.data, size,
                         static_cast<int>(pixels.rgba.step[0])) == nullptr) {
    fail_to_decode(name);
  }
  return pixels;
}

}  // namespace tha4
