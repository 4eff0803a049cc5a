#pragma once

#include <memory>
#include <optional>

#include "tha4/base/context.h"
#include "tha4/distill/distill_config.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/distributed/batch_share.h"
#include "tha4/nn/student/student_kind.h"
#include "tha4/poser/character.h"
#include "tha4/poser/poser.h"
#include "tha4/train/training.h"

// How the networks of a student are trained: how each kind learns is decided here alone.

namespace tha4 {

/// Throws InputError where so many processes cannot share the trainings: SIRENs are trained by any number
/// that divides their batches, blendshapes by one process.
void check_shareable(const DistillConfig& config, int processes);

/// The kinds of the networks that \p config makes.
FaceMorpherKind face_morpher_kind(const DistillConfig& config);
BodyRotatorKind body_rotator_kind(const DistillConfig& config);

/// Whether a network learns from face crops, or frames, that its teacher makes before the training begins.
/// The steps of others ask the teacher themselves.
bool learns_from_crops(const DistillConfig& config);
bool learns_from_frames(const DistillConfig& config);

/// The teacher's face crops that the face is known by beforehand. They show where it moves, which its mask is
/// derived from; a face that learns from crops learns from these. Throws as collect_teacher_crops() does.
/// \param count  of crops; if it is not given, as many as the settings say
TeacherCrops collect_face_crops(Poser& teacher, const DistillConfig& config,
                                const TeacherCollection& collection, std::optional<int> count = {},
                                const Context& context = {});

/// The teacher's frames that a body learns from, likewise. Throws Error for a body that learns from none.
TeacherFrames collect_body_frames(Poser& teacher, const DistillConfig& config,
                                  const TeacherCollection& collection, std::optional<int> count = {},
                                  const Context& context = {});

/// Weights that the SIRENs of a student begin with; empty where they are random.
struct FirstWeights {
  StateDict face_morpher;
  StateDict body_rotator;
};

/// Those of another student, for each network of \p config that is a SIREN. Throws InputError naming
/// \p source, where \p character is from, if its networks are of other kinds or sizes, or if no network of
/// \p config is a SIREN: blendshapes are found anew for each character.
FirstWeights first_weights_of(const Character& character, const DistillConfig& config,
                              const std::string& source);

/// What a SIREN's training is calculated by.
enum class SirenKernels {
  own,     ///< kernels of the project's own, where there are some for the network and the device
  layers,  ///< LibTorch's layers
};

/// The training of a face morpher; the network is what it exports. Where its settings say that the teacher
/// makes crops beforehand, it makes them now, telling \p context how far it is. Throws InterruptedError where
/// \p context asks for a stop meanwhile.
/// \param teacher  must outlive the training, which is on its device
/// \param crops    of a face that learns from crops; of no effect on others
/// \param mask     float [1, 128, 128]: of a face whose loss has one; of no effect on others
/// \param first    weights that a SIREN begins with; empty: random ones
/// \param share    of a SIREN's batches, and of the crops that are made beforehand; blendshapes have none
std::unique_ptr<Training> make_face_training(Poser& teacher, const DistillConfig& config, TeacherCrops crops,
                                             const at::Tensor& mask, const Context& context = {},
                                             const StateDict& first = StateDict(),
                                             SirenKernels kernels = SirenKernels::own, BatchShare share = {});

/// Likewise of a body rotator.
/// \param frames   of a body that learns from frames; of no effect on others
std::unique_ptr<Training> make_body_training(Poser& teacher, const DistillConfig& config,
                                             TeacherFrames frames, const Context& context = {},
                                             const StateDict& first = StateDict(),
                                             SirenKernels kernels = SirenKernels::own, BatchShare share = {});

}  // namespace tha4
