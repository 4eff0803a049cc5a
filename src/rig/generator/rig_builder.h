#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tha4/image/rgba_image.h"
#include "tha4/rig/rig.h"

namespace tha4::generator {

/// A rig in the making. Parts are added in any order of layers; build() sorts them.
class RigBuilder {
 public:
  /// Each returns the index of what was added.
  int add_texture(RgbaImage texture);
  int add_material(Material material);
  int add_mesh(Mesh mesh);
  int add_bone(Bone bone);

  /// A material of this texture alone: unlit, without outline.
  int add_painted_material(const std::string& name, RgbaImage texture);

  /// Index of the bone \p name. Throws Error if there is none yet.
  [[nodiscard]] int bone(std::string_view name) const;

  /// Lets the pose parameter \p parameter move \p morph.
  void control_morph(std::string_view parameter, const std::string& morph, float weight = 1,
                     bool for_negative = false);
  void control_turn(std::string_view parameter, int bone, glm::vec3 degrees);
  void control_shift(std::string_view parameter, int bone, glm::vec3 offset);

  void add_limit(MorphLimit limit);

  /// Lets the rest image alone show \p morph.
  void show_in_picture(const std::string& morph);

  /// The rig, meshes sorted by layer (in the order of adding within one). It takes the parts along.
  [[nodiscard]] Rig build(const std::string& name) &&;

 private:
  Rig rig_;
};

}  // namespace tha4::generator
