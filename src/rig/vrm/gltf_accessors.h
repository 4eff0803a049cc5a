#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gltf_document.h"
#include <glm/mat4x4.hpp>
#include <glm/vec2.hpp>
#include <glm/vec3.hpp>
#include <glm/vec4.hpp>

namespace tha4 {

/// Reading numbers out of a document's buffers. Each function checks first that the accessor, its buffer
/// views and their sizes are sound, that it has the type that is read, and that its floating-point numbers
/// are finite, and throws InputError that begins with the file and \p part, such as "meshes.0.POSITION".
/// Normalised integers become fractions, sparse entries are put in place.

/// Number of elements of accessor \p index; at most \p largest.
std::size_t accessor_count(const GltfDocument& document, int index, const std::string& part,
                           std::size_t largest = kMaxVertexCount);

std::vector<glm::vec2> read_vec2(const GltfDocument& document, int index, const std::string& part);
std::vector<glm::vec3> read_vec3(const GltfDocument& document, int index, const std::string& part);
std::vector<glm::vec4> read_vec4(const GltfDocument& document, int index, const std::string& part);
/// Colours of three components, which become opaque, or of four.
std::vector<glm::vec4> read_color(const GltfDocument& document, int index, const std::string& part);
std::vector<glm::mat4> read_mat4(const GltfDocument& document, int index, const std::string& part);

/// Whole numbers: \p components of them for each element, up to \p largest_count elements, which lie in a
/// buffer view.
std::vector<std::uint32_t> read_integers(const GltfDocument& document, int index, int components,
                                         const std::string& part, std::size_t largest_count);

/// The elements of a list of vectors that are not zero.
struct SparseVectors {
  std::vector<std::uint32_t> places;  ///< ascending
  std::vector<glm::vec3> values;
};

/// Reads a morph target, which must be of \p count vectors, without ever holding its zeros.
SparseVectors read_offsets(const GltfDocument& document, int index, std::size_t count,
                           const std::string& part);

}  // namespace tha4
