#pragma once

#include <memory>
#include <string>

#include "tha4/nn/student/student_network.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// The kinds of student networks (docs/architecture.md, "Words"; paper, Table 6). Face and body kinds mix
/// freely.
enum class FaceMorpherKind { siren, blendshape };
/// Likewise of body rotators.
enum class BodyRotatorKind { siren, siren_single_resolution, vanilla_siren, blendshape };

/// The names in configurations and character_model.yaml, and back; InputError names the nearest right one.
std::string to_string(FaceMorpherKind kind);
std::string to_string(BodyRotatorKind kind);
FaceMorpherKind parse_face_morpher_kind(const std::string& name);
BodyRotatorKind parse_body_rotator_kind(const std::string& name);

/// A network of \p kind, its sizes read off \p state, with the weights of \p state. Throws InputError naming
/// \p source, a file, when they do not make such a network.
std::shared_ptr<StudentFaceMorpher> make_face_morpher(FaceMorpherKind kind, const StateDict& state,
                                                      const std::string& source);
std::shared_ptr<StudentBodyRotator> make_body_rotator(BodyRotatorKind kind, const StateDict& state,
                                                      const std::string& source);

}  // namespace tha4
