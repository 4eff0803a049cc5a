#include "gltf_builder.h"

#include "glb_container.h"
#include "tiny_gltf_memory.h"

#include "tha4/base/json_text.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

using nlohmann::json;

constexpr int kNoTarget = 0;
constexpr int kVertices = TINYGLTF_TARGET_ARRAY_BUFFER;
constexpr int kIndices = TINYGLTF_TARGET_ELEMENT_ARRAY_BUFFER;

json list_of(const glm::vec3& vector) {
  return {vector.x, vector.y, vector.z};
}

void add_bounds(json& accessor, std::span<const glm::vec3> vectors, bool with_zero) {
  glm::vec3 min = with_zero ? glm::vec3(0) : vectors.front();
  glm::vec3 max = min;
  for (const glm::vec3& vector : vectors) {
    min = glm::min(min, vector);
    max = glm::max(max, vector);
  }
  accessor["min"] = list_of(min);
  accessor["max"] = list_of(max);
}

}  // namespace

GltfBuilder::GltfBuilder() : json({{"asset", {{"version", "2.0"}, {"generator", "THA4 in C++"}}}}) {}

int GltfBuilder::add(const char* list, nlohmann::json entry) {
  json[list].push_back(std::move(entry));
  return static_cast<int>(json[list].size()) - 1;
}

int GltfBuilder::add_view(const void* data, std::size_t size, int target) {
  binary_.resize((binary_.size() + 3) / 4 * 4);
  nlohmann::json view = {{"buffer", 0}, {"byteOffset", binary_.size()}, {"byteLength", size}};
  if (target != kNoTarget) view["target"] = target;
  binary_.append(static_cast<const char*>(data), size);
  return add("bufferViews", std::move(view));
}

int GltfBuilder::add_accessor(int view, int component_type, const char* type, std::size_t count) {
  nlohmann::json accessor = {{"componentType", component_type}, {"type", type}, {"count", count}};
  if (view >= 0) accessor["bufferView"] = view;
  return add("accessors", std::move(accessor));
}

int GltfBuilder::add_positions(std::span<const glm::vec3> positions) {
  const int accessor = add_vectors(positions);
  add_bounds(json["accessors"].back(), positions, false);
  return accessor;
}

int GltfBuilder::add_vectors(std::span<const glm::vec3> vectors) {
  return add_accessor(add_view(vectors.data(), vectors.size_bytes(), kVertices),
                      TINYGLTF_COMPONENT_TYPE_FLOAT, "VEC3", vectors.size());
}

int GltfBuilder::add_vectors(std::span<const glm::vec2> vectors) {
  return add_accessor(add_view(vectors.data(), vectors.size_bytes(), kVertices),
                      TINYGLTF_COMPONENT_TYPE_FLOAT, "VEC2", vectors.size());
}

int GltfBuilder::add_vectors(std::span<const glm::vec4> vectors) {
  return add_accessor(add_view(vectors.data(), vectors.size_bytes(), kVertices),
                      TINYGLTF_COMPONENT_TYPE_FLOAT, "VEC4", vectors.size());
}

int GltfBuilder::add_joints(std::span<const glm::u16vec4> joints) {
  return add_accessor(add_view(joints.data(), joints.size_bytes(), kVertices),
                      TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT, "VEC4", joints.size());
}

int GltfBuilder::add_indices(std::span<const std::uint32_t> indices) {
  return add_accessor(add_view(indices.data(), indices.size_bytes(), kIndices),
                      TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT, "SCALAR", indices.size());
}

int GltfBuilder::add_matrices(std::span<const glm::mat4> matrices) {
  return add_accessor(add_view(matrices.data(), matrices.size_bytes(), kNoTarget),
                      TINYGLTF_COMPONENT_TYPE_FLOAT, "MAT4", matrices.size());
}

int GltfBuilder::add_offsets(std::span<const std::uint32_t> vertices, std::span<const glm::vec3> offsets,
                             std::size_t count) {
  // An entry of a sparse accessor costs an index more than one of a dense one.
  const bool is_sparse = vertices.size() * 4 < count * 3;
  if (!is_sparse) {
    std::vector<glm::vec3> dense(count, glm::vec3(0));
    for (std::size_t i = 0; i < vertices.size(); ++i) dense[vertices[i]] = offsets[i];
    return add_positions(dense);
  }
  const int accessor = add_accessor(-1, TINYGLTF_COMPONENT_TYPE_FLOAT, "VEC3", count);
  if (!vertices.empty()) {
    const int places = add_view(vertices.data(), vertices.size_bytes(), kNoTarget);
    const int values = add_view(offsets.data(), offsets.size_bytes(), kNoTarget);
    json["accessors"].back()["sparse"] = {
        {"count", vertices.size()},
        {"indices", {{"bufferView", places}, {"componentType", TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT}}},
        {"values", {{"bufferView", values}}}};
  }
  add_bounds(json["accessors"].back(), offsets, true);
  return accessor;
}

int GltfBuilder::add_image(const RgbaImage& picture, const std::string& name) {
  const std::string png = png_bytes(picture);
  return add("images", {{"name", name},
                        {"mimeType", "image/png"},
                        {"bufferView", add_view(png.data(), png.size(), kNoTarget)}});
}

std::string GltfBuilder::bytes() const {
  nlohmann::json whole = json;
  if (!binary_.empty()) whole["buffers"] = {{{"byteLength", binary_.size()}}};
  return join_glb(json_text(whole), binary_);
}

}  // namespace tha4
