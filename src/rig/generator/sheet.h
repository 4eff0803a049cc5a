#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "canvas.h"
#include "curve.h"
#include "rig_builder.h"

#include "tha4/rig/rig.h"

namespace tha4::generator {

/// The bones that a vertex follows, and how much.
struct BoneWeights {
  glm::u16vec4 bones{0};
  glm::vec4 weights{1, 0, 0, 0};
};

/// All of one \p bone.
BoneWeights one_bone(int bone);

/// \p weight of \p second, the rest of \p first.
BoneWeights two_bones(int first, int second, float weight);

/// What makes a flat picture a sheet of a character.
struct SheetPlace {
  std::string name;  ///< of the mesh and its material
  int layer = 0;
  std::function<float(glm::vec2)> depth;               ///< z at a point of the rest image
  std::function<BoneWeights(glm::vec2)> bone_weights;  ///< none: all follow bone 0
  float cell = 8;  ///< edge of the grid's cells in pixels of the rest image
};

/// Without vertices, of that name and layer.
Mesh empty_mesh(const SheetPlace& place, int material);

/// Adds a vertex at \p point of the rest image, as deep there and on such bones as \p place has it.
void add_vertex(Mesh& mesh, const SheetPlace& place, glm::vec2 point, glm::vec2 texture_coordinate);

/// Says what bones the vertex follows that was added last.
void hang_on(Mesh& mesh, const BoneWeights& weights);

/// z of the head's surface in front of its middle: a shallow bowl that fades out flat beyond the skull, so
/// that a sheet does not fold when the head turns. Hair adds or subtracts a few pixels.
float head_depth(glm::vec2 point);

/// A grid over the non-empty part of \p canvas that shows \p material; empty cells are left out. The mesh is
/// empty if the canvas is.
Mesh make_sheet(const Canvas& canvas, const RgbaImage& image, int material, const SheetPlace& place);

/// Paints \p canvas into the rig as a sheet with a material of its own. Returns the mesh's index.
int add_sheet(RigBuilder& builder, const Canvas& canvas, const SheetPlace& place);

/// Triangles over the area inside the closed loop \p outline and outside of \p holes: vertices are first the
/// outline's points, then those of each hole in their order, then points of a grid with edges of about
/// `place.cell` pixels inside. Neighbours on a loop should lie closer together than other parts of a loop do.
/// Texture coordinates refer to \p canvas, which the area lies in. Throws Error if an edge of a loop could
/// not be kept.
Mesh make_outlined_sheet(const Canvas& canvas, std::span<const glm::vec2> outline,
                         std::span<const Points> holes, int material, const SheetPlace& place);

/// Adds to \p mesh the morph \p name with the offset that \p offset_at gives for each vertex, at its index
/// and place at rest; vertices that do not move are left out, and so is a morph that moves none.
void add_morph(Mesh& mesh, const std::string& name,
               const std::function<glm::vec2(std::uint32_t, glm::vec2)>& offset_at);

/// Spreads the offsets of some vertices smoothly (as a stretched skin) over the others: those in \p fixed
/// stay where \p offsets puts them.
void spread_offsets(const Mesh& mesh, const std::vector<bool>& fixed, std::vector<glm::vec2>& offsets);

}  // namespace tha4::generator
