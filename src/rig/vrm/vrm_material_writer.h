#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "gltf_builder.h"

namespace tha4 {

/// Writes a rig's pictures and materials. Viewers know neither layers nor sheets, so that a glTF material is
/// made for each use of a material: flat sheets blend in the order of their layers by MToon's render queue,
/// which has ten steps; solid meshes are opaque, cut out or blended with depth.
class VrmMaterialWriter {
 public:
  VrmMaterialWriter(const Rig& rig, float pixels_per_metre, GltfBuilder& gltf);

  /// Index of the glTF material for \p mesh.
  int material_for(const Mesh& mesh);

 private:
  nlohmann::json material_json(const Mesh& mesh) const;
  nlohmann::json mtoon_json(const Material& material, const Mesh& mesh, int texture) const;
  /// Index of a glTF texture that shows the material's picture as the material wants it.
  int texture_for(const Material& material) const;
  bool is_opaque(const Material& material) const;
  int queue_offset(const Mesh& mesh) const;

  const Rig& rig_;
  float pixels_per_metre_;
  GltfBuilder& gltf_;
  std::vector<int> layers_;  ///< of sheets, ascending
  std::vector<char> has_alpha_;
  std::map<std::tuple<int, int, bool>, int> known_;
};

}  // namespace tha4
