#pragma once

#include <memory>
#include <optional>

#include "tha4/distill/distill_config.h"
#include "tha4/distributed/batch_share.h"
#include "tha4/poser/poser.h"
#include "tha4/train/adam.h"
#include "tha4/train/training.h"
#include "tha4/train/weight_average.h"

namespace tha4 {

class SoapOptimizer;
class TeacherStore;

/// What the trainings of both SIRENs by LibTorch's layers are: Adam or SOAP on one network; every step draws
/// poses and asks the teacher, or draws from what it made beforehand. Several processes draw the same poses,
/// of which each takes its share.
class SirenTraining : public Training {
 public:
  ~SirenTraining() override;
  TrainingState state() const override;
  void restore(const TrainingState& state, const std::string& source) override;
  StateDict exported_state() const override;

 protected:
  /// \param store  what steps draw from; may be null
  SirenTraining(Poser& teacher, const PoseSource& poses, const SirenSteps& steps,
                std::shared_ptr<const TeacherStore> store, BatchShare share);

  /// Moves \p network to the teacher's device and makes its optimiser.
  void start(std::shared_ptr<torch::nn::Module> network, const AdamConfig& adam);

  /// One step down \p loss, after so many examples.
  void descend(const at::Tensor& loss, double learning_rate, std::int64_t examples_seen);

  /// \p count poses, on the teacher's device.
  at::Tensor draw(int count, std::uint64_t seed) const;

  /// Of \p count frames of store(), drawn with repetition, the numbers of those that are this process'.
  std::vector<std::int64_t> draw_stored(int count, std::uint64_t seed) const;

  Poser& teacher_;
  PoseSource poses_;
  SirenSteps steps_;
  std::shared_ptr<const TeacherStore> store_;
  BatchShare share_;

 private:
  std::shared_ptr<torch::nn::Module> trained_;
  std::optional<Adam> optimizer_;
  std::unique_ptr<SoapOptimizer> soap_;  ///< which takes the steps where there is one
  std::optional<WeightAverage> average_;
};

/// Distils the paper's face morpher (section 5.2.1): every step draws poses, asks the teacher for their face
/// crops, and minimises L1 + λ_fm · L1 inside the face mask (appendix D).
class SirenFaceTraining final : public SirenTraining {
 public:
  /// \param teacher  must outlive the training; the network lives on its device
  /// \param mask     float [1, 128, 128]
  /// \param first    weights that it begins with, see first_network()
  SirenFaceTraining(Poser& teacher, const at::Tensor& mask, const PoseSource& poses,
                    const SirenFaceConfig& config, std::shared_ptr<const TeacherStore> store = nullptr,
                    const StateDict& first = StateDict(), BatchShare share = {});

  std::string name() const override { return "face_morpher"; }
  std::int64_t total_examples() const override { return config_.examples; }
  TrainingStep step(std::int64_t examples_seen) override;
  TrainingParts parts() override;

 private:
  at::Tensor mask_;
  SirenFaceConfig config_;
  std::shared_ptr<StudentFaceMorpher> network_;
};

/// Distils the paper's body rotator, or another architecture of Table 6 (section 5.2.2): every step draws
/// poses and a window of the frame, asks the teacher for it, and minimises the four-term loss with the
/// weights of the phase. The rest image gets the teacher's face crop. A vanilla SIREN has one output, so that
/// only the errors of the final image count.
class SirenBodyTraining final : public SirenTraining {
 public:
  /// \param teacher  must outlive the training; the network lives on its device
  /// \param first    weights that it begins with, see first_network()
  SirenBodyTraining(Poser& teacher, const PoseSource& poses, const SirenBodyConfig& config,
                    std::shared_ptr<const TeacherStore> store = nullptr, const StateDict& first = StateDict(),
                    BatchShare share = {});

  std::string name() const override { return "body_rotator"; }
  std::int64_t total_examples() const override { return config_.examples; }
  TrainingStep step(std::int64_t examples_seen) override;
  TrainingParts parts() override;

 private:
  FrameWindow draw_window(std::uint64_t seed) const;

  SirenBodyConfig config_;
  std::shared_ptr<StudentBodyRotator> network_;
};

/// Multiplies the weights of the position, in each layer of a SIREN that has pixel and pose among its inputs.
void scale_positions(torch::nn::Module& network, int pose_size, double scale);

/// A network of the configured sizes as its training begins with it.
/// \param first  its weights, of such a network; empty: random ones
std::shared_ptr<StudentFaceMorpher> first_network(const SirenFaceConfig& config,
                                                  const StateDict& first = StateDict());
std::shared_ptr<StudentBodyRotator> first_network(const SirenBodyConfig& config,
                                                  const StateDict& first = StateDict());

/// The phase of a list (not empty) that \p examples_seen falls into; the last one beyond its end.
const BodyLossPhase& phase_at(const std::vector<BodyLossPhase>& phases, std::int64_t examples_seen);

}  // namespace tha4
