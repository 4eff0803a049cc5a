#include "vrm_materials.h"

#include <algorithm>
#include <cmath>

#include <glm/vector_relational.hpp>

#include "tha4/base/config.h"

namespace tha4 {
namespace {

using nlohmann::json;
using std::string;

enum class AlphaMode { opaque, mask, blend };

// The order of drawing that MToon prescribes, with room for its offsets of -9 to 9 in between.
constexpr int kMaskOrder = 100;
constexpr int kBlendWithDepthOrder = 200;
constexpr int kBlendOrder = 300;

constexpr double kMaxTransform = 1e4;  // of texture coordinates
constexpr int kMaxCoordinateSet = 63;

int order_of(AlphaMode mode, bool writes_depth, int offset) {
  if (mode == AlphaMode::opaque) return 0;
  if (mode == AlphaMode::mask) return kMaskOrder;
  return (writes_depth ? kBlendWithDepthOrder : kBlendOrder) + std::clamp(offset, -50, 50);
}

glm::vec4 checked_color(const ConfigReader& reader, const string& key, glm::vec4 fallback) {
  if (!reader.has(key)) return fallback;
  const auto values = reader.get<std::vector<double>>(key);
  if (values.size() != 3 && values.size() != 4) reader.fail(key, "is not a colour of 3 or 4 numbers");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) reader.fail(key, "has a number that is not finite");
    fallback[static_cast<int>(i)] = static_cast<float>(std::clamp(values[i], 0.0, 1.0));
  }
  return fallback;
}

float number_or(const ConfigReader& reader, const string& key, double min, double max, float fallback) {
  if (!reader.has(key)) return fallback;
  const auto value = reader.get<double>(key);
  if (!std::isfinite(value)) reader.fail(key, "is not a finite number");
  return static_cast<float>(std::clamp(value, min, max));
}

int texture_or(const ConfigReader& reader, const string& key) {
  if (!reader.has(key)) return -1;
  const ConfigReader texture = reader.object(key);
  return static_cast<int>(texture.integer("index", 0, kMaxGltfList));
}

glm::vec2 pair_or(const ConfigReader& reader, const string& key, glm::vec2 fallback) {
  if (!reader.has(key)) return fallback;
  const auto values = reader.get<std::vector<double>>(key);
  if (values.size() != 2) reader.fail(key, "must have 2 numbers");
  for (const double value : values) {
    if (!(std::abs(value) <= kMaxTransform)) reader.fail(key, "has a number that is far too large");
  }
  return {values[0], values[1]};
}

/// What KHR_texture_transform does to coordinates: scales them, turns them about the origin,
/// counter-clockwise as seen with v running down, and shifts them.
glm::mat3x2 matrix_of(const ConfigReader& transform) {
  const glm::vec2 scale = pair_or(transform, "scale", glm::vec2(1));
  const float turn = number_or(transform, "rotation", -kMaxTransform, kMaxTransform, 0);
  const float cosine = std::cos(turn);
  const float sine = std::sin(turn);
  return {scale.x * glm::vec2(cosine, -sine), scale.y * glm::vec2(sine, cosine),
          pair_or(transform, "offset", glm::vec2(0))};
}

/// The same in Unity's words, whose v runs up: the shift and scale of "_MainTex".
glm::mat3x2 unity_matrix(const ConfigReader& vectors) {
  const auto values = vectors.get<std::vector<double>>("_MainTex");
  if (values.size() != 4) vectors.fail("_MainTex", "must have 4 numbers");
  for (const double value : values) {
    if (!(std::abs(value) <= kMaxTransform)) vectors.fail("_MainTex", "has a number that is far too large");
  }
  const glm::vec4 v(values[0], values[1], values[2], values[3]);
  return {glm::vec2(v.z, 0), glm::vec2(0, v.w), glm::vec2(v.x, 1 - v.w - v.y)};
}

TextureWrap sampler_wrap(const ConfigReader& sampler, const char* key) {
  constexpr std::int64_t kGltfClamp = 33'071;
  constexpr std::int64_t kGltfMirror = 33'648;
  if (!sampler.has(key)) return TextureWrap::repeat;
  const auto wrap = sampler.get<std::int64_t>(key);
  if (wrap == kGltfMirror) return TextureWrap::mirror;
  return wrap == kGltfClamp ? TextureWrap::clamp : TextureWrap::repeat;
}

