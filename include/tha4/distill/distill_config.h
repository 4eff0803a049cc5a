#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/student_kind.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/train/learning_rate.h"

// The configuration of a distillation: configs/distill/*.json. Every amount of training is in examples seen,
// so that the batch can be changed without changing the schedule.

namespace tha4 {

/// The most examples of a step.
inline constexpr int kMaxBatch = 4096;

/// Poses to learn from, or to be tested with.
struct PoseSource {
  PoseDistribution distribution = PoseDistribution::natural;
  NaturalPoseDistribution natural;
  std::uint64_t seed = 0;
};

/// How a SIREN's training takes its steps, where it goes beyond the paper's.
struct SirenSteps {
  int frames = 0;  ///< that the teacher makes beforehand, of which steps draw; 0: each step asks the teacher
  double frames_gib = 0;  ///< of a GPU's memory that these may take; 0: as many as there is room for
  std::int64_t warm_up_examples = 0;  ///< over which the learning rate rises from 0
  bool rate_falls = false;            ///< whether it falls to 0 along a half cosine
  double max_gradient_norm = 0;       ///< that gradients are scaled down to; 0: they are left as they are
  double weight_average = 0;          ///< decay a step of the averaged weights that are exported; 0: none
  double position_scale = 1;          ///< factor of the first weights of positions
  int soap_steps = 0;                 ///< after which SOAP's bases are found anew; 0: Adam
  double soap_decay = 0.95;           ///< of its statistics, a step
  int early_batch = 0;                ///< examples of each of the first steps; 0: as of all
  std::int64_t early_examples = 0;    ///< that these steps see

  /// Examples of the step after so many of them, where all other steps have \p batch.
  int batch_at(std::int64_t examples_seen, int batch) const {
    return early_batch > 0 && examples_seen < early_examples ? early_batch : batch;
  }

  /// Steps that were taken then.
  std::int64_t steps_before(std::int64_t examples_seen, int batch) const;

  /// The factor of the learning rate after so many of all examples.
  double rate_at(std::int64_t examples_seen, std::int64_t examples) const;
};

/// The paper's face morpher (section 5.2.1, appendix D).
struct SirenFaceConfig {
  SirenOptions network;
  std::int64_t examples = 0;
  int batch = 1;
  AdamConfig adam;
  std::vector<LearningRateStep> learning_rate;
  SirenSteps steps;
  double mask_weight = 0;  ///< λ_fm: weight of the L1 loss inside the face mask
  double squared = 0;      ///< of the squared error beside the L1 loss, which counts as often there
  std::uint64_t seed = 0;
};

/// Weights of the four terms of the body rotator's loss in one of its phases (Table 3).
struct BodyLossPhase {
  std::int64_t until_examples;
  double flow;
  double warped;
  double direct;
  double final;
  double squared = 0;  ///< of the blended image's squared error: what PSNR counts
};

/// What the student's directly drawn image is compared with: the teacher's own, as the paper says, or the
/// teacher's blended image, as the published code does.
enum class DirectTarget { direct, blended };

/// Where the windows of a body's steps lie, where steps draw from frames that were made beforehand. Those
/// that no fraction is about lie where the character ever is.
struct WindowChoice {
  double anywhere_fraction = 0.125;  ///< anywhere in the frame, so that what is empty stays empty
  double drawn_fraction = 0;         ///< around what is drawn in the frame at hand
  double moving_fraction = 0;        ///< more often where frames differ from the rest image
  double error_fraction = 0;         ///< more often where the student errs
  bool errors_of_frames = false;     ///< in the very frame, which is drawn by that as well
};

/// The paper's body rotator (section 5.2.2) and the two other architectures of Table 6.
struct SirenBodyConfig {
  BodyRotatorKind kind = BodyRotatorKind::siren;
  SirenBodyRotatorOptions network;
  SirenOptions vanilla_network;
  std::int64_t examples = 0;
  int batch = 1;
  int window = kImageSize;  ///< width and height of the part of each frame that a step looks at
  WindowChoice windows;
  AdamConfig adam;
  std::vector<LearningRateStep> learning_rate;
  SirenSteps steps;
  std::vector<BodyLossPhase> loss_phases;
  DirectTarget direct_target = DirectTarget::direct;
  std::uint64_t seed = 0;
};

/// Regression of blend weights from poses: the mean squared error, AdamW, cosine learning rate.
struct RegressionConfig {
  std::int64_t examples = 0;
  int batch = 1;
  AdamConfig adam;
  CosineLearningRate learning_rate;
};

/// Our blendshape face morpher.
struct BlendshapeFaceConfig {
  int crops = 0;      ///< teacher's face crops to learn from
  int rig_crops = 0;  ///< of a rig, see take_rig_crops(); 0: as many
  PoseSource poses;
  double region_threshold = 0;     ///< variance of a moving pixel, as a fraction of the largest one
  int region_dilation = 0;         ///< pixels that moving regions are grown by
  double region_min_fraction = 0;  ///< of all variance, that a region of its own must hold
  int basis_size = 0;              ///< of each moving region, at most
  int rest_basis_size = 0;         ///< of everything else, at most
  int width = 0;                   ///< of the MLPs' hidden layers, at most
  int hidden_layers = 0;
  RegressionConfig regression;
  std::uint64_t seed = 0;
};

/// Joint training of a blendshape body rotator's bases and MLPs on the blended image.
struct FineTuningConfig {
  std::int64_t examples = 0;
  int batch = 1;
  AdamConfig adam;
  CosineLearningRate network_learning_rate;
  CosineLearningRate basis_learning_rate;
  double flow_weight = 0;  ///< of the error of the flow's blend weights, which keeps hidden flow where it was
  double squared_weight = 0;  ///< of the mean square of the blended image's error, beside its mean
  int row_step = 1;           ///< of so many rows of pixels, a step on a CPU looks at one
};

/// Our blendshape body rotator.
struct BlendshapeBodyConfig {
  int frames = 0;  ///< teacher frames to learn from
  int map_size = 0;
  int tile_size = 0;
  int appearance_map_size = 0;   ///< 0: as the flow's
  int appearance_tile_size = 0;  ///< 0: as the flow's
  int flow_basis_size = 0;
  int appearance_basis_size = 0;
  int motion_size = 0;  ///< cells across the motion that carries both maps; 0: none, they stay where they are
  int motion_basis_size = 0;
  double face_input_scale = 1;  ///< of the face parameters at the MLPs' inputs
  int width = 0;
  int hidden_layers = 0;
  RegressionConfig regression;
  FineTuningConfig fine_tuning;
  std::uint64_t seed = 0;

