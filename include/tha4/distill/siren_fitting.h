#pragma once

#include <memory>
#include <optional>

#include "tha4/distill/distill_config.h"
#include "tha4/poser/poser.h"
#include "tha4/train/adam.h"
#include "tha4/train/fitting.h"

namespace tha4 {

/// What both SIREN fittings are: Adam on one network, with poses drawn and shown to the teacher in every
/// step.
class SirenFitting : public Fitting {
 public:
  FittingState state() const override;
  void restore(const FittingState& state, const std::string& source) override;

 protected:
  SirenFitting(Poser& teacher, const PoseSource& poses) : teacher_(teacher), poses_(poses) {}

  /// Moves \p network to the teacher's device and makes its optimiser.
  void start(std::shared_ptr<torch::nn::Module> network, const AdamConfig& adam);

  /// One step of Adam down \p loss.
  void descend(const at::Tensor& loss, double learning_rate);

  /// \p count poses, on the teacher's device.
  at::Tensor draw(int count, std::uint64_t seed) const;

  Poser& teacher_;
  PoseSource poses_;

 private:
  std::shared_ptr<torch::nn::Module> trained_;
  std::optional<Adam> optimizer_;
};

/// Distils the paper's face morpher (section 5.2.1): every step draws poses, asks the teacher for their face
/// crops, and minimises L1 + λ_fm · L1 inside the face mask (appendix D).
class SirenFaceFitting final : public SirenFitting {
 public:
  /// \param teacher  must outlive the fitting; the network lives on its device
  /// \param mask     float [1, 128, 128]
  SirenFaceFitting(Poser& teacher, const at::Tensor& mask, const PoseSource& poses,
                   const SirenFaceConfig& config);

  std::string name() const override { return "face_morpher"; }
  std::int64_t total_examples() const override { return config_.examples; }
  FittingStep step(std::int64_t examples_seen) override;
  FittingParts parts() override;

  std::shared_ptr<StudentFaceMorpher> network() const { return network_; }

 private:
  RgbaImage sample();

  at::Tensor mask_;
  SirenFaceConfig config_;
  std::shared_ptr<StudentFaceMorpher> network_;
};

/// Distils the paper's body rotator, or another architecture of Table 6 (section 5.2.2): every step draws
/// poses and a window of the frame, asks the teacher for it, and minimises the four-term loss with the
/// weights of the phase. The rest image gets the teacher's face crop. A vanilla SIREN has one output, so that
/// only the final term counts.
class SirenBodyFitting final : public SirenFitting {
 public:
  /// \param teacher  must outlive the fitting; the network lives on its device
  SirenBodyFitting(Poser& teacher, const PoseSource& poses, const SirenBodyConfig& config);

  std::string name() const override { return "body_rotator"; }
  std::int64_t total_examples() const override { return config_.examples; }
  FittingStep step(std::int64_t examples_seen) override;
  FittingParts parts() override;

  std::shared_ptr<StudentBodyRotator> network() const { return network_; }

 private:
  RgbaImage sample();
  FrameWindow draw_window(std::uint64_t seed) const;

  SirenBodyConfig config_;
  std::shared_ptr<StudentBodyRotator> network_;
};

/// The phase of a list (not empty) that \p examples_seen falls into; the last one beyond its end.
const BodyLossPhase& phase_at(const std::vector<BodyLossPhase>& phases, std::int64_t examples_seen);

}  // namespace tha4
