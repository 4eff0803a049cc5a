#include "eye_shape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include <glm/common.hpp>
#include <glm/geometric.hpp>

namespace tha4::generator {
namespace {

constexpr std::array<LidState, 6> kLidStates = {LidState::wink,        LidState::happy_wink,
                                                LidState::surprised,   LidState::relaxed,
                                                LidState::unimpressed, LidState::raised_lower_eyelid};
constexpr int kLidPoints = 37;
constexpr float kClosedTilt = 0.4F;
constexpr int kWingPoints = 13;
/// The lash leaves the lid at this point, and runs on to its end beyond the corner.
constexpr int kWingRoot = 25;

struct EyeShapeKind {
  std::string_view name;
  EyeShape shape;
};

constexpr auto kEyeShapeRows = std::to_array<EyeShapeKind>({
    {"round",
     {.width = 37.8F,
      .rise = 18.2F,
      .fall = 16,
      .inner_level = 0.5F,
      .outer_level = -1,
      .upper_power = 3.2F,
      .lower_power = 3.4F,
      .peak = 1,
      .wing_length = 6,
      .wing_degrees = -14}},
    {"almond",
     {.width = 38.5F,
      .rise = 16.5F,
      .fall = 13.5F,
      .inner_level = 2,
      .outer_level = -2,
      .upper_power = 2.9F,
      .lower_power = 3.1F,
      .peak = 1.1F,
      .wing_length = 6.5F,
      .wing_degrees = -20}},
    {"droopy",
     {.width = 38,
      .rise = 18.5F,
      .fall = 15,
      .inner_level = -1.5F,
      .outer_level = 3,
      .upper_power = 3.1F,
      .lower_power = 3.2F,
      .peak = 0.92F,
      .wing_length = 6,
      .wing_degrees = 10}},
    {"upturned",
     {.width = 39,
      .rise = 16.5F,
      .fall = 15,
      .inner_level = 3,
      .outer_level = -4,
      .upper_power = 2.8F,
      .lower_power = 3,
      .peak = 1.15F,
      .wing_length = 7.5F,
      .wing_degrees = -34}},
    {"wide",
     {.width = 39,
      .rise = 19.5F,
      .fall = 17,
      .inner_level = 0.5F,
      .outer_level = -0.5F,
      .upper_power = 3.3F,
      .lower_power = 3.5F,
      .peak = 1,
      .wing_length = 5.5F,
      .wing_degrees = -12}},
    {"half_lidded",
     {.width = 39,
      .rise = 14,
      .fall = 15.5F,
      .inner_level = -1,
      .outer_level = -0.5F,
      .upper_power = 3.8F,
      .lower_power = 3.2F,
      .peak = 0.98F,
      .wing_length = 6,
      .wing_degrees = -4}},
    {"narrow",
     {.width = 40,
      .rise = 12.5F,
      .fall = 11,
      .inner_level = 2,
      .outer_level = -1.5F,
      .upper_power = 2.8F,
      .lower_power = 2.9F,
      .peak = 1.1F,
      .wing_length = 7,
      .wing_degrees = -18}},
});
constexpr Kinds<EyeShapeKind> kEyeShapes{"eye shape", kEyeShapeRows};

constexpr auto kLidKindRows = std::to_array<LidKind>({
    {.name = "drawn"},
    // As avatars have them: a lash and nothing else, which becomes a level line in the middle of the eye, as
    // thick and dark as it was.
    {.name = "plain",
     .closed_level = -0.12F,
     .closed_sag = 0.12F,
     .closed_lash = 1,
     .highlight_travel = 1,
     .has_fold = false,
     .has_lower_line = false},
    {.name = "folded", .has_lower_line = false},
});
constexpr Kinds<LidKind> kLidKinds{"kind of lids", kLidKindRows};

/// 0 at the corners, 1 at \p peak's place between them.
float arc(float along, float power, float peak) {
  const float skewed = std::pow(along, peak);
  return 1 - std::pow(std::abs(2 * skewed - 1), power);
}

/// The upper lid's arc: rounder towards the nose, drawn out towards the temple.
float upper_arc(const EyeShape& shape, float along) {
  const float power = shape.upper_power - 0.75F * glm::smoothstep(0.4F, 0.7F, std::pow(along, shape.peak));
  return arc(along, power, shape.peak);
}

Lids lids_at_rest(const EyeShape& shape) {
  Lids result;
  for (int i = 0; i < kLidPoints; ++i) {
    const float even = static_cast<float>(i) / (kLidPoints - 1);
    // Denser towards the steep ends.
    const float along = glm::mix(even, 0.5F - 0.5F * std::cos(even * std::numbers::pi_v<float>), 0.6F);
    const float x = shape.center.x + shape.width * (along - 0.5F);
    const float corner = shape.center.y + glm::mix(shape.inner_level, shape.outer_level, along);
    result.upper.emplace_back(x, corner - shape.rise * upper_arc(shape, along));
    result.lower.emplace_back(x, corner + shape.fall * arc(along, shape.lower_power, 1));
  }
  return result;
}

float along_of(const EyeShape& shape, glm::vec2 point) {
  return std::clamp((point.x - shape.center.x) / shape.width + 0.5F, 0.0F, 1.0F);
}

/// Both lids on one line: at \p level below the corners, with a sag (positive) or an arch in its middle.
void close(const EyeShape& shape, float level, float sag, float power, Lids& result) {
  for (std::size_t i = 0; i < result.upper.size(); ++i) {
    const float along = along_of(shape, result.upper[i]);
    // A closed eye is more level than an open one.
    const float tilt = kClosedTilt * (shape.outer_level - shape.inner_level) * (along - 0.5F);
    const float corner = shape.center.y + (shape.inner_level + shape.outer_level) / 2 + tilt;
    result.upper[i].y = corner + level + sag * arc(along, power, 1);
    result.lower[i].y = result.upper[i].y;
  }
}

/// The most that a state takes of the rest's opening anywhere.
float closing_amount(const Lids& at_rest, const Lids& state) {
  float max = 0;
  for (std::size_t i = 1; i + 1 < at_rest.upper.size(); ++i) {
    const float before = at_rest.lower[i].y - at_rest.upper[i].y;
    const float after = state.lower[i].y - state.upper[i].y;
    max = std::max(max, 1 - after / before);
  }
  return max;
}

}  // namespace

std::span<const LidState> lid_states() {
  return kLidStates;
}

std::string lid_morph(LidState state, Side side) {
  switch (state) {
    case LidState::wink:
      return named("eye_wink", side);
    case LidState::happy_wink:
      return named("eye_happy_wink", side);
    case LidState::surprised:
      return named("eye_surprised", side);
    case LidState::relaxed:
      return named("eye_relaxed", side);
    case LidState::unimpressed:
      return named("eye_unimpressed", side);
    case LidState::raised_lower_eyelid:
      return named("eye_raised_lower_eyelid", side);
    case LidState::rest:
      break;
  }
  return "";
}

KindNames eye_shapes() {
  return kEyeShapes.names();
}
const Kinds<LidKind>& lid_kinds() {
  return kLidKinds;
}

EyeShape eye_shape(const FaceDesign& face) {
  EyeShape shape = kEyeShapes.named(face.eye_shape).shape;
  shape.center += glm::vec2(face.eye_spacing, face.eye_level);
  shape.width = std::clamp(shape.width * face.eye_width, 27.0F, 42.0F);
  shape.rise *= face.eye_height;
  shape.fall *= face.eye_height;
  shape.inner_level += 1.5F * face.eye_tilt;
  shape.outer_level -= 2 * face.eye_tilt;
  shape.wing_degrees -= 10 * face.eye_tilt;
  shape.wing_length *= face.lash_length;
  const LidKind& kind = kLidKinds.named(face.lid_kind);
  shape.closed_level = kind.closed_level;
  shape.closed_sag = kind.closed_sag;
  return shape;
}

Lids lids(const EyeShape& shape, LidState state) {
  const Lids at_rest = lids_at_rest(shape);
  Lids result = at_rest;
  if (state == LidState::wink) {
    close(shape, shape.closed_level * shape.fall, shape.closed_sag * shape.fall + 1.5F, 1.9F, result);
  }
  if (state == LidState::happy_wink) close(shape, 0.5F * shape.fall, -0.85F * shape.fall - 2.5F, 2, result);
  for (std::size_t i = 0; i < result.upper.size(); ++i) {
    const float along = along_of(shape, result.upper[i]);
    float& upper = result.upper[i].y;
    float& lower = result.lower[i].y;
    const float gap = lower - upper;
    const float swell = arc(along, 2, 1);
    switch (state) {
      case LidState::surprised:
        upper -= (1.5F + 0.1F * shape.rise) * swell;
        lower += (0.8F + 0.05F * shape.fall) * swell;
        break;
      case LidState::relaxed:
        upper += gap * (0.4F - 0.06F * (1 - along));
        break;
      case LidState::unimpressed: {
        const float corner = shape.center.y + glm::mix(shape.inner_level, shape.outer_level, along);
        const float line = corner - shape.rise * glm::mix(0.36F, 0.3F, along);
        upper = std::max(upper, line);
        lower -= 0.08F * gap;
        break;
      }
      case LidState::raised_lower_eyelid:
        lower -= gap * (0.22F + 0.2F * swell);
        break;
      case LidState::rest:
      case LidState::wink:
      case LidState::happy_wink:
        break;
    }
  }
  return result;
}

Points lash_spine(const EyeShape& shape, LidState state) {
  const Points upper = lids(shape, state).upper;
  Points spine(upper.begin(), upper.begin() + kWingRoot);
  float degrees = shape.wing_degrees;
  if (state == LidState::wink) degrees = 4;
  if (state == LidState::happy_wink) degrees = 38;
  const float turn = glm::radians(degrees);
  const glm::vec2 tip = upper.back() + shape.wing_length * glm::vec2(std::cos(turn), std::sin(turn));
  const glm::vec2 root = upper[kWingRoot];
  const glm::vec2 way = glm::normalize(root - upper[kWingRoot - 1]);
  const float reach = glm::length(tip - root);
  const glm::vec2 end_way = glm::normalize(glm::vec2(std::cos(turn), std::sin(turn)) + glm::vec2(0.4F, 0));
  const Points wing =
      resampled(bezier(root, root + way * (0.45F * reach), tip - end_way * (0.3F * reach), tip), kWingPoints);
  spine.insert(spine.end(), wing.begin(), wing.end());
  return spine;
}

std::vector<MorphLimit> lid_limits(const EyeShape& shape, Side side) {
  const Lids at_rest = lids(shape, LidState::rest);
  MorphLimit closing;
  for (const LidState state : kLidStates) {
    if (state == LidState::surprised) continue;
    closing.morphs.push_back(lid_morph(state, side));
    closing.amounts.push_back(closing_amount(at_rest, lids(shape, state)));
  }
  MorphLimit opening;
  opening.morphs = {lid_morph(LidState::wink, side), lid_morph(LidState::happy_wink, side),
                    lid_morph(LidState::surprised, side)};
  opening.amounts = {1, 1, 1};
  return {opening, closing};
}

}  // namespace tha4::generator