/// Physically based materials have no shade colour; this one is soft and moderate.
void apply_default_shading(Material& material) {
  material.is_lit = true;
  material.shade_color = glm::vec3(0.8F);
  material.shade_threshold = 0;
  material.shade_softness = 0.4F;
}

AlphaMode alpha_mode_of(const string& name) {
  if (name == "BLEND") return AlphaMode::blend;
  return name == "MASK" ? AlphaMode::mask : AlphaMode::opaque;
}

/// How materials of VRM 0.x say what glTF calls the alpha mode.
AlphaMode unity_alpha_mode(const string& shader, float blend_mode) {
  if (shader.find("Cutout") != string::npos) return AlphaMode::mask;
  if (shader.find("Transparent") != string::npos) return AlphaMode::blend;
  if (shader != "VRM/MToon") return AlphaMode::opaque;
  if (blend_mode >= 1.5F) return AlphaMode::blend;
  return blend_mode >= 0.5F ? AlphaMode::mask : AlphaMode::opaque;
}

}  // namespace

int VrmMaterials::add(int material) {
  const auto [place, is_new] = known_.try_emplace(material, static_cast<int>(materials_.size()));
  if (is_new) materials_.push_back(convert(material));
  return place->second;
}

glm::vec3 VrmMaterials::shade_factor(const glm::vec3& linear_color, int shade_texture,
                                     const Material& material, int base_texture) {
  const glm::vec3 base_color = linear_of_srgb(glm::vec3(material.color));
  glm::vec3 base = base_color;
  glm::vec3 shade = linear_color;
  if (shade_texture != base_texture) {
    if (material.texture >= 0) base *= textures_.mean_color(material.texture);
    const int shade_picture = shade_texture < 0 ? -1 : textures_.add(shade_texture, false);
    if (shade_picture >= 0) shade *= textures_.mean_color(shade_picture);
  }
  return srgb_of_linear(shade / glm::max(base, glm::vec3(1e-3F)));
}

void VrmMaterials::apply_texture_info(const ConfigReader& base, VrmMaterial& result) {
  constexpr const char* kExtension = "KHR_texture_transform";
  const ConfigReader info = base.object("baseColorTexture");
  const auto set_of = [](const ConfigReader& reader, int fallback) {
    return reader.has("texCoord") ? static_cast<int>(reader.integer("texCoord", 0, kMaxCoordinateSet))
                                  : fallback;
  };
  result.coordinate_set = set_of(info, 0);
  if (!info.has("extensions")) return;
  const ConfigReader extensions = info.object("extensions");
  if (!extensions.has(kExtension)) return;
  const ConfigReader transform = extensions.object(kExtension);
  result.coordinate_set = set_of(transform, result.coordinate_set);
  result.texture_transform = matrix_of(transform);
}

void VrmMaterials::apply_sampler(int texture, Material& material) {
  constexpr std::int64_t kGltfNearest = 9728;
  const int index = textures_.sampler_of(texture);
  if (index < 0) return;
  const string part = "samplers." + std::to_string(index);
  const auto list = document_.json.find("samplers");
  if (list == document_.json.end() || !list->is_array() || static_cast<std::size_t>(index) >= list->size()) {
    document_.fail(part, string("is not there, but a texture refers to it") + kExportAgain);
  }
  const ConfigReader sampler((*list)[static_cast<std::size_t>(index)], document_.name, part);
  material.wrap_x = sampler_wrap(sampler, "wrapS");
  material.wrap_y = sampler_wrap(sampler, "wrapT");
  material.is_smooth = !sampler.has("magFilter") || sampler.get<std::int64_t>("magFilter") != kGltfNearest;
}

