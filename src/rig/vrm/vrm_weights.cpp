#include "vrm_weights.h"

#include <algorithm>
#include <utility>

#include "gltf_accessors.h"
#include <glm/common.hpp>

namespace tha4 {
namespace {

using std::size_t;
using std::string;

constexpr int kMaxSets = 8;  // of four joints each; programs write one or two

int attribute_of(const tinygltf::Primitive& primitive, const string& name) {
  const auto found = primitive.attributes.find(name);
  return found == primitive.attributes.end() ? -1 : found->second;
}

int count_sets(const tinygltf::Primitive& primitive) {
  int sets = 0;
  while (sets < kMaxSets && attribute_of(primitive, "JOINTS_" + std::to_string(sets)) >= 0) ++sets;
  return sets;
}

/// All of one joint, whichever the file names.
VertexWeights bound_to_first(size_t count) {
  return {1, std::vector<std::uint16_t>(count, 0), std::vector<float>(count, 1)};
}

void read_set(const GltfDocument& document, const tinygltf::Primitive& primitive, const string& part,
              const std::vector<std::uint32_t>& places, int set, size_t joint_count, VertexWeights& result) {
  const string number = std::to_string(set);
  const string joints_part = part + ".JOINTS_" + number;
  const auto joints =
      read_integers(document, attribute_of(primitive, "JOINTS_" + number), 4, joints_part, kMaxVertexCount);
  const int accessor = attribute_of(primitive, "WEIGHTS_" + number);
  const auto weights =
      accessor < 0 ? std::vector<glm::vec4>() : read_vec4(document, accessor, part + ".WEIGHTS_" + number);
  if (joints.size() != 4 * places.size() || weights.size() != places.size()) {
    document.fail(joints_part, "and WEIGHTS_" + number + " do not fit the vertices" + kExportAgain);
  }
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] == kUnusedVertex) continue;
    const glm::vec4 clipped = glm::clamp(weights[i], 0.0F, 1.0F);
    for (int k = 0; k < 4; ++k) {
      if (clipped[k] == 0) continue;
      const std::uint32_t joint = joints[4 * i + static_cast<size_t>(k)];
      if (joint >= joint_count) {
        document.fail(joints_part, "name joint " + std::to_string(joint) + " of " +
                                       std::to_string(joint_count) + kExportAgain);
      }
      const size_t place = places[i] * result.each + 4 * static_cast<size_t>(set) + static_cast<size_t>(k);
      result.joints[place] = static_cast<std::uint16_t>(joint);
      result.weights[place] = clipped[k];
    }
  }
}

/// Vertices without any weight follow the first joint.
void normalize(VertexWeights& vertices) {
  for (size_t begin = 0; begin < vertices.weights.size(); begin += vertices.each) {
    float* const weights = &vertices.weights[begin];
    float sum = 0;
    for (size_t k = 0; k < vertices.each; ++k) sum += weights[k];
    if (sum <= 0) {
      weights[0] = 1;
      continue;
    }
    for (size_t k = 0; k < vertices.each; ++k) weights[k] /= sum;
  }
}

/// The bones that one vertex follows, in the order in which they are named.
using BoneWeights = std::vector<std::pair<std::uint16_t, float>>;

void keep_heaviest(BoneWeights& bones, size_t count) {
  std::stable_sort(bones.begin(), bones.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  bones.resize(count);
  float sum = 0;
  for (const auto& bone : bones) sum += bone.second;
  for (auto& bone : bones) bone.second /= sum;
}

}  // namespace

VertexWeights read_vertex_weights(const GltfDocument& document, const tinygltf::Primitive& primitive,
                                  const string& part, const std::vector<std::uint32_t>& places,
                                  size_t used_count, const Binding& binding) {
  const int sets = count_sets(primitive);
  if (binding.transforms.size() == 1 || sets == 0) return bound_to_first(used_count);
  VertexWeights result;
  result.each = 4 * static_cast<size_t>(sets);
  result.joints.assign(result.each * used_count, 0);
  result.weights.assign(result.each * used_count, 0);
  for (int set = 0; set < sets; ++set) {
    read_set(document, primitive, part, places, set, binding.transforms.size(), result);
  }
  normalize(result);
  return result;
}

std::vector<glm::mat4> vertex_transforms(const VertexWeights& vertices, const Binding& binding) {
  std::vector<glm::mat4> transforms;
  transforms.reserve(vertices.joints.size() / vertices.each);
  for (size_t begin = 0; begin < vertices.joints.size(); begin += vertices.each) {
    glm::mat4 transform(0);
    for (size_t k = begin; k < begin + vertices.each; ++k) {
      transform += vertices.weights[k] * binding.transforms[vertices.joints[k]];
    }
    transforms.push_back(transform);
  }
  return transforms;
}

size_t bind_vertices(const VertexWeights& vertices, const Binding& binding, Mesh& mesh) {
  size_t crowded = 0;
  BoneWeights followed;
  for (size_t begin = 0; begin < vertices.joints.size(); begin += vertices.each) {
    followed.clear();
    for (size_t k = begin; k < begin + vertices.each; ++k) {
      if (vertices.weights[k] == 0) continue;
      const auto bone = static_cast<std::uint16_t>(binding.bones[vertices.joints[k]]);
      const auto known = std::find_if(followed.begin(), followed.end(),
                                      [&](const auto& entry) { return entry.first == bone; });
      if (known == followed.end()) {
        followed.emplace_back(bone, vertices.weights[k]);
      } else {
        known->second += vertices.weights[k];
      }
    }
    if (followed.size() > 4) {
      ++crowded;
      keep_heaviest(followed, 4);
    }
    glm::u16vec4 bones(0);
    glm::vec4 weights(0);
    for (size_t k = 0; k < followed.size(); ++k) {
      bones[static_cast<int>(k)] = followed[k].first;
      weights[static_cast<int>(k)] = followed[k].second;
    }
    mesh.bones.push_back(bones);
    mesh.bone_weights.push_back(weights);
  }
  return crowded;
}

}  // namespace tha4
