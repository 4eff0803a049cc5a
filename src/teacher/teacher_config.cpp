#include "tha4/teacher/teacher_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "teacher_fields.h"
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "tha4/base/settings.h"

namespace tha4 {
namespace {

/// What there is of a network's motion to compare with that of the rig, which is known of bodies alone.
enum class MotionMade { none, flow, flow_and_alpha };

struct NetworkRow {
  TrainedNetwork network;
  std::string_view name;
  std::array<std::string_view, 3> images;
  MotionMade motion = MotionMade::none;
};

constexpr std::array<NetworkRow, 8> kNetworks = {
    {{TrainedNetwork::eyebrow_networks,
      "eyebrow_networks",
      {"combined", "combined_by_combine_alpha", "morphed_layer"}},
     {TrainedNetwork::face_morpher, "face_morpher", {"face", "iris_mouth", "iris_mouth_warped"}},
     {TrainedNetwork::half_resolution_rotator,
      "half_resolution_rotator",
      {"warped", "direct", "blended"},
      MotionMade::flow_and_alpha},
     {TrainedNetwork::editor, "editor", {"warped", "direct", "blended"}, MotionMade::flow_and_alpha},
     {TrainedNetwork::tha3_rotator, "tha3_rotator", {"warped", "direct", ""}, MotionMade::flow},
     {TrainedNetwork::tha3_editor,
      "tha3_editor",
      {"warped", "direct", "blended"},
      MotionMade::flow_and_alpha},
     {TrainedNetwork::unet_face_morpher, "unet_face_morpher", {"warped", "direct", "blended"}},
     {TrainedNetwork::residual_editor,
      "residual_editor",
      {"warped", "direct", "blended"},
      MotionMade::flow_and_alpha}}};

const NetworkRow& row_of(TrainedNetwork network) {
  return kNetworks[static_cast<std::size_t>(network)];
}

bool has_unet(TrainedNetwork network) {
  return network == TrainedNetwork::half_resolution_rotator || network == TrainedNetwork::editor ||
         network == TrainedNetwork::unet_face_morpher || network == TrainedNetwork::residual_editor;
}

/// Whether there is anything that the phase minimises.
bool has_loss(const TrainingPhase& phase) {
  const bool has_perceptual_images = !phase.perceptual_images.empty() ||
                                     !phase.perceptual_half_images.empty() ||
                                     !phase.perceptual_quadrant_images.empty();
  const auto counts = [](const ImageLoss& loss) { return loss.weight > 0 && !loss.images.empty(); };
  return counts(phase.l1) || counts(phase.laplacian.on) || counts(phase.gradient) ||
         counts(phase.ms_ssim.on) || phase.needs_motion() ||
         (phase.perceptual_weight > 0 && has_perceptual_images);
}

void check_images(const ConfigReader& reader, const std::string& key, const std::vector<std::string>& images,
                  TrainedNetwork network) {
  const auto known = image_names(network);
  for (const std::string& image : images) {
    if (std::find(known.begin(), known.end(), image) == known.end()) {
      reader.fail(key, "names the image '" + image + "'; the " + std::string(trained_network_name(network)) +
                           " makes " + fmt::format("{}", fmt::join(known, ", ")));
    }
  }
}

/// \param key  of the phase
void check_motion(const ConfigReader& reader, const std::string& key, const TrainingPhase& phase,
                  const TeacherTrainingConfig& config) {
  if (!phase.needs_motion()) return;
  const MotionMade made = row_of(config.network).motion;
  const std::string name(trained_network_name(config.network));
  if (made == MotionMade::none) {
    reader.fail(
        key + (phase.flow_weight > 0 ? ".flow" : ".disocclusion"),
        "is for rotators and editors alone: rigs know the motion of bodies, not of the faces that the " +
            name + " makes");
  }
  if (phase.disocclusion_weight > 0 && made != MotionMade::flow_and_alpha) {
    reader.fail(key + ".disocclusion", "is for networks with an alpha, which the " + name + " has not");
  }
  if (config.augmentation.strands > 0) {
    reader.fail("augmentation.strands", "must be 0 with the losses flow and disocclusion of " + key +
                                            ": strands do not move with the surface under them");
  }
}

/// \param key  of the phase
void check_phase(const ConfigReader& reader, const std::string& key, const TrainingPhase& phase,
                 const TeacherTrainingConfig& config) {
  check_images(reader, key + ".l1.images", phase.l1.images, config.network);
  check_images(reader, key + ".laplacian.images", phase.laplacian.on.images, config.network);
  check_images(reader, key + ".gradient.images", phase.gradient.images, config.network);
  check_images(reader, key + ".ms_ssim.images", phase.ms_ssim.on.images, config.network);
  check_images(reader, key + ".perceptual.images", phase.perceptual_images, config.network);
  check_images(reader, key + ".perceptual.half_images", phase.perceptual_half_images, config.network);
  check_images(reader, key + ".perceptual.quadrant_images", phase.perceptual_quadrant_images, config.network);
  check_motion(reader, key, phase, config);
  if (phase.coarse_inputs && config.network != TrainedNetwork::editor) {
    reader.fail(key + ".coarse_inputs", "is for the editor alone");
  }
  if (!has_loss(phase)) {
    const bool is_left_out = config.backbone == PerceptualBackbone::none;
    reader.fail(key + ".l1",
                "leaves nothing to learn from: neither it nor another loss has a weight and images" +
                    std::string(is_left_out ? ", and perceptual.backbone is none" : ""));
  }
}

void check_phases(const ConfigReader& reader, const TeacherTrainingConfig& config) {
  for (std::size_t i = 0; i < config.phases.size(); ++i) {
    check_phase(reader, "phases." + std::to_string(i), config.phases[i], config);
  }
  for (const TrainingPhase& phase : config.phases) {
    if (phase.examples % config.batch != 0) {
      reader.fail("phases", "must each have a number of examples that the batch divides, " +
                                std::to_string(config.batch));
    }
  }
  if (config.phases.empty()) reader.fail("phases", "must have at least one phase");
}

void check_memory(const ConfigReader& reader, const TeacherTrainingConfig& config) {
  if (config.activation_checkpointing && !can_checkpoint_activations(config.network)) {
    reader.fail("activation_checkpointing",
                "is for networks with a U-Net alone (half_resolution_rotator, editor, and the compact ones); "
                "a smaller micro_batch takes less memory too");
  }
  if (config.cuda_graph && (config.micro_batch != 0 || config.activation_checkpointing)) {
    reader.fail("cuda_graph", "goes with micro_batch 0 and without activation_checkpointing");
  }
}

}  // namespace

Names<TrainedNetwork> trained_network_names() {
  Names<TrainedNetwork> names;
  for (const NetworkRow& row : kNetworks) names.emplace_back(row.name, row.network);
  return names;
}

std::string_view trained_network_name(TrainedNetwork network) {
  return row_of(network).name;
}

bool can_checkpoint_activations(TrainedNetwork network) {
  return has_unet(network);
}

std::vector<std::string> image_names(TrainedNetwork network) {
  std::vector<std::string> names;
  for (const std::string_view name : row_of(network).images) {
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

std::int64_t TeacherTrainingConfig::total_examples() const {
  return std::accumulate(phases.begin(), phases.end(), std::int64_t{0},
                         [](std::int64_t sum, const TrainingPhase& phase) { return sum + phase.examples; });
}

bool TeacherTrainingConfig::needs_backbone() const {
  return std::any_of(phases.begin(), phases.end(),
                     [](const TrainingPhase& phase) { return phase.perceptual_weight > 0; });
}

bool TeacherTrainingConfig::needs_motion() const {
  return std::any_of(phases.begin(), phases.end(),
                     [](const TrainingPhase& phase) { return phase.needs_motion(); });
}

TeacherTrainingConfig parse_teacher_config(const nlohmann::json& json, const std::string& source) {
  const ConfigReader reader(json, source);
  TeacherTrainingConfig config;
  teacher_fields().read(reader, config);
  if (config.backbone == PerceptualBackbone::none) {
    for (TrainingPhase& phase : config.phases) phase.perceptual_weight = 0;
  }
  check_memory(reader, config);
  check_phases(reader, config);
  return config;
}

nlohmann::json to_json(const TeacherTrainingConfig& config) {
  return teacher_fields().write(config);
}

std::string teacher_config_help() {
  return settings_help("A teacher's training: tha4-train-teacher", teacher_fields().help());
}

PhasePosition phase_position(const TeacherTrainingConfig& config, std::int64_t examples_seen) {
  PhasePosition position{0, examples_seen};
  while (position.phase + 1 < config.phases.size() &&
         position.examples_seen >= config.phases[position.phase].examples) {
    position.examples_seen -= config.phases[position.phase++].examples;
  }
  return position;
}

double teacher_learning_rate(const TeacherTrainingConfig& config, std::int64_t examples_seen,
                             double min_done) {
  const PhasePosition position = phase_position(config, examples_seen);
  std::int64_t since_start = position.examples_seen;
  for (std::size_t phase = position.phase; phase > 0 && !config.phases[phase].new_optimizer; --phase) {
    since_start += config.phases[phase - 1].examples;
  }
  double rate = config.learning_rate;
  if (since_start < config.warm_up_examples) {
    rate *= static_cast<double>(since_start) / static_cast<double>(config.warm_up_examples);
  }
  const double done = std::clamp(
      std::max(min_done, static_cast<double>(examples_seen) / static_cast<double>(config.total_examples())),
      0.0, 1.0);
  const double left = 1 - done;
  if (left >= config.decay_fraction) return rate;
  return rate * (0.5 - 0.5 * std::cos(std::numbers::pi * left / config.decay_fraction));
}

}  // namespace tha4
