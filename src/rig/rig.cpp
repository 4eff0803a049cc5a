#include "tha4/rig/rig.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <glm/gtc/matrix_transform.hpp>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

float amount_of(const RigControl::MorphWeight& entry, float value) {
  return std::max(0.0F, entry.for_negative ? -value : value) * entry.weight;
}

/// The fraction of each parameter's value that is left by the limits of parameters.
std::array<float, kPoseSize> parameter_fractions(const Rig& rig, const Pose& pose) {
  std::array<float, kPoseSize> fractions;
  fractions.fill(1);
  for (const ParameterLimit& limit : rig.parameter_limits) {
    float sum = 0;
    for (const int parameter : limit.parameters) {
      const auto i = static_cast<std::size_t>(parameter);
      sum += fractions[i] * std::abs(pose[i]);
    }
    if (sum <= 1) continue;
    for (const int parameter : limit.parameters) fractions[static_cast<std::size_t>(parameter)] /= sum;
  }
  return fractions;
}

/// Where each bone takes the points that hang on it, in the pose.
std::vector<glm::mat4> bone_transforms(const Rig& rig, const Pose& pose) {
  std::vector<glm::vec3> degrees(rig.bones.size(), glm::vec3(0));
  std::vector<glm::vec3> shifts(rig.bones.size(), glm::vec3(0));
  for (std::size_t i = 0; i < rig.controls.size(); ++i) {
    for (const auto& turn : rig.controls[i].turns) {
      degrees[static_cast<std::size_t>(turn.bone)] += pose[i] * turn.degrees;
    }
    for (const auto& shift : rig.controls[i].shifts) {
      shifts[static_cast<std::size_t>(shift.bone)] += pose[i] * shift.offset;
    }
  }
  std::vector<glm::mat4> transforms(rig.bones.size());
  for (std::size_t i = 0; i < rig.bones.size(); ++i) {
    const Bone& bone = rig.bones[i];
    glm::mat4 own = glm::translate(glm::mat4(1), bone.joint + shifts[i]);
    own = glm::rotate(own, glm::radians(degrees[i].z), glm::vec3(0, 0, 1));
    own = glm::rotate(own, glm::radians(degrees[i].y), glm::vec3(0, 1, 0));
    own = glm::rotate(own, glm::radians(degrees[i].x), glm::vec3(1, 0, 0));
    own = glm::translate(own, -bone.joint);
    transforms[i] = bone.parent < 0 ? own : transforms[static_cast<std::size_t>(bone.parent)] * own;
  }
  return transforms;
}

void bend(const Mesh& mesh, const std::vector<glm::mat4>& transforms, PosedMesh& posed) {
  if (transforms.empty()) return;
  for (std::size_t v = 0; v < posed.positions.size(); ++v) {
    glm::mat4 transform(0);
    if (mesh.bones.empty()) {
      transform = transforms[0];
    } else {
      for (int k = 0; k < 4; ++k) transform += mesh.bone_weights[v][k] * transforms[mesh.bones[v][k]];
    }
    posed.positions[v] = glm::vec3(transform * glm::vec4(posed.positions[v], 1));
    if (!posed.normals.empty()) {
      const glm::vec3 normal(transform * glm::vec4(posed.normals[v], 0));
      const float length = glm::length(normal);
      if (length > 0) posed.normals[v] = normal / length;
    }
  }
}

}  // namespace

std::vector<std::pair<std::string, float>> morph_weights(const Rig& rig, const Pose& pose,
                                                         PictureMorphs picture) {
  std::vector<std::pair<std::string, float>> weights;
  std::unordered_map<std::string, std::size_t> places;
  const auto add = [&](const std::string& morph, float amount) {
    const auto [place, is_new] = places.try_emplace(morph, weights.size());
    if (is_new) weights.emplace_back(morph, 0.0F);
    weights[place->second].second += amount;
  };
  const std::array<float, kPoseSize> fractions = parameter_fractions(rig, pose);
  for (std::size_t i = 0; i < rig.controls.size(); ++i) {
    for (const auto& entry : rig.controls[i].morphs) {
      const float amount = amount_of(entry, fractions[i] * pose[i]);
      if (amount != 0) add(entry.morph, amount);
    }
  }
  if (picture == PictureMorphs::shown) {
    for (const std::string& morph : rig.picture_morphs) add(morph, 1);
  }
  for (const MorphLimit& limit : rig.limits) {
    float sum = 0;
    for (std::size_t i = 0; i < limit.morphs.size(); ++i) {
      const auto place = places.find(limit.morphs[i]);
      if (place != places.end()) sum += limit.amounts[i] * weights[place->second].second;
    }
    if (sum <= 1) continue;
    for (const std::string& morph : limit.morphs) {
      const auto place = places.find(morph);
      if (place != places.end()) weights[place->second].second /= sum;
    }
  }
  return weights;
}

std::vector<PosedMesh> pose_rig(const Rig& rig, const Pose& pose, bool with_bones, PictureMorphs picture) {
  std::unordered_map<std::string, float> weights;
  for (const auto& [morph, weight] : morph_weights(rig, pose, picture)) weights.emplace(morph, weight);
  std::vector<PosedMesh> posed;
  posed.reserve(rig.meshes.size());
  for (const Mesh& mesh : rig.meshes) {
    PosedMesh result{mesh.positions, mesh.normals};
    for (const Morph& morph : mesh.morphs) {
      const auto weight = weights.find(morph.name);
      if (weight == weights.end()) continue;
      for (std::size_t i = 0; i < morph.vertices.size(); ++i) {
        result.positions[morph.vertices[i]] += weight->second * morph.offsets[i];
      }
    }
    posed.push_back(std::move(result));
  }
  if (with_bones) bend_rig(rig, pose, posed);
  return posed;
}

void bend_rig(const Rig& rig, const Pose& pose, std::vector<PosedMesh>& meshes) {
  const std::vector<glm::mat4> transforms = bone_transforms(rig, pose);
  for (std::size_t i = 0; i < rig.meshes.size(); ++i) bend(rig.meshes[i], transforms, meshes[i]);
}

}  // namespace tha4
