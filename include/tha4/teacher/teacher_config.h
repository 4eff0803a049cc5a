#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/base/device.h"
#include "tha4/data/augmentation.h"
#include "tha4/data/source_options.h"
#include "tha4/nn/blocks/encoder_decoder_options.h"
#include "tha4/nn/blocks/unet.h"
#include "tha4/train/learning_rate.h"

namespace tha4 {

/// What one run of the teacher trainer trains.
enum class TrainedNetwork {
  eyebrow_networks,  ///< eyebrow decomposer and morphing combiner, together
  face_morpher,
  half_resolution_rotator,
  editor,
  tha3_rotator,
  tha3_editor,
  unet_face_morpher,  ///< the compact teacher's face
  residual_editor     ///< the compact teacher's editor
};

std::string_view trained_network_name(TrainedNetwork network);

/// Whether the network can compute intermediate results once more in backward: those with a U-Net of residual
/// blocks can, which are also those that need much memory.
bool can_checkpoint_activations(TrainedNetwork network);

/// One loss on some of the images that a network makes, by their names; 0 leaves it out.
struct ImageLoss {
  double weight = 0;
  std::vector<std::string> images;
};

/// The same in several levels, each half as fine as the one before.
struct PyramidLoss {
  ImageLoss on;
  int levels = 0;
};

/// One phase of training (paper, appendix B).
struct TrainingPhase {
  std::int64_t examples = 0;
  ImageLoss l1;  ///< mean absolute difference
  /// How many times as much pixels count in l1 whose target differs from the input, and their neighbours. 1:
  /// all the same, as in the paper.
  double moved_weight = 1;

  // What asks for sharp edges where L1 alone is content with soft ones:
  PyramidLoss laplacian;  ///< the sum over a Laplacian pyramid's bands of their mean absolute differences
  ImageLoss gradient;     ///< mean absolute difference of the steps from pixel to pixel, across and down
  PyramidLoss ms_ssim;    ///< 1 - multi-scale SSIM

  // What only rigs know, of networks that rotate the body and characters that are drawn online:
  double flow_weight = 0;          ///< of the distance, in pixels, between the network's flow and the rig's
  double disocclusion_weight = 0;  ///< of the entropy of alpha against what the picture before hides

  /// The perceptual loss Φ of images as they are, at half their size, and of their four quadrants.
  double perceptual_weight = 0;
  std::vector<std::string> perceptual_images;
  std::vector<std::string> perceptual_half_images;
  std::vector<std::string> perceptual_quadrant_images;
  bool coarse_inputs = false;  ///< of the editor: whether its submodule for coarse inputs is there
  bool new_optimizer = false;  ///< begins with fresh moments, and with the warm-up of the learning rate

  /// Whether it learns from how the surfaces of its examples have moved.
  bool needs_motion() const { return flow_weight > 0 || disocclusion_weight > 0; }
};

/// Where examples come from.
struct TrainingData {
  std::string source;  ///< folder of a dataset; or procedural:N[:SEED] or a folder of .vrm, drawn online
  /// How they are read or drawn; split, seed, step, share and GPU are a matter of the run.
  SourceOptions reading;
  int batches_ahead = 3;  ///< made ready before they are needed
  /// Triples that are kept on the device and learnt from several times, of all processes together; 0: each is
  /// learnt from once.
  std::int64_t replay_capacity = 0;
  std::int64_t replay_min = 0;  ///< that are there before learning begins
};

/// The network that the perceptual loss compares images with; none leaves the loss out.
enum class PerceptualBackbone { vgg16, none };

/// Everything that a teacher's training is told: configs/teacher/<scale>/<network>.json.
struct TeacherTrainingConfig {
  TrainedNetwork network = TrainedNetwork::half_resolution_rotator;
  UNetOptions unet;                       ///< sizes of the half-resolution rotator or the editor
  EncoderDecoderOptions encoder_decoder;  ///< sizes of the others
  std::uint64_t seed = 0;
  int batch = 1;        ///< examples of one step, of all processes together
  int micro_batch = 0;  ///< examples that a process computes at a time; 0: its whole share
  AdamConfig adam;
  double learning_rate = 0;
  std::int64_t warm_up_examples = 0;  ///< over which the learning rate rises linearly from 0
  double decay_fraction = 0;  ///< of the run, at its end, over which the rate falls to 0 along a half cosine
  std::vector<TrainingPhase> phases;
  PerceptualBackbone backbone = PerceptualBackbone::vgg16;
  double rgb_probability = 0.75;  ///< with which Φ looks at an image's colours, else at its alpha
  TrainingData data;
  AugmentationSettings augmentation;
  Precision precision = Precision::fp32;  ///< of convolutions and products; weights are always fp32
  bool channels_last = false;
  bool activation_checkpointing = false;
  /// Whether forward and backward of a step are queued on the GPU as one graph, captured once: for small
  /// networks, whose kernels take less time than launching them.
  bool cuda_graph = false;
  /// How much of itself the average of the weights that is exported keeps at a step: in step n this or, while
  /// it is less, (1 + n) / (10 + n). 0: there is no average, and the weights themselves are exported.
  double ema_decay = 0;
  int validation_images = 0;
  int validations = 0;  ///< times in a run
  int samples = 0;      ///< sample pictures in a run
  int curve_points = 200;
  double checkpoint_seconds = 600;
  double timeout_seconds = 600;  ///< that one process may keep the others waiting
  int bucket_megabytes = 25;     ///< of gradients that are sent together

  std::int64_t total_examples() const;
  bool needs_backbone() const;
  bool needs_motion() const;
};

/// Throws InputError naming \p source and the key for keys that are unknown or missing and for values that
/// are out of range or do not fit the network.
TeacherTrainingConfig parse_teacher_config(const nlohmann::json& json, const std::string& source);

/// What parse_teacher_config() makes \p config of.
nlohmann::json to_json(const TeacherTrainingConfig& config);

/// All keys of such a configuration, explained: Markdown that also reads well in a terminal.
std::string teacher_config_help();

/// Which phase the next example is of, and how many examples that phase has seen.
struct PhasePosition {
  std::size_t phase = 0;
  std::int64_t examples_seen = 0;
};
PhasePosition phase_position(const TeacherTrainingConfig& config, std::int64_t examples_seen);

/// The learning rate of the step after \p examples_seen examples (appendix B.1): it rises from 0 over the
/// first examples, and again where a phase begins with a new optimiser; where the configuration says so, it
/// falls at the end.
/// \param min_done  the fraction of the run that is over at least: of a run that ends by the clock, more than
///                  its examples say
double teacher_learning_rate(const TeacherTrainingConfig& config, std::int64_t examples_seen,
                             double min_done = 0);

/// The names of the images that a network makes and losses can be taken of.
std::vector<std::string> image_names(TrainedNetwork network);

}  // namespace tha4
