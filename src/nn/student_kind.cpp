#include "tha4/nn/student_kind.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "tha4/base/error.h"
#include "tha4/base/nearest_name.h"
#include "tha4/nn/blendshape_body_rotator.h"
#include "tha4/nn/blendshape_face_morpher.h"
#include "tha4/nn/siren_body_rotator.h"
#include "tha4/nn/siren_face_morpher.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

using FaceKindName = std::pair<FaceMorpherKind, const char*>;
using BodyKindName = std::pair<BodyRotatorKind, const char*>;

constexpr std::array kFaceKinds = {FaceKindName{FaceMorpherKind::siren, "siren"},
                                   FaceKindName{FaceMorpherKind::blendshape, "blendshape"}};
constexpr std::array kBodyKinds = {
    BodyKindName{BodyRotatorKind::siren, "siren"},
    BodyKindName{BodyRotatorKind::siren_single_resolution, "siren_single_resolution"},
    BodyKindName{BodyRotatorKind::vanilla_siren, "vanilla_siren"},
    BodyKindName{BodyRotatorKind::blendshape, "blendshape"}};

template <class Table>
std::string name_in(const Table& table, typename Table::value_type::first_type kind) {
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.first == kind; });
  return row->second;
}

template <class Table>
auto kind_in(const Table& table, const std::string& name, const char* what) {
  std::vector<std::string> names;
  for (const auto& [kind, known] : table) {
    if (name == known) return kind;
    names.emplace_back(known);
  }
  throw InputError("'" + name + "' is not a kind of " + what + "; did you mean '" +
                   nearest_name(name, names) + "'?");
}

/// A network made by \p make, filled from \p state.
template <class Network, class Base>
std::shared_ptr<Base> filled(Network network, const StateDict& state, const std::string& source) {
  load_state_dict(*network, state, source);
  return network.ptr();
}

void check_pose_size(const SirenOptions& options, int expected, int outputs, const std::string& source) {
  if (options.pose_size != expected || options.outputs != outputs) {
    throw InputError(source + " takes " + std::to_string(options.pose_size) + " pose parameters and gives " +
                     std::to_string(options.outputs) + " channels; expected " + std::to_string(expected) +
                     " and " + std::to_string(outputs));
  }
}

}  // namespace

std::string to_string(FaceMorpherKind kind) {
  return name_in(kFaceKinds, kind);
}
std::string to_string(BodyRotatorKind kind) {
  return name_in(kBodyKinds, kind);
}
FaceMorpherKind parse_face_morpher_kind(const std::string& name) {
  return kind_in(kFaceKinds, name, "face morpher");
}
BodyRotatorKind parse_body_rotator_kind(const std::string& name) {
  return kind_in(kBodyKinds, name, "body rotator");
}

std::shared_ptr<StudentFaceMorpher> make_face_morpher(FaceMorpherKind kind, const StateDict& state,
                                                      const std::string& source) {
  if (kind == FaceMorpherKind::blendshape) {
    return filled<BlendshapeFaceMorpher, StudentFaceMorpher>(
        BlendshapeFaceMorpher(blendshape_face_options_of(state, source)), state, source);
  }
  const SirenOptions options = siren_options_of(state, "siren.", source);
  check_pose_size(options, kFacePoseSize, 4, source);
  return filled<SirenFaceMorpher, StudentFaceMorpher>(SirenFaceMorpher(options), state, source);
}

std::shared_ptr<StudentBodyRotator> make_body_rotator(BodyRotatorKind kind, const StateDict& state,
                                                      const std::string& source) {
  if (kind == BodyRotatorKind::blendshape) {
    return filled<BlendshapeBodyRotator, StudentBodyRotator>(
        BlendshapeBodyRotator(blendshape_body_options_of(state, source)), state, source);
  }
  if (kind == BodyRotatorKind::vanilla_siren) {
    const SirenOptions options = siren_options_of(state, "siren.", source);
    check_pose_size(options, kPoseSize, 4, source);
    return filled<VanillaSirenBodyRotator, StudentBodyRotator>(VanillaSirenBodyRotator(options), state,
                                                               source);
  }
  const auto resolution =
      kind == BodyRotatorKind::siren ? SirenResolution::multiple : SirenResolution::single;
  return filled<SirenBodyRotator, StudentBodyRotator>(
      SirenBodyRotator(siren_body_options_of(state, resolution, source)), state, source);
}

}  // namespace tha4