VrmMaterial VrmMaterials::convert(int index) {
  VrmMaterial result;
  apply_default_shading(result.material);
  if (index < 0) return result;
  const string part = "materials." + std::to_string(index);
  const auto list = document_.json.find("materials");
  if (list == document_.json.end() || static_cast<std::size_t>(index) >= list->size()) {
    document_.fail(part, "is not there, but a mesh refers to it; the file is damaged: export it again");
  }
  const json& source = (*list)[static_cast<std::size_t>(index)];
  const ConfigReader reader(source, document_.name, part);
  Material& material = result.material;
  material.name = reader.get_or<string>("name", part);
  material.is_two_sided = reader.get_or<bool>("doubleSided", false);
  const AlphaMode mode = alpha_mode_of(reader.get_or<string>("alphaMode", "OPAQUE"));
  if (mode == AlphaMode::mask) material.alpha_cutoff = number_or(reader, "alphaCutoff", 0, 1, 0.5F);
  result.order = order_of(mode, false, 0);
  material.writes_depth = mode != AlphaMode::blend;
  int base_texture = -1;
  if (reader.has("pbrMetallicRoughness")) {
    const ConfigReader base = reader.object("pbrMetallicRoughness");
    const glm::vec4 color = checked_color(base, "baseColorFactor", glm::vec4(1));
    material.color = glm::vec4(srgb_of_linear(glm::vec3(color)), color.w);
    base_texture = texture_or(base, "baseColorTexture");
    if (base_texture >= 0) {
      material.texture = textures_.add(base_texture, mode == AlphaMode::opaque);
      apply_sampler(base_texture, material);
      apply_texture_info(base, result);
    }
  }
  if (mode == AlphaMode::opaque) material.color.w = 1;

  const json extensions = reader.get_or<json>("extensions", json::object());
  if (extensions.contains("VRMC_materials_mtoon")) {
    apply_mtoon_1(extensions["VRMC_materials_mtoon"], base_texture, part, result);
  } else if (extensions.contains("KHR_materials_unlit")) {
    material.is_lit = false;
  }
  if (!is_version_0_) return result;
  const json& vrm = document_.json["extensions"]["VRM"];
  const auto properties = vrm.find("materialProperties");
  if (properties != vrm.end() && properties->is_array() &&
      static_cast<std::size_t>(index) < properties->size() &&
      (*properties)[static_cast<std::size_t>(index)].is_object()) {
    apply_properties_0((*properties)[static_cast<std::size_t>(index)],
                       "extensions.VRM.materialProperties." + std::to_string(index), result);
  }
  return result;
}

void VrmMaterials::apply_mtoon_1(const json& mtoon, int base_texture, const string& part,
                                 VrmMaterial& result) {
  const ConfigReader reader(mtoon, document_.name, part + ".extensions.VRMC_materials_mtoon");
  Material& material = result.material;
  if (!material.writes_depth) {
    const auto offset = static_cast<int>(number_or(reader, "renderQueueOffsetNumber", -9, 9, 0));
    material.writes_depth = reader.get_or<bool>("transparentWithZWrite", false);
    result.order = order_of(AlphaMode::blend, material.writes_depth, offset);
  }
  material.is_lit = true;
  result.has_vertex_colors = false;
  material.shade_threshold = -number_or(reader, "shadingShiftFactor", -1, 1, 0);
  material.shade_softness = 2 * (1 - number_or(reader, "shadingToonyFactor", 0, 1, 0.9F));
  const glm::vec3 shade(checked_color(reader, "shadeColorFactor", glm::vec4(0, 0, 0, 1)));
  material.shade_color =
      shade_factor(shade, texture_or(reader, "shadeMultiplyTexture"), material, base_texture);
  // MToon's way to be unlit.
  if (glm::all(glm::greaterThan(material.shade_color, glm::vec3(0.99F)))) material.is_lit = false;
  const auto outline = reader.get_or<string>("outlineWidthMode", "none");
  if (outline == "none") return;
  result.outline_is_in_metres = outline != "screenCoordinates";
  material.outline_width = number_or(reader, "outlineWidthFactor", 0, 0.1, 0);
  material.outline_color =
      srgb_of_linear(glm::vec3(checked_color(reader, "outlineColorFactor", glm::vec4(0, 0, 0, 1))));
}

