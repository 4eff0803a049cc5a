#pragma once

#include <span>
#include <string>
#include <string_view>

#include <glm/mat4x4.hpp>
#include <glm/vec2.hpp>
#include <glm/vec3.hpp>
#include <glm/vec4.hpp>
#include <nlohmann/json.hpp>

#include "tha4/rig/rig.h"

namespace tha4 {

/// Puts a binary glTF file together: its JSON, to be filled by whoever writes, and its binary chunk.
class GltfBuilder {
 public:
  GltfBuilder();

  nlohmann::json json;

  /// Appends \p entry to the list \p list of the JSON; returns its index.
  int add(const char* list, nlohmann::json entry);

  /// Accessors of new buffer views; they return the accessor's index. Lists must not be empty.
  int add_positions(std::span<const glm::vec3> positions);  ///< with their bounds, as glTF asks for
  int add_vectors(std::span<const glm::vec3> vectors);
  int add_vectors(std::span<const glm::vec2> vectors);
  int add_vectors(std::span<const glm::vec4> vectors);
  int add_joints(std::span<const glm::u16vec4> joints);
  int add_indices(std::span<const std::uint32_t> indices);
  int add_matrices(std::span<const glm::mat4> matrices);

  /// A morph target of \p count vertices: \p vertices in ascending order move by \p offsets.
  int add_offsets(std::span<const std::uint32_t> vertices, std::span<const glm::vec3> offsets,
                  std::size_t count);

  /// A picture as PNG; returns the image's index.
  int add_image(const RgbaImage& picture, const std::string& name);

  /// The whole file.
  std::string bytes() const;

 private:
  int add_view(const void* data, std::size_t size, int target);
  int add_accessor(int view, int component_type, const char* type, std::size_t count);

  std::string binary_;
};

}  // namespace tha4
