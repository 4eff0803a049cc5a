#include "head.h"

#include <algorithm>
#include <array>
#include <string>

#include "face_parts.h"
#include "kinds.h"
#include "skeleton.h"
#include <glm/common.hpp>

namespace tha4::generator {
namespace {

/// A child's or a girl's lower face: x from the middle, y in the picture.
struct FaceShape {
  std::string_view name;
  glm::vec2 cheek;
  glm::vec2 jaw;
  glm::vec2 chin_side;
  float chin;  ///< y
};

constexpr auto kFaceShapeRows = std::to_array<FaceShape>({
    {.name = "oval",
     .cheek = {51.5F, 158},
     .jaw = {37.5F, 178},
     .chin_side = {13.5F, 193.5F},
     .chin = 197.5F},
    {.name = "round", .cheek = {54.5F, 159}, .jaw = {41, 178}, .chin_side = {16.5F, 192.5F}, .chin = 196},
    {.name = "pointed",
     .cheek = {49.5F, 158},
     .jaw = {34.5F, 178},
     .chin_side = {11, 193.8F},
     .chin = 197.7F},
    {.name = "soft_square",
     .cheek = {53.5F, 160},
     .jaw = {40.5F, 178},
     .chin_side = {16.5F, 193.5F},
     .chin = 197},
});
constexpr Kinds<FaceShape> kFaceShapes{"face shape", kFaceShapeRows};

/// Half of the head's outline, from the crown down to the chin.
Points half_outline(const FaceDesign& face) {
  auto [name, cheek, jaw, chin_side, chin] = kFaceShapes.named(face.shape);
  const float grown = std::clamp(face.maturity, 0.0F, 1.0F);
  if (face.has_square_jaw) {
    cheek = glm::mix(cheek, glm::vec2(51.5F, 161), grown);
    jaw = glm::mix(jaw, glm::vec2(41.5F, 181), grown);
    chin_side = glm::mix(chin_side, glm::vec2(17, 195.5F), grown);
  } else {
    cheek = glm::mix(cheek, glm::vec2(49.5F, 160), grown);
    jaw = glm::mix(jaw, glm::vec2(35.5F, 180), grown);
    chin_side = glm::mix(chin_side, glm::vec2(12, 195), grown);
  }
  chin = glm::mix(chin, 197.9F, grown);
  cheek.x += 2 * (face.cheek_fullness - 0.5F);
  jaw.x += 3 * (face.cheek_fullness - 0.5F);
  Points through = {{0, 63},   {26, 66.5F}, {46, 80}, {55.5F, 100}, {58, 122},
                    {57, 141}, cheek,       jaw,      chin_side,    {5.5F, chin - 0.5F}};
  const float width = std::clamp(face.width, 0.86F, 1.07F);
  const float length = std::clamp(face.length, 0.93F, 1.0F);
  for (glm::vec2& point : through) {
    point.x = 256 + point.x * width;
    if (point.y > 136) point.y = 136 + (point.y - 136) * length;
  }
  return through;
}

}  // namespace

KindNames face_shapes() {
  return kFaceShapes.names();
}

FaceLayout face_layout(const FaceDesign& face) {
  FaceLayout layout;
  const Points half = half_outline(face);
  Points through = half;
  for (auto point = half.rbegin(); point != half.rend() - 1; ++point) {
    through.emplace_back(512 - point->x, point->y);
  }
  layout.outline = smooth_loop(through);
  layout.eye = eye_shape(face);
  layout.chin = half.back().y;
  layout.mouth = {256 + std::clamp(face.mouth_shift, -2.5F, 2.5F),
                  glm::mix(163.0F, layout.chin, 0.45F) + std::clamp(face.mouth_level, -1.5F, 1.5F)};
  return layout;
}

SheetPlace on_head(const std::string& name, int layer, float lift) {
  SheetPlace place;
  place.name = name;
  place.layer = layer;
  place.depth = [lift](glm::vec2 point) { return head_depth(point) + lift; };
  place.bone_weights = [](glm::vec2) { return one_bone(kBoneHead); };
  return place;
}

void add_head(RigBuilder& builder, const CharacterDesign& design) {
  const FaceLayout layout = face_layout(design.face);
  for (const PoseParameter& parameter : pose_parameters()) {
    if (parameter.min < 0 || parameter.category == PoseCategory::breathing) continue;
    builder.control_morph(parameter.name, std::string(parameter.name));
  }
  add_ears(builder, design, layout);
  add_eyeballs(builder, design, layout);
  add_skin(builder, design, layout);
  add_cheeks(builder, design, layout);
  add_nose(builder, design);
  add_mouth(builder, design, layout);
  add_eyelids(builder, design, layout);
  add_brows(builder, design, layout);
}

}  // namespace tha4::generator
