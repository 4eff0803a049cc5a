#pragma once

#include <cstdint>

#include <glm/vec3.hpp>

namespace tha4::generator {

/// A colour in sRGB, straight alpha, each from 0 to 1.
struct Color {
  float r = 0;
  float g = 0;
  float b = 0;
  float a = 1;
};

/// 0xRRGGBB.
Color from_hex(std::uint32_t rgb);

/// \p hue in degrees (any), \p saturation and \p lightness from 0 to 1.
Color from_hsl(float hue, float saturation, float lightness);

/// Hue in degrees, saturation, lightness.
glm::vec3 to_hsl(const Color& color);

/// \p fraction of \p second, the rest of \p first.
Color mix(const Color& first, const Color& second, float fraction);

Color with_alpha(const Color& color, float alpha);

/// The colour of the same thing in the shade: darker by the fraction \p amount, more saturated, and turned a
/// little towards violet, as drawn shadows are.
Color shade_of(const Color& color, float amount);

/// The colour in the light: towards white by the fraction \p amount, its hue turned a little towards yellow.
Color light_of(const Color& color, float amount);

/// The colour of the line around a thing of colour \p fill: dark, but of its hue.
Color line_color_of(const Color& fill);

}  // namespace tha4::generator
