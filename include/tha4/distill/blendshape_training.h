#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <c10/core/Device.h>

#include "tha4/distill/distill_config.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/train/adam.h"
#include "tha4/train/training.h"

namespace tha4 {

/// An MLP and the blend weights that it shall give for each of N poses.
struct BlendWeightsTarget {
  BlendWeights weights{nullptr};
  torch::Tensor targets;  ///< [N, outputs]
};

/// Fits a blendshape face morpher to a teacher's face crops: its regions and bases are found at once
/// (principal components of each part that moves by itself, as many as it needs); the steps regress blend
/// weights from those pose parameters that move the part (face_inputs.h).
class BlendshapeFaceTraining final : public Training {
 public:
  /// \param device  where the network is trained; bases are found on the CPU
  BlendshapeFaceTraining(TeacherCrops crops, const BlendshapeFaceConfig& config, c10::Device device);

  std::string name() const override { return "face_morpher"; }
  std::int64_t total_examples() const override { return config_.regression.examples; }
  TrainingStep step(std::int64_t examples_seen) override;
  TrainingState state() const override;
  void restore(const TrainingState& state, const std::string& source) override;
  TrainingParts parts() override;

  BlendshapeFaceMorpher network() const { return network_; }

 private:
  BlendshapeFaceConfig config_;
  TeacherCrops crops_;
  BlendshapeFaceMorpher network_{nullptr};
  std::vector<BlendWeightsTarget> targets_;
  std::optional<Adam> optimizer_;
};

class BlendedFrames;
class BodyTuner;
struct BodyBlendWeights;

/// Fits a blendshape body rotator to a teacher's frames: bases by principal components of the teacher's own
/// flow and appearance, tile by tile; then blend weights regressed from poses; then bases and MLPs trained
/// together on the blended images of random frames. With a motion, that is fitted to the flow first, and the
/// components are those of maps that are attached to the body.
class BlendshapeBodyTraining final : public Training {
 public:
  /// \param frames      may be overwritten
  /// \param rest_image  image tensor [4, 512, 512]
  /// \param device      where the network is trained, and the frames are kept; bases are found on the CPU
  BlendshapeBodyTraining(TeacherFrames frames, const at::Tensor& rest_image,
                         const BlendshapeBodyConfig& config, c10::Device device);

  ~BlendshapeBodyTraining() override;

  std::string name() const override { return "body_rotator"; }
  std::int64_t total_examples() const override;
  TrainingStep step(std::int64_t examples_seen) override;
  TrainingState state() const override;
  void restore(const TrainingState& state, const std::string& source) override;
  TrainingParts parts() override;

  BlendshapeBodyRotator network() const { return network_; }

 private:
  TrainingStep tune(std::int64_t examples_seen);
  /// Both give the blended image's loss, and the gradients of it and of \p other_loss to the MLPs. The first,
  /// on CPUs and after \p seen examples of tuning, steps the bases with \p rate; the second gives them
  /// gradients.
  at::Tensor tune_bases(const BodyBlendWeights& weights, const std::vector<std::int64_t>& rows,
                        const at::Tensor& other_loss, std::int64_t seen, double rate);
  at::Tensor differentiate_all(const BodyBlendWeights& weights, const std::vector<std::int64_t>& rows,
                               const at::Tensor& other_loss);

  BlendshapeBodyConfig config_;
  at::Tensor poses_;                       ///< float32 [N, 45]
  std::unique_ptr<BlendedFrames> frames_;  ///< what tuning looks at
  at::Tensor shown_, shown_faces_;         ///< of the first frames, for sample pictures
  BlendshapeBodyRotator network_{nullptr};
  std::vector<BlendWeightsTarget> targets_;  ///< of flow, appearance and, where there is one, motion
  std::optional<Adam> regression_optimizer_;
  std::optional<Adam> tuning_optimizer_;
  std::unique_ptr<BodyTuner> tuner_;  ///< from the first step on that needs it
};

}  // namespace tha4
