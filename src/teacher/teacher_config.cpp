#include "tha4/teacher/teacher_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "tha4/base/config.h"
#include "tha4/pose/pose_distribution.h"

namespace tha4 {
namespace {

constexpr std::int64_t kMostExamples = 1'000'000'000'000;

struct NetworkRow {
  TrainedNetwork network;
  std::string_view name;
  std::array<std::string_view, 3> images;
};

constexpr std::array<NetworkRow, 8> kNetworks = {
    {{TrainedNetwork::eyebrow_networks,
      "eyebrow_networks",
      {"combined", "combined_by_combine_alpha", "morphed_layer"}},
     {TrainedNetwork::face_morpher, "face_morpher", {"face", "iris_mouth", "iris_mouth_warped"}},
     {TrainedNetwork::half_resolution_rotator, "half_resolution_rotator", {"warped", "direct", "blended"}},
     {TrainedNetwork::editor, "editor", {"warped", "direct", "blended"}},
     {TrainedNetwork::tha3_rotator, "tha3_rotator", {"warped", "direct", ""}},
     {TrainedNetwork::tha3_editor, "tha3_editor", {"warped", "direct", "blended"}},
     {TrainedNetwork::unet_face_morpher, "unet_face_morpher", {"warped", "direct", "blended"}},
     {TrainedNetwork::residual_editor, "residual_editor", {"warped", "direct", "blended"}}}};

const NetworkRow& row_of(TrainedNetwork network) {
  return kNetworks[static_cast<std::size_t>(network)];
}

bool has_unet(TrainedNetwork network) {
  return network == TrainedNetwork::half_resolution_rotator || network == TrainedNetwork::editor ||
         network == TrainedNetwork::unet_face_morpher || network == TrainedNetwork::residual_editor;
}

TrainedNetwork read_network(const ConfigReader& reader) {
  const auto name = reader.get<std::string>("network");
  std::vector<std::string> names;
  for (const NetworkRow& row : kNetworks) {
    if (row.name == name) return row.network;
    names.emplace_back(row.name);
  }
  reader.fail("network", "is '" + name + "'; the networks are " + fmt::format("{}", fmt::join(names, ", ")));
}

std::vector<std::int64_t> read_widths(const ConfigReader& reader) {
  const auto widths = reader.get<std::vector<std::int64_t>>("level_channels");
  if (widths.empty() || widths.size() > static_cast<std::size_t>(kMostBlocks) ||
      std::any_of(widths.begin(), widths.end(),
                  [](std::int64_t width) { return width < 1 || width > kLargestWidth; })) {
    reader.fail("level_channels", "must be a list of widths from 1 to " + std::to_string(kLargestWidth));
  }
  return widths;
}

void read_sizes(const ConfigReader& reader, TeacherTrainingConfig& config) {
  const auto widths = read_widths(reader);
  if (!has_unet(config.network)) {
    config.encoder_decoder.level_channels = widths;
    config.encoder_decoder.bottleneck_blocks = reader.integer("bottleneck_blocks", 1, kMostBlocks);
    return reader.reject_unknown_keys();
  }
  UNetOptions& unet = config.unet;
  unet.model_channels = reader.integer("model_channels", 1, kLargestWidth);
  const auto attention = reader.get<std::vector<std::int64_t>>("attention_levels");
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const bool attends =
        std::find(attention.begin(), attention.end(), std::ssize(unet.levels)) != attention.end();
    unet.levels.push_back({.channels = widths[i], .attention = attends});
  }
  unet.blocks_per_level = reader.integer("blocks_per_level", 1, kMostBlocks);
  unet.middle_blocks = reader.integer("middle_blocks", 1, kMostBlocks);
  unet.condition_channels = reader.integer("condition_channels", 1, kLargestWidth);
  if (reader.has("fold")) unet.fold = reader.integer("fold", 1, 8);
  // The number of attention heads is the one size that a weights file does not show: every reader takes the
  // paper's.
  reader.reject_unknown_keys();
}

std::vector<std::string> read_images(const ConfigReader& reader, const std::string& key,
                                     TrainedNetwork network) {
  if (!reader.has(key)) return {};
  const auto images = reader.get<std::vector<std::string>>(key);
  const auto known = image_names(network);
  for (const std::string& image : images) {
    if (std::find(known.begin(), known.end(), image) == known.end()) {
      reader.fail(key, "names the image '" + image + "'; the " + std::string(trained_network_name(network)) +
                           " makes " + fmt::format("{}", fmt::join(known, ", ")));
    }
  }
  return images;
}

TrainingPhase read_phase(const ConfigReader& reader, TrainedNetwork network) {
  TrainingPhase phase;
  phase.examples = reader.integer("examples", 1, kMostExamples);
  const ConfigReader l1 = reader.object("l1");
  phase.l1 = {l1.number("weight", 0, 1e6), read_images(l1, "images", network)};
  if (l1.has("moved_weight")) phase.moved_weight = l1.number("moved_weight", 1, 1e6);
  l1.reject_unknown_keys();
  if (reader.has("laplacian")) {
    const ConfigReader laplacian = reader.object("laplacian");
    phase.laplacian.on = {laplacian.number("weight", 0, 1e6), read_images(laplacian, "images", network)};
    phase.laplacian.levels = static_cast<int>(laplacian.integer("levels", 1, 8));
    laplacian.reject_unknown_keys();
  }
  if (reader.has("perceptual")) {
    const ConfigReader perceptual = reader.object("perceptual");
    phase.perceptual_weight = perceptual.number("weight", 0, 1e6);
    phase.perceptual_images = read_images(perceptual, "images", network);
    phase.perceptual_half_images = read_images(perceptual, "half_images", network);
    phase.perceptual_quadrant_images = read_images(perceptual, "quadrant_images", network);
    perceptual.reject_unknown_keys();
  }
  phase.coarse_inputs = reader.get_or("coarse_inputs", false);
  if (phase.coarse_inputs && network != TrainedNetwork::editor) {
    reader.fail("coarse_inputs", "is for the editor alone");
  }
  phase.new_optimizer = reader.get_or("new_optimizer", false);
  reader.reject_unknown_keys();
  return phase;
}

TrainingData read_data(const ConfigReader& reader) {
  TrainingData data;
  data.source = reader.get<std::string>("source");
  data.reading.test_share = reader.number("test_share", 0, 1);
  data.reading.poses_per_character = static_cast<int>(reader.integer("poses_per_character", 1, 1'000'000));
  data.reading.characters_at_once = static_cast<int>(reader.integer("characters_at_once", 1, 4096));
  data.reading.shuffle_buffer = static_cast<int>(reader.integer("shuffle_buffer", 1, 100'000'000));
  data.reading.threads = static_cast<int>(reader.integer("threads", 1, 1024));
  data.batches_ahead = static_cast<int>(reader.integer("batches_ahead", 1, 1024));
  data.reading.most_damaged = static_cast<int>(reader.integer("most_damaged", 0, 1'000'000'000));
  if (reader.has("poses")) {
    const ConfigReader poses = reader.object("poses");
    const PoseDistributionChoice choice = read_pose_distribution(poses);
    data.reading.distribution = choice.kind;
    data.reading.natural = choice.natural;
    poses.reject_unknown_keys();
  }
  if (reader.has("replay")) {
    const ConfigReader replay = reader.object("replay");
    data.replay_capacity = replay.integer("capacity", 0, 100'000'000);
    data.replay_least = replay.integer("least", 0, 100'000'000);
    if (data.replay_least > data.replay_capacity) {
      replay.fail("least", "is more than the capacity, " + std::to_string(data.replay_capacity));
    }
    replay.reject_unknown_keys();
  }
  reader.reject_unknown_keys();
  return data;
}

AdamConfig read_teacher_adam(const ConfigReader& reader) {
  AdamConfig adam;
  adam.beta1 = reader.number("beta1", 0, 0.999999);
  adam.beta2 = reader.number("beta2", 0, 0.999999);
  reader.reject_unknown_keys();
  return adam;
}

/// Whether there is anything that the phase minimises.
bool has_loss(const TrainingPhase& phase) {
  const bool has_perceptual_images = !phase.perceptual_images.empty() ||
                                     !phase.perceptual_half_images.empty() ||
                                     !phase.perceptual_quadrant_images.empty();
  return (phase.l1.weight > 0 && !phase.l1.images.empty()) ||
         (phase.laplacian.on.weight > 0 && !phase.laplacian.on.images.empty()) ||
         (phase.perceptual_weight > 0 && has_perceptual_images);
}

void read_losses(const ConfigReader& reader, TeacherTrainingConfig& config) {
  const ConfigReader perceptual = reader.object("perceptual");
  const auto backbone = perceptual.get<std::string>("backbone");
  if (backbone != "vgg16" && backbone != "none") perceptual.fail("backbone", "must be vgg16 or none");
  config.rgb_probability = perceptual.number("rgb_probability", 0, 1);
  perceptual.reject_unknown_keys();
  for (const ConfigReader& phase : reader.objects("phases")) {
    config.phases.push_back(read_phase(phase, config.network));
    if (backbone == "none") config.phases.back().perceptual_weight = 0;
    if (!has_loss(config.phases.back())) {
      phase.fail("l1",
                 "leaves nothing to learn from: neither it nor a perceptual loss has a weight and images" +
                     std::string(backbone == "none" ? ", and perceptual.backbone is none" : ""));
    }
  }
  for (const TrainingPhase& phase : config.phases) {
    if (phase.examples % config.batch != 0) {
      reader.fail("phases", "must each have a number of examples that the batch divides, " +
                                std::to_string(config.batch));
    }
  }
  if (config.phases.empty()) reader.fail("phases", "must have at least one phase");
}

void read_optimization(const ConfigReader& reader, TeacherTrainingConfig& config) {
  config.seed = reader.get<std::uint64_t>("seed");
  config.batch = static_cast<int>(reader.integer("batch", 1, 1 << 20));
  config.micro_batch = static_cast<int>(reader.integer("micro_batch", 0, 1 << 20));
  config.adam = read_teacher_adam(reader.object("adam"));
  const ConfigReader rate = reader.object("learning_rate");
  config.learning_rate = rate.number("value", 0, 1);
  config.warm_up_examples = rate.integer("warm_up_examples", 0, kMostExamples);
  if (rate.has("decay_share")) config.decay_share = rate.number("decay_share", 0, 1);
  rate.reject_unknown_keys();
  try {
    config.precision = parse_precision(reader.get<std::string>("precision"));
  } catch (const InputError&) {
    reader.fail("precision", "must be fp32, bf16 or fp16");
  }
  config.channels_last = reader.get<bool>("channels_last");
  config.activation_checkpointing = reader.get<bool>("activation_checkpointing");
  if (config.activation_checkpointing && !can_checkpoint_activations(config.network)) {
    reader.fail("activation_checkpointing",
                "is for networks with a U-Net alone (half_resolution_rotator, editor, and the compact ones); "
                "a smaller "
                "micro_batch takes less memory too");
  }
  config.cuda_graph = reader.get_or("cuda_graph", false);
  if (config.cuda_graph && (config.micro_batch != 0 || config.activation_checkpointing)) {
    reader.fail("cuda_graph", "goes with micro_batch 0 and without activation_checkpointing");
  }
  config.ema_decay = reader.number("ema_decay", 0, 0.9999999);
}

void read_course(const ConfigReader& reader, TeacherTrainingConfig& config) {
  const ConfigReader validation = reader.object("validation");
  config.validation_images = static_cast<int>(validation.integer("images", 0, 1'000'000));
  config.validations = static_cast<int>(validation.integer("times", 0, 1'000'000));
  validation.reject_unknown_keys();
  config.samples = static_cast<int>(reader.integer("samples", 0, 1'000'000));
  config.curve_points = static_cast<int>(reader.integer("curve_points", 1, 1'000'000));
  config.checkpoint_seconds = reader.number("checkpoint_seconds", 0, 1e9);
  const ConfigReader distributed = reader.object("distributed");
  config.timeout_seconds = distributed.number("timeout_seconds", 1, 1e7);
  config.bucket_megabytes = static_cast<int>(distributed.integer("bucket_megabytes", 1, 4096));
  distributed.reject_unknown_keys();
}

}  // namespace

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

TeacherTrainingConfig parse_teacher_config(const nlohmann::json& json, const std::string& source) {
  const ConfigReader reader(json, source);
  TeacherTrainingConfig config;
  config.network = read_network(reader);
  read_sizes(reader.object("sizes"), config);
  read_optimization(reader, config);
  read_losses(reader, config);
  config.data = read_data(reader.object("data"));
  if (reader.has("augmentation")) config.augmentation = read_augmentation(reader.object("augmentation"));
  read_course(reader, config);
  reader.reject_unknown_keys();
  return config;
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
                             double least_done) {
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
      std::max(least_done, static_cast<double>(examples_seen) / static_cast<double>(config.total_examples())),
      0.0, 1.0);
  const double left = 1 - done;
  if (left >= config.decay_share) return rate;
  return rate * (0.5 - 0.5 * std::cos(std::numbers::pi * left / config.decay_share));
}

}  // namespace tha4