  int appearance_map() const { return appearance_map_size > 0 ? appearance_map_size : map_size; }
  int appearance_tile() const { return appearance_tile_size > 0 ? appearance_tile_size : tile_size; }
};

using FaceMorpherConfig = std::variant<SirenFaceConfig, BlendshapeFaceConfig>;
using BodyRotatorConfig = std::variant<SirenBodyConfig, BlendshapeBodyConfig>;

struct DistillConfig {
  PoseSource poses;
  FaceMorpherConfig face_morpher;
  BodyRotatorConfig body_rotator;
  int mask_poses = 0;     ///< poses that a SIREN's face mask is derived from where none is given; that
                          ///< of a blendshape face comes from the crops that it learns from
  int teacher_batch = 1;  ///< poses that the teacher is given at a time when many frames are made
  double checkpoint_seconds = 0;  ///< time between checkpoints, also of the teacher's frames
  int samples = 0;  ///< pictures of samples that each network's training leaves, and points of its curves
  int held_out_poses = 0;           ///< natural poses that the result is measured with
  std::uint64_t held_out_seed = 0;  ///< other than that of natural poses to learn from
  bool preview = true;              ///< whether a clip of the character moving is left beside it
};

/// Reads a configuration. Throws InputError naming \p source and the key.
DistillConfig parse_distill_config(const nlohmann::json& json, const std::string& source);

/// What parse_distill_config() makes \p config of.
nlohmann::json to_json(const DistillConfig& config);

/// All keys of such a configuration, explained: Markdown that also reads well in a terminal.
std::string distill_config_help();

/// What the official distiller's config.yaml says, and this project needs.
struct OfficialDistillConfig {
  std::filesystem::path character_image;
  std::filesystem::path face_mask;
  std::filesystem::path prefix;  ///< its output folder
  std::uint64_t face_seed = 0;
  std::uint64_t body_seed = 0;
  int face_batch = 0;
  int body_batch = 0;
};

/// Reads an official config.yaml. Relative paths in it are relative to the working directory, as there.
/// Throws InputError naming \p file and the key.
OfficialDistillConfig read_official_distill_config(const std::filesystem::path& file);

/// A rig makes a crop in a fraction of the time that networks take: for a teacher that is one, a blendshape
/// face takes `rig_crops` for `crops`, where there are any, and looks at each as often. Once more changes
/// nothing.
void take_rig_crops(DistillConfig& config);

}  // namespace tha4
