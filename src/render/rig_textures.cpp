#include "rig_textures.h"

#include "tha4/base/error.h"
#include "tha4/image/srgb.h"

namespace tha4 {

GlTexture make_texture(const RgbaImage& image, bool repeats) {
  GLint largest = 0;
  glGetIntegerv(GL_MAX_TEXTURE_SIZE, &largest);
  if (image.width > largest || image.height > largest) {
    throw InputError("a texture of " + std::to_string(image.width) + "x" + std::to_string(image.height) +
                     " pixels is larger than this OpenGL driver takes (" + std::to_string(largest) +
                     " a side); scale it down");
  }
  const auto& linear = linear_levels();
  std::vector<float> pixels(image.pixels.size());
  for (std::size_t i = 0; i < pixels.size(); i += 4) {
    const float alpha = static_cast<float>(image.pixels[i + 3]) / 255;
    for (std::size_t c = 0; c < 3; ++c) pixels[i + c] = linear[image.pixels[i + c]] * alpha;
    pixels[i + 3] = alpha;
  }
  GlTexture texture;
  glBindTexture(GL_TEXTURE_2D, texture.name());
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA16F, image.width, image.height, 0, GL_RGBA, GL_FLOAT, pixels.data());
  glGenerateMipmap(GL_TEXTURE_2D);
  const GLint wrap = repeats ? GL_REPEAT : GL_CLAMP_TO_EDGE;
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, wrap);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, wrap);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  return texture;
}

}  // namespace tha4
