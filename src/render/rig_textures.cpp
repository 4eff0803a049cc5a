#include "rig_textures.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "tha4/base/error.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

/// The bits of \p value in [0, 1] as a half-precision number, rounded towards zero.
std::uint16_t half_precision(float value) {
  constexpr float kMinNormal = 0x1p-14F;
  constexpr float kSubnormalSteps = 0x1p24F;
  if (value < kMinNormal) return static_cast<std::uint16_t>(value * kSubnormalSteps);
  constexpr unsigned kFewerMantissaBits = 23 - 10;
  constexpr std::uint32_t kExponentShift = (127U - 15U) << 10U;
  return static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(value) >> kFewerMantissaBits) -
                                    kExponentShift);
}

}  // namespace

// Mesa makes the same of floats, but takes longer; so all drivers have the same texels.
TextureLight to_texture_light(const RgbaImage& image) {
  const auto& linear = linear_levels();
  std::array<std::uint16_t, 256> opaque{};
  std::transform(linear.begin(), linear.end(), opaque.begin(), half_precision);
  std::vector<std::uint16_t> light(image.pixels.size());
  for (std::size_t i = 0; i < light.size(); i += 4) {
    const std::uint8_t level = image.pixels[i + 3];
    if (level == 0) continue;  // stays 0
    const float alpha = static_cast<float>(level) / 255;
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint8_t value = image.pixels[i + c];
      light[i + c] = level == 255 ? opaque[value] : half_precision(linear[value] * alpha);
    }
    light[i + 3] = half_precision(alpha);
  }
  return {image.width, image.height, std::move(light)};
}

std::vector<TextureLight> texture_lights(const Rig& rig) {
  std::vector<TextureLight> lights;
  for (const RgbaImage& texture : rig.textures) lights.push_back(to_texture_light(texture));
  return lights;
}

GlTexture make_texture(const TextureLight& light) {
  GLint largest = 0;
  glGetIntegerv(GL_MAX_TEXTURE_SIZE, &largest);
  if (light.width > largest || light.height > largest) {
    throw InputError("a texture of " + std::to_string(light.width) + "x" + std::to_string(light.height) +
                     " pixels is larger than this OpenGL driver takes (" + std::to_string(largest) +
                     " a side); scale it down");
  }
  GlTexture texture;
  glBindTexture(GL_TEXTURE_2D, texture.name());
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA16F, light.width, light.height, 0, GL_RGBA, GL_HALF_FLOAT,
               light.pixels.data());
  glGenerateMipmap(GL_TEXTURE_2D);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_LINEAR);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  return texture;
}

}  // namespace tha4
