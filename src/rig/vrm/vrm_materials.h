#pragma once

#include <string>
#include <vector>

#include "gltf_document.h"
#include "vrm_textures.h"
#include <glm/mat3x2.hpp>

#include "tha4/base/config.h"
#include "tha4/rig/rig.h"

namespace tha4 {

/// A material, and when its meshes are drawn: those of a lower order first.
struct VrmMaterial {
  Material material;  ///< its outline's width is in metres, or in heights of the picture
  bool outline_is_in_metres = true;
  int order = 0;
  int coordinate_set = 0;         ///< N of the attribute TEXCOORD_N that its meshes show their texture by
  bool has_vertex_colors = true;  ///< colours of vertices count, as glTF has it; MToon ignores them
  /// What becomes of the texture coordinates (u, v, 1) of its meshes (KHR_texture_transform).
  glm::mat3x2 texture_transform{1};
};

/// Brings the materials of a document, MToon, unlit or physically based, to the rig's. Each is converted when
/// it is first asked for, so that no texture is decoded in vain.
class VrmMaterials {
 public:
  VrmMaterials(const GltfDocument& document, bool is_version_0)
      : document_(document), is_version_0_(is_version_0), textures_(document) {}

  /// Index in materials() of glTF material \p material; -1 stands for glTF's default material.
  int add(int material);

  std::vector<VrmMaterial>& materials() { return materials_; }
  std::vector<RgbaImage> take_textures() { return textures_.take(); }
  const std::vector<std::string>& notes() const { return textures_.notes(); }

 private:
  VrmMaterial convert(int material);
  /// Which coordinates show the texture of \p base, and what becomes of them.
  void apply_texture_info(const ConfigReader& base, VrmMaterial& result);
  /// What the sampler of glTF texture \p texture says of its edges and of enlarged texels.
  void apply_sampler(int texture, Material& material);
  void apply_mtoon_1(const nlohmann::json& mtoon, int base_texture, const std::string& part,
                     VrmMaterial& result);
  void apply_properties_0(const nlohmann::json& properties, const std::string& part, VrmMaterial& result);
  void apply_unity_mtoon(const nlohmann::json& properties, const std::string& part, VrmMaterial& result);

  /// MToon gives the shade a colour and texture of its own; the rig's multiplies the base texture.
  glm::vec3 shade_factor(const glm::vec3& linear_color, int shade_texture, const Material& material,
                         int base_texture);

  const GltfDocument& document_;
  bool is_version_0_;
  VrmTextures textures_;
  std::map<int, int> known_;
  std::vector<VrmMaterial> materials_;
};

}  // namespace tha4
