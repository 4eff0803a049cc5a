#include "mouth_shape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>

#include <glm/common.hpp>

namespace tha4::generator {
namespace {

constexpr int kMouthPoints = 33;

float along_of(int i) {
  const float even = static_cast<float>(i) / (kMouthPoints - 1);
  return glm::mix(even, 0.5F - 0.5F * std::cos(even * std::numbers::pi_v<float>), 0.7F);
}

/// 1 in the middle, 0 at the corners; \p power 1: a triangle, 2: a parabola, more: flatter with round ends.
float bow(float along, float power) {
  return 1 - std::pow(std::abs(2 * along - 1), power);
}

/// The same, with ends as round as an ellipse's where \p roundness is 1.
float round_bow(float along, float power, float roundness) {
  return std::pow(std::max(0.0F, bow(along, power)), 1 - 0.5F * roundness);
}

/// An open mouth by its measures, in pixels about the centre.
struct Opening {
  float half_width;
  float corner;  ///< y of the corners
  float rise;    ///< of the upper edge's middle above the corners
  float upper_power;
  float fall;  ///< of the lower edge's middle below the corners
  float lower_power;
  float teeth;      ///< fraction of the opening that the upper teeth cover, at the middle
  float tongue;     ///< fraction of the opening that the tongue covers, at the middle
  float roundness;  ///< 0: pointed corners; 1: an ellipse
};

struct OpenMouth {
  const char* morph;
  Opening opening;
};

constexpr auto kOpenMouths = std::to_array<OpenMouth>({
    {"mouth_aaa", {11.5F, -1.5F, 2.2F, 2.2F, 13.5F, 2.3F, 0.17F, 0.4F, 0.35F}},
    {"mouth_iii", {13.5F, -1.8F, 0.9F, 2.4F, 5.8F, 2.8F, 0.8F, 0.0F, 0.2F}},
    {"mouth_uuu", {4.6F, 0.4F, 2.6F, 2.3F, 3.2F, 2, 0.0F, 0.0F, 1}},
    {"mouth_eee", {11.5F, -1.6F, 1.3F, 2.4F, 8.6F, 2.5F, 0.3F, 0.34F, 0.2F}},
    {"mouth_ooo", {6.6F, 1.5F, 5.6F, 2.2F, 7.4F, 2, 0.0F, 0.28F, 0.75F}},
    {"mouth_delta", {9.5F, 4.2F, 7.2F, 1.25F, 1.2F, 3.5F, 0.0F, 0.34F, 0}},
});

struct RestMouth {
  std::string_view name;
  std::optional<Opening> opening;  ///< none: closed, as the mouth's kind is
  /// Of an open mouth, how it closes: a picture does not say what it does not show, and whoever learns from
  /// pictures is not to guess.
  std::string_view closed_kind = {};
};

constexpr auto kRestMouthRows = std::to_array<RestMouth>({
    {"closed", std::nullopt},
    {"slightly_open", Opening{6.8F, 0, 0.7F, 2.2F, 2.7F, 2.2F, 0.0F, 0.3F, 0.5F}, "flat"},
    {"open_smile", Opening{10.8F, -2.2F, 0.3F, 2.2F, 7.6F, 2.2F, 0.22F, 0.4F, 0.15F}, "smile"},
    {"laugh", Opening{9, -2.4F, 0.5F, 2.4F, 12, 2.2F, 0.16F, 0.42F, 0.4F}, "smile"},
    {"shout", Opening{8.2F, 0.6F, 4.4F, 1.8F, 7.4F, 2.4F, 0.2F, 0.36F, 0.3F}, "flat"},
    {"teeth", Opening{11.2F, -2, 0.3F, 2.2F, 4.4F, 2.4F, 0.9F, 0.0F, 0.1F}, "smile"},
    {"small_o", Opening{4.2F, 0.4F, 2.1F, 2.2F, 3, 2, 0.0F, 0.25F, 1}, "small"},
});
constexpr Kinds<RestMouth> kRestMouths{"mouth at rest", kRestMouthRows};

/// One arc that sags by about \p sag.
float arc_line(float along, float sag) {
  return sag * (bow(along, 2) - 0.6F);
}

/// Two arcs beside each other.
float double_line(float along, float sag) {
  return sag * std::abs(std::sin(2 * std::numbers::pi_v<float> * along)) - 0.8F;
}

struct MouthKind {
  std::string_view name;
  float half_width = 9;
  float sag = 1.3F;
  float (*line)(float along, float sag) = arc_line;  ///< y of the closed lips
  float opening = 1;                                 ///< size of the open mouths
};

constexpr auto kMouthKindRows = std::to_array<MouthKind>({
    {.name = "flat", .sag = 0.3F},
    {.name = "smile", .half_width = 10, .sag = 2.6F},
    {.name = "cat", .sag = 1.9F, .line = double_line},
    {.name = "small", .half_width = 5.5F, .opening = 0.9F},
    {.name = "tiny", .half_width = 4, .sag = 0.3F, .opening = 0.68F},
});
constexpr Kinds<MouthKind> kMouthKinds{"kind of mouth", kMouthKindRows};

/// Fractions that are 1 in one corner and fall to 0 in the middle.
float left_fraction(float along) {
  return std::pow(std::max(0.0F, 2 * along - 1), 1.6F);
}
float right_fraction(float along) {
  return std::pow(std::max(0.0F, 1 - 2 * along), 1.6F);
}

constexpr auto kCornerMoves = std::to_array<CornerMove>({
    {"mouth_lowered_corner_left", [](float along) { return glm::vec2(-0.4F, 3.8F) * left_fraction(along); }},
    {"mouth_lowered_corner_right", [](float along) { return glm::vec2(0.4F, 3.8F) * right_fraction(along); }},
    {"mouth_raised_corner_left", [](float along) { return glm::vec2(0.9F, -3.6F) * left_fraction(along); }},
    {"mouth_raised_corner_right",
     [](float along) { return glm::vec2(-0.9F, -3.6F) * right_fraction(along); }},
    // One-sided: the left corner pulled out and up, the right one drawn in.
    {"mouth_smirk",
     [](float along) {
       return glm::vec2(2.6F, -4.2F) * std::pow(along, 2.2F) + glm::vec2(1.6F, 1.0F) * (1 - along);
     },
     /*moves_middle=*/true},
});

MouthForm formed(const Opening& opening, glm::vec2 center) {
  MouthForm form;
  for (int i = 0; i < kMouthPoints; ++i) {
    const float along = along_of(i);
    const glm::vec2 corner = center + glm::vec2(opening.half_width * (2 * along - 1), opening.corner);
    const float upper = corner.y - opening.rise * round_bow(along, opening.upper_power, opening.roundness);
    const float lower = corner.y + opening.fall * round_bow(along, opening.lower_power, opening.roundness);
    const float height = lower - upper;
    const float max = opening.rise + opening.fall;
    form.upper.emplace_back(corner.x, upper);
    form.lower.emplace_back(corner.x, lower);
    form.teeth.emplace_back(corner.x, std::min(lower, upper + std::min(opening.teeth * max, height)));
    // A rounded hill that rises from the bottom.
    const float hill = opening.tongue * max * (0.55F + 0.45F * bow(along, 2)) *
                       glm::smoothstep(0.02F, 0.3F, std::min(along, 1 - along));
    form.tongue.emplace_back(corner.x, std::max(upper, lower - std::min(hill, height)));
  }
  return form;
}

/// The kind of \p face's mouth where it is closed.
const MouthKind& closed_kind(const FaceDesign& face) {
  const RestMouth& pictured = kRestMouths.named(face.rest_mouth);
  return kMouthKinds.named(pictured.opening ? pictured.closed_kind : std::string_view(face.mouth_kind));
}

/// The width of closed mouths, and of those that pictures show, in fractions of the usual one.
float closed_width(const FaceDesign& face) {
  return std::clamp(face.mouth_width, 0.75F, 1.25F);
}

}  // namespace

KindNames mouth_kinds() {
  return kMouthKinds.names();
}
KindNames rest_mouths() {
  return kRestMouths.names();
}

float mouth_opening(const FaceDesign& face) {
  return closed_kind(face).opening;
}

MouthForm closed_mouth(const FaceDesign& face, glm::vec2 center) {
  const MouthKind& kind = closed_kind(face);
  const float half_width = kind.half_width * closed_width(face);
  MouthForm form;
  for (int i = 0; i < kMouthPoints; ++i) {
    const float along = along_of(i);
    form.upper.push_back(center + glm::vec2(half_width * (2 * along - 1), kind.line(along, kind.sag)));
  }
  form.lower = form.upper;
  form.teeth = form.upper;
  form.tongue = form.upper;
  return form;
}

std::optional<MouthForm> pictured_mouth(const FaceDesign& face, glm::vec2 center) {
  std::optional<Opening> opening = kRestMouths.named(face.rest_mouth).opening;
  if (!opening) return std::nullopt;
  opening->half_width *= closed_width(face);
  MouthForm form = formed(*opening, center);
  form.morph = "mouth_in_picture";
  return form;
}

std::vector<MouthForm> open_mouths(const FaceDesign& face, glm::vec2 center) {
  const float size = mouth_opening(face);
  const float width = size * std::clamp(face.mouth_width, 0.85F, 1.15F);
  std::vector<MouthForm> forms;
  for (const auto& [morph, usual] : kOpenMouths) {
    Opening opening = usual;
    opening.half_width *= width;
    for (float Opening::*height : {&Opening::corner, &Opening::rise, &Opening::fall}) opening.*height *= size;
    forms.push_back(formed(opening, center));
    forms.back().morph = morph;
  }
  return forms;
}

std::span<const CornerMove> corner_moves() {
  return kCornerMoves;
}

}  // namespace tha4::generator
