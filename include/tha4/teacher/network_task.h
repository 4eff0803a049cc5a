#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/data/picture_view.h"
#include "tha4/data/pose_step.h"
#include "tha4/data/triple.h"
#include "tha4/evaluation/made_images.h"
#include "tha4/nn/teacher/named_network.h"
#include "tha4/teacher/teacher_config.h"

namespace tha4 {

/// The family of what can be trained: one of a teacher's networks (two for the eyebrows), and how it is
/// applied to the triples of its step.
class NetworkTask {
 public:
  virtual ~NetworkTask() = default;

  /// The networks that are trained, by the names of their official files.
  virtual std::vector<NamedNetwork> networks() const = 0;

  /// What the triples must show.
  virtual PoseStep step() const = 0;

  /// What the networks see of the pictures.
  virtual PictureView view() const { return {}; }

  /// Applies the networks to a batch on their device, as view() shows it; gradients flow. The images are
  /// those that image_names() has.
  virtual MadeImages run(const TripleBatch& batch, const TrainingPhase& phase) = 0;

  /// What is trained in \p phase: all parameters, unless the phase leaves a part of the network out.
  virtual std::vector<at::Tensor> parameters(const TrainingPhase& phase) const;

  /// Moves everything, networks that are not trained included, to \p device and \p type.
  virtual void to(c10::Device device, at::ScalarType type);

  /// Whether intermediate results are computed once more in backward instead of being kept. Throws Error
  /// where the networks cannot do that, see can_checkpoint_activations().
  virtual void set_activation_checkpointing(bool on);
};

/// Networks of the sizes of \p config, initialised from its seed.
/// \param teacher  folder of the teacher that is being trained: the editors learn with the finished rotator
///                 that lies there (body_morpher.pt, two_algo_face_body_rotator.pt). Throws InputError that
///                 says what to train first where it is missing and a phase needs it.
std::unique_ptr<NetworkTask> make_network_task(const TeacherTrainingConfig& config,
                                               const std::filesystem::path& teacher);

}  // namespace tha4
