#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "gltf_document.h"

namespace tha4 {

/// An expression (VRM 0.x: blend shape group) as far as it moves morph targets.
struct VrmExpression {
  struct Bind {
    int mesh = 0;    ///< index in the document's meshes
    int target = 0;  ///< index of the morph target in that mesh
    float weight = 1;
  };
  std::vector<Bind> binds;
};

/// How far an eye turns at most, in degrees.
struct VrmEyeRange {
  float horizontal = 10;
  float up = 10;
  float down = 10;
};

/// What VRM adds to a glTF file, in the words of VRM 1.0 for both versions.
struct VrmDescription {
  bool is_version_0 = false;
  std::string title;
  std::vector<std::string> authors;
  std::string license;
  std::map<std::string, int> bones;  ///< node of each humanoid bone
  /// By name; VRM 0.x presets under the names of 1.0: "blinkLeft", "aa", "happy".
  std::map<std::string, VrmExpression> expressions;
  /// Nodes (VRM 1.0) and meshes (VRM 0.x) that only the character itself sees.
  std::set<int> first_person_nodes;
  std::set<int> first_person_meshes;
  bool eyes_turn_by_bone = true;
  VrmEyeRange eye_range;
  bool has_spring_bones = false;
  std::vector<std::string> notes;  ///< what was passed over, one sentence each
};

/// Reads the extension "VRMC_vrm" (1.0) or "VRM" (0.x). What an expression or an annotation refers to may be
/// gone, as programs leave it that remove meshes: it is passed over with a note. Throws InputError when there
/// is neither extension, when it is malformed, or when one of the bones hips, spine and head is missing or
/// has the node of another of them; other bones on a node that is taken are passed over with a note.
VrmDescription read_vrm_extension(const GltfDocument& document);

/// VRM's required bones, those of a whole body.
const std::vector<std::string>& required_vrm_bones();

}  // namespace tha4