void VrmMaterials::apply_properties_0(const json& properties, const string& part, VrmMaterial& result) {
  const ConfigReader reader(properties, document_.name, part);
  const auto shader = reader.get_or<string>("shader", "VRM_USE_GLTFSHADER");
  if (shader == "VRM_USE_GLTFSHADER" || shader == "Standard") return;
  Material& material = result.material;
  const json empty = json::object();
  const ConfigReader numbers = reader.has("floatProperties") ? reader.object("floatProperties")
                                                             : ConfigReader(empty, document_.name, part);
  const AlphaMode mode = unity_alpha_mode(shader, number_or(numbers, "_BlendMode", 0, 3, 0));
  const bool writes_depth =
      number_or(numbers, "_BlendMode", 0, 3, 0) >= 2.5F || shader.find("ZWrite") != string::npos;
  const auto queue = number_or(reader, "renderQueue", -1, 5000, -1);
  const float usual_queue = writes_depth ? 2501 : 3000;
  result.order = order_of(mode, writes_depth,
                          queue < 0 ? 0 : static_cast<int>(std::clamp(queue - usual_queue, -50.0F, 50.0F)));
  material.writes_depth = mode != AlphaMode::blend || writes_depth;
  material.alpha_cutoff = mode == AlphaMode::mask ? number_or(numbers, "_Cutoff", 0, 1, 0.5F) : 0;
  const bool is_mtoon = shader == "VRM/MToon";
  if (is_mtoon) material.is_two_sided = number_or(numbers, "_CullMode", 0, 2, 2) < 0.5F;
  result.has_vertex_colors = false;
  if (reader.has("vectorProperties")) {
    const ConfigReader vectors = reader.object("vectorProperties");
    material.color = checked_color(vectors, "_Color", material.color);
    if (vectors.has("_MainTex")) result.texture_transform = unity_matrix(vectors);
  }
  if (mode == AlphaMode::opaque) material.color.w = 1;
  if (reader.has("textureProperties")) {
    const ConfigReader textures = reader.object("textureProperties");
    if (textures.has("_MainTex")) {
      const auto texture = static_cast<int>(textures.integer("_MainTex", 0, kMaxGltfList));
      material.texture = textures_.add(texture, mode == AlphaMode::opaque);
      apply_sampler(texture, material);
    }
  }
  material.is_lit = is_mtoon;
  if (is_mtoon) apply_unity_mtoon(properties, part, result);
}

void VrmMaterials::apply_unity_mtoon(const json& properties, const string& part, VrmMaterial& result) {
  const ConfigReader reader(properties, document_.name, part);
  Material& material = result.material;
  const json empty = json::object();
  const auto section = [&](const char* key) {
    return reader.has(key) ? reader.object(key) : ConfigReader(empty, document_.name, part + "." + key);
  };
  const ConfigReader numbers = section("floatProperties");
  const ConfigReader colors = section("vectorProperties");
  const ConfigReader textures = section("textureProperties");
  // Light turns to shade between a cosine of `shift` and one that lies `toony` of the way from 1 to it.
  const float shift = number_or(numbers, "_ShadeShift", -1, 1, 0);
  const float toony = number_or(numbers, "_ShadeToony", 0, 1, 0.9F);
  material.shade_softness = (1 - shift) * (1 - toony);
  material.shade_threshold = shift + material.shade_softness / 2;
  const auto texture = [&](const char* key) {
    return textures.has(key) ? static_cast<int>(textures.integer(key, 0, kMaxGltfList)) : -1;
  };
  const glm::vec3 shade(checked_color(colors, "_ShadeColor", glm::vec4(0.97F, 0.81F, 0.86F, 1)));
  material.shade_color =
      shade_factor(linear_of_srgb(shade), texture("_ShadeTexture"), material, texture("_MainTex"));
  const float outline_mode = number_or(numbers, "_OutlineWidthMode", 0, 2, 0);
  if (outline_mode < 0.5F) return;
  result.outline_is_in_metres = outline_mode < 1.5F;
  material.outline_width = number_or(numbers, "_OutlineWidth", 0, 10, 0.5F) / 100;
  material.outline_color = glm::vec3(checked_color(colors, "_OutlineColor", glm::vec4(0, 0, 0, 1)));
}

}  // namespace tha4
