#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/data/picture_view.h"
#include "tha4/data/pose_step.h"
#include "tha4/data/triple.h"
#include "tha4/nn/teacher/named_network.h"
#include "tha4/teacher/teacher_config.h"

namespace tha4 {

/// An image that a network makes, [N, 4, H, W], or a map of one or two channels that belongs to it.
struct NamedImage {
  std::string name;
  at::Tensor image;
};

/// What a network makes of a batch.
struct TaskOutput {
  at::Tensor input;                ///< the picture that it was given, [N, 4, H, W]
  at::Tensor target;               ///< the picture that it should make, [N, 4, H, W]
  at::Tensor result;               ///< the picture that it goes by, [N, 4, H, W]
  std::vector<NamedImage> images;  ///< those that losses are taken of, see image_names()
  at::Tensor alpha;                ///< [N, 1 or 4, H, W], for sample pictures; undefined where there is none
};

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

  /// Applies the networks to a batch on their device, as view() shows it; gradients flow.
  virtual TaskOutput run(const TripleBatch& batch, const TrainingPhase& phase) = 0;

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
