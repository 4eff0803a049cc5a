#include "gltf_accessors.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <utility>

namespace tha4 {
namespace {

/// Elements that lie within their buffer for sure.
struct Elements {
  const unsigned char* data = nullptr;  ///< null: all zero
  std::size_t stride = 0;
  std::size_t count = 0;
  int component_type = 0;
  int components = 0;
  bool is_normalized = false;
};

std::size_t component_size(int type) {
  switch (type) {
    case TINYGLTF_COMPONENT_TYPE_BYTE:
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE:
      return 1;
    case TINYGLTF_COMPONENT_TYPE_SHORT:
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT:
      return 2;
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT:
    case TINYGLTF_COMPONENT_TYPE_FLOAT:
      return 4;
    default:
      return 0;
  }
}

template <class T>
T load(const unsigned char* data) {
  T value;
  std::memcpy(&value, data, sizeof(T));
  return value;
}

template <class T>
float load_number(const unsigned char* data, bool is_normalized) {
  const auto value = static_cast<float>(load<T>(data));
  if (!is_normalized) return value;
  return std::max(value / static_cast<float>(std::numeric_limits<T>::max()), -1.0F);
}

const unsigned char* component_at(const Elements& elements, std::size_t i, int component) {
  return elements.data + i * elements.stride +
         static_cast<std::size_t>(component) * component_size(elements.component_type);
}

float number_at(const Elements& elements, std::size_t i, int component) {
  if (elements.data == nullptr) return 0;
  const unsigned char* data = component_at(elements, i, component);
  switch (elements.component_type) {
    case TINYGLTF_COMPONENT_TYPE_BYTE:
      return load_number<std::int8_t>(data, elements.is_normalized);
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE:
      return load_number<std::uint8_t>(data, elements.is_normalized);
    case TINYGLTF_COMPONENT_TYPE_SHORT:
      return load_number<std::int16_t>(data, elements.is_normalized);
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT:
      return load_number<std::uint16_t>(data, elements.is_normalized);
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT:
      return load_number<std::uint32_t>(data, elements.is_normalized);
    default:
      return load<float>(data);
  }
}

std::uint32_t integer_at(const Elements& elements, std::size_t i, int component) {
  if (elements.data == nullptr) return 0;
  const unsigned char* data = component_at(elements, i, component);
  switch (elements.component_type) {
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE:
      return load<std::uint8_t>(data);
    case TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT:
      return load<std::uint16_t>(data);
    default:
      return load<std::uint32_t>(data);
  }
}

const tinygltf::Accessor& accessor_at(const GltfDocument& document, int index, const std::string& part) {
  if (index < 0 || static_cast<std::size_t>(index) >= document.model.accessors.size()) {
    document.fail(part,
                  "refers to accessor " + std::to_string(index) + ", which is not there" + kExportAgain);
  }
  return document.model.accessors[static_cast<std::size_t>(index)];
}

/// Points \p elements at its data in buffer view \p view, from \p offset on; all that it counts must lie
/// within.
void place(const GltfDocument& document, Elements& elements, int view, std::size_t offset,
           bool uses_stride_of_view, const std::string& part) {
  const auto& views = document.model.bufferViews;
  if (view < 0 || static_cast<std::size_t>(view) >= views.size()) {
    document.fail(part,
                  "refers to buffer view " + std::to_string(view) + ", which is not there" + kExportAgain);
  }
  const tinygltf::BufferView& place = views[static_cast<std::size_t>(view)];
  const std::size_t element =
      component_size(elements.component_type) * static_cast<std::size_t>(elements.components);
  elements.stride = uses_stride_of_view && place.byteStride != 0 ? place.byteStride : element;
  const std::size_t size = place.byteLength;
  const bool fits =
      elements.count == 0 || (offset <= size && element <= size - offset && elements.stride >= element &&
                              elements.count - 1 <= (size - offset - element) / elements.stride);
  if (!fits) {
    document.fail(part,
                  "reaches beyond its buffer view of " + std::to_string(size) + " bytes" + kExportAgain);
  }
  elements.data =
      document.model.buffers[static_cast<std::size_t>(place.buffer)].data.data() + place.byteOffset + offset;
}

/// The dense part of an accessor.
Elements dense_elements(const GltfDocument& document, const tinygltf::Accessor& accessor, int components,
                        const std::string& part) {
  Elements elements;
  elements.count = accessor.count;
  elements.components = tinygltf::GetNumComponentsInType(static_cast<std::uint32_t>(accessor.type));
  elements.component_type = accessor.componentType;
  elements.is_normalized = accessor.normalized;
  if (elements.components != components || component_size(elements.component_type) == 0) {
    document.fail(part, std::string("is not of the type that glTF asks for") + kExportAgain);
  }
  if (accessor.bufferView >= 0) {
    place(document, elements, accessor.bufferView, accessor.byteOffset, true, part);
  }
  return elements;
}

/// The entries that replace those of the dense part: where they belong, and their values.
struct SparseElements {
  Elements places;
  Elements values;
};

SparseElements sparse_elements(const GltfDocument& document, const tinygltf::Accessor& accessor,
                               const Elements& dense, const std::string& part) {
  SparseElements sparse;
  if (!accessor.sparse.isSparse) return sparse;
  const auto& source = accessor.sparse;
  const int type = source.indices.componentType;
  const bool is_sound =
      source.count >= 0 && static_cast<std::size_t>(source.count) <= dense.count &&
      std::in_range<std::size_t>(source.indices.byteOffset) &&  // signed in earlier versions of tinygltf
      std::in_range<std::size_t>(source.values.byteOffset) &&
      (type == TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE || type == TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT ||
       type == TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT);
  if (!is_sound) document.fail(part, std::string("has sparse entries that make no sense") + kExportAgain);
  sparse.places.count = static_cast<std::size_t>(source.count);
  sparse.places.component_type = type;
  sparse.places.components = 1;
  sparse.values = dense;
  sparse.values.count = sparse.places.count;
  place(document, sparse.places, source.indices.bufferView,
        static_cast<std::size_t>(source.indices.byteOffset), false, part);
  place(document, sparse.values, source.values.bufferView, static_cast<std::size_t>(source.values.byteOffset),
        false, part);
  for (std::size_t i = 0; i < sparse.places.count; ++i) {
    if (integer_at(sparse.places, i, 0) < dense.count) continue;
    document.fail(
        part, "has a sparse entry beyond its " + std::to_string(dense.count) + " elements" + kExportAgain);
  }
  return sparse;
}

template <class Vector>
Vector checked_vector(const GltfDocument& document, const Elements& elements, std::size_t i,
                      const std::string& part) {
  Vector vector;
  for (int k = 0; k < Vector::length(); ++k) {
    vector[k] = number_at(elements, i, k);
    if (!std::isfinite(vector[k])) {
      document.fail(part, "has a number that is not finite, in element " + std::to_string(i) + kExportAgain);
    }
  }
  return vector;
}

template <class Vector>
std::vector<Vector> read_vectors(const GltfDocument& document, int index, const std::string& part) {
  const std::size_t count = accessor_count(document, index, part);
  const tinygltf::Accessor& accessor = accessor_at(document, index, part);
  const Elements dense = dense_elements(document, accessor, Vector::length(), part);
  const SparseElements sparse = sparse_elements(document, accessor, dense, part);
  std::vector<Vector> vectors(count);
  for (std::size_t i = 0; i < count; ++i) vectors[i] = checked_vector<Vector>(document, dense, i, part);
  for (std::size_t i = 0; i < sparse.places.count; ++i) {
    vectors[integer_at(sparse.places, i, 0)] = checked_vector<Vector>(document, sparse.values, i, part);
  }
  return vectors;
}

glm::mat4 checked_matrix(const GltfDocument& document, const Elements& elements, std::size_t i,
                         const std::string& part) {
  glm::mat4 matrix;
  for (int k = 0; k < 16; ++k) {
    const float value = number_at(elements, i, k);
    if (!std::isfinite(value)) {
      document.fail(part, "has a number that is not finite, in element " + std::to_string(i) + kExportAgain);
    }
    matrix[k / 4][k % 4] = value;
  }
  return matrix;
}

bool is_zero(const glm::vec3& vector) {
  return vector.x == 0 && vector.y == 0 && vector.z == 0;
}

}  // namespace

std::size_t accessor_count(const GltfDocument& document, int index, const std::string& part,
                           std::size_t largest) {
  const std::size_t count = accessor_at(document, index, part).count;
  if (count > largest) {
    document.fail(part, "claims " + std::to_string(count) + " elements; at most " + std::to_string(largest) +
                            " are read: simplify the model");
  }
  return count;
}

std::vector<glm::vec2> read_vec2(const GltfDocument& document, int index, const std::string& part) {
  return read_vectors<glm::vec2>(document, index, part);
}

std::vector<glm::vec3> read_vec3(const GltfDocument& document, int index, const std::string& part) {
  return read_vectors<glm::vec3>(document, index, part);
}

std::vector<glm::vec4> read_vec4(const GltfDocument& document, int index, const std::string& part) {
  return read_vectors<glm::vec4>(document, index, part);
}

std::vector<glm::vec4> read_color(const GltfDocument& document, int index, const std::string& part) {
  if (accessor_at(document, index, part).type != TINYGLTF_TYPE_VEC3) return read_vec4(document, index, part);
  std::vector<glm::vec4> colors;
  for (const glm::vec3& color : read_vec3(document, index, part)) colors.emplace_back(color, 1);
  return colors;
}

std::vector<glm::mat4> read_mat4(const GltfDocument& document, int index, const std::string& part) {
  const std::size_t count = accessor_count(document, index, part, kMaxGltfList);
  const tinygltf::Accessor& accessor = accessor_at(document, index, part);
  const Elements dense = dense_elements(document, accessor, 16, part);
  const SparseElements sparse = sparse_elements(document, accessor, dense, part);
  std::vector<glm::mat4> matrices(count);
  for (std::size_t i = 0; i < count; ++i) matrices[i] = checked_matrix(document, dense, i, part);
  for (std::size_t i = 0; i < sparse.places.count; ++i) {
    matrices[integer_at(sparse.places, i, 0)] = checked_matrix(document, sparse.values, i, part);
  }
  return matrices;
}

std::vector<std::uint32_t> read_integers(const GltfDocument& document, int index, int components,
                                         const std::string& part, std::size_t largest_count) {
  const std::size_t count = accessor_count(document, index, part, largest_count);
  const tinygltf::Accessor& accessor = accessor_at(document, index, part);
  const Elements dense = dense_elements(document, accessor, components, part);
  // glTF would have them be zeros: no triangle is made of those, and a few bytes would claim any number.
  if (dense.data == nullptr) document.fail(part, std::string("has no buffer view") + kExportAgain);
  if (dense.component_type != TINYGLTF_COMPONENT_TYPE_UNSIGNED_BYTE &&
      dense.component_type != TINYGLTF_COMPONENT_TYPE_UNSIGNED_SHORT &&
      dense.component_type != TINYGLTF_COMPONENT_TYPE_UNSIGNED_INT) {
    document.fail(part, std::string("is not of the type that glTF asks for") + kExportAgain);
  }
  const SparseElements sparse = sparse_elements(document, accessor, dense, part);
  const auto width = static_cast<std::size_t>(components);
  std::vector<std::uint32_t> numbers;
  numbers.reserve(count * width);
  for (std::size_t i = 0; i < count; ++i) {
    for (int k = 0; k < components; ++k) numbers.push_back(integer_at(dense, i, k));
  }
  for (std::size_t i = 0; i < sparse.places.count; ++i) {
    const std::size_t place = integer_at(sparse.places, i, 0) * width;
    for (std::size_t k = 0; k < width; ++k) {
      numbers[place + k] = integer_at(sparse.values, i, static_cast<int>(k));
    }
  }
  return numbers;
}

SparseVectors read_offsets(const GltfDocument& document, int index, std::size_t count,
                           const std::string& part) {
  if (accessor_count(document, index, part) != count) {
    document.fail(part, std::string("has not as many vectors as its mesh has vertices") + kExportAgain);
  }
  const tinygltf::Accessor& accessor = accessor_at(document, index, part);
  const Elements dense = dense_elements(document, accessor, 3, part);
  const SparseElements sparse = sparse_elements(document, accessor, dense, part);
  std::map<std::uint32_t, glm::vec3> replaced;
  for (std::size_t i = 0; i < sparse.places.count; ++i) {
    replaced[integer_at(sparse.places, i, 0)] = checked_vector<glm::vec3>(document, sparse.values, i, part);
  }
  SparseVectors offsets;
  const auto add = [&](std::uint32_t place, const glm::vec3& value) {
    if (is_zero(value)) return;
    offsets.places.push_back(place);
    offsets.values.push_back(value);
  };
  if (dense.data == nullptr) {
    for (const auto& [place, value] : replaced) add(place, value);
    return offsets;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = static_cast<std::uint32_t>(i);
    const auto found = replaced.find(place);
    add(place, found != replaced.end() ? found->second : checked_vector<glm::vec3>(document, dense, i, part));
  }
  return offsets;
}

}  // namespace tha4
