#include "color.h"

#include <algorithm>
#include <cmath>

namespace tha4::generator {
namespace {

constexpr float kVioletHue = 265;
constexpr float kYellowHue = 50;

/// \p hue turned by at most \p max degrees towards \p goal, the short way round.
float turned_towards(float hue, float goal, float max) {
  float way = std::fmod(goal - hue + 540.0F, 360.0F) - 180.0F;
  way = std::clamp(way, -max, max);
  return hue + way;
}

}  // namespace

Color from_hex(std::uint32_t rgb) {
  return {static_cast<float>(rgb >> 16 & 255U) / 255, static_cast<float>(rgb >> 8 & 255U) / 255,
          static_cast<float>(rgb & 255U) / 255, 1};
}

Color from_hsl(float hue, float saturation, float lightness) {
  const float turns = hue / 360 - std::floor(hue / 360);
  const auto channel = [&](float offset) {
    const float k = std::fmod(offset + turns * 12, 12.0F);
    const float range = saturation * std::min(lightness, 1 - lightness);
    return lightness - range * std::max(-1.0F, std::min({k - 3, 9 - k, 1.0F}));
  };
  return {channel(0), channel(8), channel(4), 1};
}

glm::vec3 to_hsl(const Color& color) {
  const float max = std::max({color.r, color.g, color.b});
  const float min = std::min({color.r, color.g, color.b});
  const float range = max - min;
  const float lightness = (max + min) / 2;
  if (range <= 0) return {0, 0, lightness};
  const float saturation = range / std::max(1e-6F, 1 - std::abs(2 * lightness - 1));
  float sixths = 0;
  if (max == color.r) {
    sixths = (color.g - color.b) / range;
  } else if (max == color.g) {
    sixths = (color.b - color.r) / range + 2;
  } else {
    sixths = (color.r - color.g) / range + 4;
  }
  return {sixths < 0 ? sixths * 60 + 360 : sixths * 60, std::min(saturation, 1.0F), lightness};
}

Color mix(const Color& first, const Color& second, float fraction) {
  const auto channel = [&](float x, float y) { return x + (y - x) * fraction; };
  return {channel(first.r, second.r), channel(first.g, second.g), channel(first.b, second.b),
          channel(first.a, second.a)};
}

Color with_alpha(const Color& color, float alpha) {
  return {color.r, color.g, color.b, alpha};
}

Color shade_of(const Color& color, float amount) {
  glm::vec3 hsl = to_hsl(color);
  const float hue = turned_towards(hsl.x, kVioletHue, 40 * amount);
  const float saturation = std::min(1.0F, hsl.y * (1 + 0.5F * amount));
  const Color shade = from_hsl(hue, saturation, hsl.z * (1 - amount));
  return with_alpha(shade, color.a);
}

Color light_of(const Color& color, float amount) {
  const glm::vec3 hsl = to_hsl(color);
  const Color light =
      from_hsl(turned_towards(hsl.x, kYellowHue, 20 * amount), hsl.y, hsl.z + (1 - hsl.z) * amount);
  return with_alpha(light, color.a);
}

Color line_color_of(const Color& fill) {
  const glm::vec3 hsl = to_hsl(fill);
  return from_hsl(turned_towards(hsl.x, kVioletHue, 15), std::min(1.0F, hsl.y * 0.7F + 0.1F),
                  0.12F + 0.22F * hsl.z);
}

}  // namespace tha4::generator
