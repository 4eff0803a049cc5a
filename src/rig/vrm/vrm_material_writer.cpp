#include "vrm_material_writer.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "vrm_textures.h"

namespace tha4 {
namespace {

using nlohmann::json;

constexpr int kNearest = 9728;
constexpr int kLinear = 9729;
constexpr int kLinearMipmapLinear = 9987;
constexpr int kClampToEdge = 33071;
constexpr int kRepeat = 10497;
constexpr int kMirroredRepeat = 33648;
constexpr int kQueueSteps = 9;  // MToon's offsets of blended materials without depth: -9 to 0

json list_of(const glm::vec3& color) {
  return {color.x, color.y, color.z};
}

int gltf_wrap(TextureWrap wrap) {
  if (wrap == TextureWrap::mirror) return kMirroredRepeat;
  return wrap == TextureWrap::clamp ? kClampToEdge : kRepeat;
}

bool has_alpha(const RgbaImage& picture) {
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) {
    if (picture.pixels[i] != 255) return true;
  }
  return false;
}

bool repeats(const Rig& rig, std::size_t texture) {
  for (const Mesh& mesh : rig.meshes) {
    if (rig.materials[static_cast<std::size_t>(mesh.material)].texture != static_cast<int>(texture)) continue;
    for (const glm::vec2& at : mesh.texture_coordinates) {
      if (at.x < 0 || at.y < 0 || at.x > 1 || at.y > 1) return true;
    }
  }
  return false;
}

}  // namespace

VrmMaterialWriter::VrmMaterialWriter(const Rig& rig, float pixels_per_metre, GltfBuilder& gltf)
    : rig_(rig), pixels_per_metre_(pixels_per_metre), gltf_(gltf) {
  std::set<int> layers;
  for (const Mesh& mesh : rig.meshes) {
    if (!mesh.uses_depth) layers.insert(mesh.layer);
  }
  layers_.assign(layers.begin(), layers.end());
  for (const bool repeat : {false, true}) {
    const int wrap = repeat ? kRepeat : kClampToEdge;
    gltf_.add("samplers",
              {{"magFilter", kLinear}, {"minFilter", kLinearMipmapLinear}, {"wrapS", wrap}, {"wrapT", wrap}});
  }
  for (std::size_t i = 0; i < rig.textures.size(); ++i) {
    const int image = gltf_.add_image(rig.textures[i], "texture " + std::to_string(i));
    gltf_.add("textures", {{"source", image}, {"sampler", repeats(rig, i) ? 1 : 0}});
    has_alpha_.push_back(has_alpha(rig.textures[i]));
  }
}

int VrmMaterialWriter::material_for(const Mesh& mesh) {
  const auto [place, is_new] =
      known_.try_emplace({mesh.material, mesh.uses_depth ? 0 : mesh.layer, mesh.uses_depth}, 0);
  if (is_new) place->second = gltf_.add("materials", material_json(mesh));
  return place->second;
}

bool VrmMaterialWriter::is_opaque(const Material& material) const {
  return material.color.w >= 1 &&
         (material.texture < 0 || !has_alpha_[static_cast<std::size_t>(material.texture)]);
}

int VrmMaterialWriter::queue_offset(const Mesh& mesh) const {
  const auto rank =
      static_cast<int>(std::lower_bound(layers_.begin(), layers_.end(), mesh.layer) - layers_.begin());
  const int last = static_cast<int>(layers_.size()) - 1;
  if (last <= kQueueSteps) return rank - last;
  return static_cast<int>(std::lround(static_cast<double>(rank) * kQueueSteps / last)) - kQueueSteps;
}

int VrmMaterialWriter::texture_for(const Material& material) const {
  if (material.wrap_x == TextureWrap::repeat && material.wrap_y == TextureWrap::repeat &&
      material.is_smooth) {
    return material.texture;
  }
  const int sampler = gltf_.add("samplers", {{"magFilter", material.is_smooth ? kLinear : kNearest},
                                             {"minFilter", kLinearMipmapLinear},
                                             {"wrapS", gltf_wrap(material.wrap_x)},
                                             {"wrapT", gltf_wrap(material.wrap_y)}});
  const json source = gltf_.json["textures"][static_cast<std::size_t>(material.texture)]["source"];
  return gltf_.add("textures", {{"source", source}, {"sampler", sampler}});
}

json VrmMaterialWriter::material_json(const Mesh& mesh) const {
  const Material& material = rig_.materials[static_cast<std::size_t>(mesh.material)];
  const glm::vec3 color = linear_of_srgb(glm::clamp(glm::vec3(material.color), 0.0F, 1.0F));
  json base = {{"baseColorFactor", {color.x, color.y, color.z, std::clamp(material.color.w, 0.0F, 1.0F)}},
               {"metallicFactor", 0},
               {"roughnessFactor", 1}};
  const int texture = material.texture < 0 ? -1 : texture_for(material);
  if (texture >= 0) base["baseColorTexture"] = {{"index", texture}};
  json result = {{"name", material.name},
                 {"doubleSided", material.is_two_sided},
                 {"pbrMetallicRoughness", std::move(base)},
                 {"extensions",
                  {{"KHR_materials_unlit", json::object()},
                   {"VRMC_materials_mtoon", mtoon_json(material, mesh, texture)}}}};
  if (!mesh.uses_depth) {
    result["alphaMode"] = "BLEND";
  } else if (material.alpha_cutoff > 0) {
    result["alphaMode"] = "MASK";
    result["alphaCutoff"] = material.alpha_cutoff;
  } else {
    result["alphaMode"] = is_opaque(material) ? "OPAQUE" : "BLEND";
  }
  return result;
}

json VrmMaterialWriter::mtoon_json(const Material& material, const Mesh& mesh, int texture) const {
  const glm::vec3 color = glm::clamp(glm::vec3(material.color), 0.0F, 1.0F);
  const glm::vec3 shade = material.is_lit ? glm::clamp(material.shade_color, 0.0F, 1.0F) : glm::vec3(1);
  const bool is_solid_blend =
      mesh.uses_depth && material.writes_depth && material.alpha_cutoff <= 0 && !is_opaque(material);
  json result = {{"specVersion", "1.0"},
                 {"transparentWithZWrite", is_solid_blend},
                 {"renderQueueOffsetNumber", mesh.uses_depth ? 0 : queue_offset(mesh)},
                 {"shadeColorFactor", list_of(linear_of_srgb(color) * linear_of_srgb(shade))},
                 {"shadingShiftFactor", std::clamp(-material.shade_threshold, -1.0F, 1.0F)},
                 {"shadingToonyFactor", std::clamp(1 - material.shade_softness / 2, 0.0F, 1.0F)},
                 {"giEqualizationFactor", material.is_lit ? 0.9 : 1.0}};
  if (texture >= 0) result["shadeMultiplyTexture"] = {{"index", texture}};
  if (material.outline_width > 0) {
    result["outlineWidthMode"] = "worldCoordinates";
    result["outlineWidthFactor"] = material.outline_width / pixels_per_metre_;
    result["outlineColorFactor"] = list_of(linear_of_srgb(glm::clamp(material.outline_color, 0.0F, 1.0F)));
    result["outlineLightingMixFactor"] = 0;
  }
  return result;
}

}  // namespace tha4
