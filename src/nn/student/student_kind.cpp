#include "tha4/nn/student/student_kind.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "tha4/base/error.h"
#include "tha4/base/nearest_name.h"
#include "tha4/nn/blocks/weight_shapes.h"
#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"

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
  if (kind == FaceMorpherKind::siren) return load_network<SirenFaceMorpher>(state, source).ptr();
  const auto network = load_network<BlendshapeFaceMorpher>(state, source);
  network->check_indices(source);
  return network.ptr();
}

std::shared_ptr<StudentBodyRotator> make_body_rotator(BodyRotatorKind kind, const StateDict& state,
                                                      const std::string& source) {
  if (kind == BodyRotatorKind::vanilla_siren) {
    return load_network<VanillaSirenBodyRotator>(state, source).ptr();
  }
  if (kind == BodyRotatorKind::blendshape) {
    const auto network = load_network<BlendshapeBodyRotator>(state, source);
    network->check_indices(source);
    return network.ptr();
  }
  const auto resolution =
      kind == BodyRotatorKind::siren ? SirenResolution::multiple : SirenResolution::single;
  return load_network<SirenBodyRotator>(state, source,
                                        siren_body_options_of(WeightShapes(state, source), resolution))
      .ptr();
}

}  // namespace tha4
