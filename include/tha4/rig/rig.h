#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <glm/gtc/quaternion.hpp>
#include <glm/vec2.hpp>
#include <glm/vec3.hpp>
#include <glm/vec4.hpp>

#include "tha4/image/rgba_image.h"
#include "tha4/pose/pose.h"

// A rig: everything that is needed to draw one character in any pose. All of it is data; the generator and
// the VRM importer make rigs, the renderer draws them, pose_rig() bends them.
//
// Coordinates are those of the rest image: x to the right and y down in pixels of the 512x512 frame, z
// towards the viewer, in the same unit. The character is seen along -z without perspective. "Left" is the
// character's left, as in the pose table: at the right of the picture.

namespace tha4 {

/// A joint of the skeleton, which turns everything that hangs on it.
struct Bone {
  std::string name;    ///< VRM's humanoid name where there is one: "hips", "spine", "head", ...
  int parent = -1;     ///< index of the bone that it hangs on, smaller than its own; -1 for none
  glm::vec3 joint{0};  ///< the point that it turns about, at rest
};

/// What a texture shows beyond its edges.
enum class TextureWrap { repeat, mirror, clamp };

/// What a material's colours come from and how they are laid on.
struct Material {
  std::string name;
  int texture = -1;                          ///< index of the picture; -1: white
  TextureWrap wrap_x = TextureWrap::repeat;  ///< at the left and right edges of the texture
  TextureWrap wrap_y = TextureWrap::repeat;  ///< at the upper and lower ones
  bool is_smooth = true;                     ///< enlarged texels flow into each other; else each is a square
  glm::vec4 color{1};                        ///< multiplies the texture; straight alpha, sRGB, in [0, 1]
  bool is_lit = false;           ///< toon shading: `shade_color` where the light comes from behind
  glm::vec3 shade_color{1};      ///< multiplies the texture there; sRGB, in [0, 1]
  float shade_threshold = 0;     ///< cosine between normal and light at which light becomes shade
  float shade_softness = 0.05F;  ///< width of the transition, in cosine
  float outline_width = 0;       ///< in pixels of the rest image; 0: no outline is added
  glm::vec3 outline_color{0};    ///< sRGB, in [0, 1]
  bool is_two_sided = true;
  float alpha_cutoff = 0;  ///< fragments of less alpha, in [0, 1], are dropped
  /// Where a mesh uses depth: whether it hides what is behind it and drawn later. Transparent sheets do not,
  /// by MToon's rules.
  bool writes_depth = true;
};

/// Offsets of a mesh's vertices at weight 1. Vertices that are not named stay.
struct Morph {
  std::string name;  ///< unique in its mesh; morphs of one name in several meshes move together
  std::vector<std::uint32_t> vertices;
  std::vector<glm::vec3> offsets;  ///< as many as `vertices`
};

/// Vertices that follow up to four bones.
struct Mesh {
  std::string name;
  int material = 0;
  /// Meshes of a higher layer are drawn over those of lower ones, whatever their z: drawn characters are
  /// stacks of sheets. Within a layer, and in the order of `Rig::meshes`, z decides where `uses_depth` is
  /// set.
  int layer = 0;
  bool uses_depth = false;
  std::vector<glm::vec3> positions;
  std::vector<glm::vec3> normals;  ///< as many as positions, or none: towards the viewer
  /// As many as positions, or none; (0, 0) is the top left corner. A texture whose wrap is `repeat` does so
  /// where some mesh shows it beyond [0, 1]; else its edges do not mix.
  std::vector<glm::vec2> texture_coordinates;
  /// As many as positions, or none: white. Multiply the material's colour; straight alpha, linear light, in
  /// [0, 1].
  std::vector<glm::vec4> colors;
  std::vector<glm::u16vec4> bones;       ///< as many as positions, or none: all follow bone 0
  std::vector<glm::vec4> bone_weights;   ///< as many as `bones`; each sums to 1
  std::vector<std::uint32_t> triangles;  ///< three vertices each, counter-clockwise as seen from the front
  std::vector<Morph> morphs;
};

/// What one pose parameter moves at the value 1 (values in between, and below 0, in proportion).
struct RigControl {
  struct MorphWeight {
    std::string morph;
    float weight = 1;
    bool for_negative = false;  ///< moves at negative values, by their amount, instead of at positive ones
  };
  struct BoneTurn {
    int bone = 0;
    /// About x (positive: what is in front goes up), y (positive: what is in front goes to the right of the
    /// picture) and z (positive: clockwise as seen), in the order z * y * x.
    glm::vec3 degrees{0};
  };
  struct BoneShift {
    int bone = 0;
    glm::vec3 offset{0};
  };
  std::vector<MorphWeight> morphs;
  std::vector<BoneTurn> turns;
  std::vector<BoneShift> shifts;
};

/// Morphs that cannot all be at full strength together, such as the ways to close an eye or to open the
/// mouth: where the sum of `amounts` times weights exceeds 1, their weights are scaled down to it.
struct MorphLimit {
  std::vector<std::string> morphs;
  std::vector<float> amounts;  ///< as many as `morphs`, at least 0
};

/// Parameters that cannot all be at full strength together: where the sum of their values, without signs,
/// exceeds 1, the values count in proportion, so that they add up to 1. Each alone works in full, however
/// many morphs it moves.
struct ParameterLimit {
  std::vector<int> parameters;  ///< places in the pose table
};

struct Rig {
  std::string name;
  std::vector<RgbaImage> textures;
  std::vector<Material> materials;
  std::vector<Mesh> meshes;
  std::vector<Bone> bones;
  std::array<RigControl, kPoseSize> controls;  ///< in the order of the pose table
  std::vector<MorphLimit> limits;
  std::vector<ParameterLimit> parameter_limits;  ///< taken one after the other, before `limits`
  /// Morphs that the rest image shows at weight 1, and no pose does: pictures of characters have their mouths
  /// open, say, where the pose of zeros is a closed mouth.
  std::vector<std::string> picture_morphs;
};

/// Whether a rig is bent with its `picture_morphs`, as its rest image shows it, or without, as poses do.
enum class PictureMorphs { shown, gone };

/// Throws InputError, naming \p source and the part that is wrong, unless every index of \p rig is within its
/// list, lists that belong together are of one length, all numbers are finite, and each bone's parent comes
/// before it.
void check_rig(const Rig& rig, const std::string& source);

/// The vertices of a rig in one pose.
struct PosedMesh {
  std::vector<glm::vec3> positions;
  std::vector<glm::vec3> normals;  ///< empty where the mesh has none
};

// What follows takes sound rigs (check_rig) and poses within the ranges of the pose table, and does not look.

/// The weight of each morph that \p pose asks for, and that the picture shows, after the rig's limits; morphs
/// that are not named are 0.
std::vector<std::pair<std::string, float>> morph_weights(const Rig& rig, const Pose& pose,
                                                         PictureMorphs picture = PictureMorphs::gone);

/// Bends \p rig to \p pose: morphs first, then bones (linear blend skinning). One PosedMesh for each mesh.
/// With \p with_bones false the skeleton stays at rest: the face's expression alone.
std::vector<PosedMesh> pose_rig(const Rig& rig, const Pose& pose, bool with_bones = true,
                                PictureMorphs picture = PictureMorphs::gone);

/// Turns the bones under \p meshes, one for each mesh of \p rig, which pose_rig() made without them.
void bend_rig(const Rig& rig, const Pose& pose, std::vector<PosedMesh>& meshes);

}  // namespace tha4
