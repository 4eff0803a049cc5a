#include "tha4/distill/distill_config.h"

#include <yaml-cpp/yaml.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/nn/blocks/weight_shapes.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/pose/pose_distribution.h"

namespace tha4 {
namespace {

constexpr std::int64_t kMostExamples = 1'000'000'000'000;
constexpr int kLargestBatch = 4096;

std::uint64_t read_seed(const ConfigReader& reader) {
  return reader.get<std::uint64_t>("seed");
}

/// The kind of network that \p reader names, by what \p parse makes of names.
template <class Kind>
Kind read_kind(const ConfigReader& reader, Kind (*parse)(const std::string&)) {
  const auto name = reader.get<std::string>("kind");
  try {
    return parse(name);
  } catch (const InputError& error) {
    reader.fail("kind", std::string("is wrong: ") + error.what());
  }
}

AdamConfig read_adam(const ConfigReader& parent) {
  const ConfigReader reader = parent.object("adam");
  AdamConfig adam;
  adam.beta1 = reader.number("beta1", 0, 0.999999);
  adam.beta2 = reader.number("beta2", 0, 0.999999);
  if (reader.has("weight_decay")) adam.weight_decay = reader.number("weight_decay", 0, 1);
  reader.reject_unknown_keys();
  return adam;
}

CosineLearningRate read_cosine(const ConfigReader& parent, const std::string& key) {
  const ConfigReader reader = parent.object(key);
  CosineLearningRate rate;
  rate.value = reader.number("value", 0, 1);
  rate.warm_up_examples = reader.integer("warm_up_examples", 0, kMostExamples);
  reader.reject_unknown_keys();
  return rate;
}

/// Checks that the `until_examples` of a list rise and end at `examples`.
template <class Piece>
void check_pieces(const ConfigReader& reader, const std::string& key, const std::vector<Piece>& pieces,
                  std::int64_t examples) {
  std::int64_t last = 0;
  for (const Piece& piece : pieces) {
    if (piece.until_examples <= last) reader.fail(key, "must have rising values of until_examples");
    last = piece.until_examples;
  }
  if (last != examples)
    reader.fail(key, "must end at until_examples = examples = " + std::to_string(examples));
}

std::vector<LearningRateStep> read_learning_rate(const ConfigReader& reader, std::int64_t examples) {
  std::vector<LearningRateStep> steps;
  for (const ConfigReader& piece : reader.objects("learning_rate")) {
    steps.push_back({piece.integer("until_examples", 1, kMostExamples), piece.number("value", 0, 1)});
    piece.reject_unknown_keys();
  }
  check_pieces(reader, "learning_rate", steps, examples);
  return steps;
}

std::vector<BodyLossPhase> read_loss_phases(const ConfigReader& reader, std::int64_t examples) {
  std::vector<BodyLossPhase> phases;
  for (const ConfigReader& piece : reader.objects("loss_phases")) {
    phases.push_back({.until_examples = piece.integer("until_examples", 1, kMostExamples),
                      .flow = piece.number("flow", 0, 1e6),
                      .warped = piece.number("warped", 0, 1e6),
                      .direct = piece.number("direct", 0, 1e6),
                      .final = piece.number("final", 0, 1e6)});
    piece.reject_unknown_keys();
  }
  check_pieces(reader, "loss_phases", phases, examples);
  return phases;
}

PoseSource read_poses(const ConfigReader& parent) {
  const ConfigReader reader = parent.object("poses");
  PoseSource source;
  const PoseDistributionChoice choice = read_pose_distribution(reader);
  source.distribution = choice.kind;
  source.natural = choice.natural;
  source.seed = read_seed(reader);
  reader.reject_unknown_keys();
  return source;
}

RegressionConfig read_regression(const ConfigReader& parent) {
  const ConfigReader reader = parent.object("regression");
  RegressionConfig regression;
  regression.examples = reader.integer("examples", 1, kMostExamples);
  regression.batch = static_cast<int>(reader.integer("batch", 1, 1 << 20));
  regression.adam = read_adam(reader);
  regression.learning_rate = read_cosine(reader, "learning_rate");
  reader.reject_unknown_keys();
  return regression;
}

SirenFaceConfig read_siren_face(const ConfigReader& reader) {
  SirenFaceConfig face;
  face.network.pose_size = kFacePoseSize;
  face.network.width = static_cast<int>(reader.integer("width", 1, kLargestWidth));
  face.network.sine_layers = static_cast<int>(reader.integer("sine_layers", 1, kMostBlocks));
  face.examples = reader.integer("examples", 1, kMostExamples);
  face.batch = static_cast<int>(reader.integer("batch", 1, kLargestBatch));
  face.adam = read_adam(reader);
  face.learning_rate = read_learning_rate(reader, face.examples);
  face.mask_weight = reader.number("mask_weight", 0, 1e6);
  face.seed = read_seed(reader);
  return face;
}

BlendshapeFaceConfig read_blendshape_face(const ConfigReader& reader) {
  BlendshapeFaceConfig face;
  face.crops = static_cast<int>(reader.integer("crops", 2, 1'000'000));
  face.poses = read_poses(reader);
  face.region_threshold = reader.number("region_threshold", 0, 1);
  face.region_dilation = static_cast<int>(reader.integer("region_dilation", 0, 64));
  face.region_least_share = reader.number("region_least_share", 1.0 / (kMostFaceRegions - 1), 1);
  face.basis_size = static_cast<int>(reader.integer("basis_size", 1, kLargestWidth));
  face.rest_basis_size = static_cast<int>(reader.integer("rest_basis_size", 1, kLargestWidth));
  face.width = static_cast<int>(reader.integer("width", 1, kLargestWidth));
  face.hidden_layers = static_cast<int>(reader.integer("hidden_layers", 1, kMostBlocks - 1));
  face.regression = read_regression(reader);
  face.seed = read_seed(reader);
  return face;
}

/// Weights do not hold the sizes of their levels, so that only those can be used that loading assumes.
void check_levels(const std::vector<SirenLevel>& levels, BodyRotatorKind kind, const ConfigReader& reader) {
  if (levels.empty()) reader.fail("levels", "must not be empty");
  if (levels.size() > kMostSirenLevels) {
    reader.fail("levels", "must not be more than " + std::to_string(kMostSirenLevels));
  }
  const auto resolution =
      kind == BodyRotatorKind::siren ? SirenResolution::multiple : SirenResolution::single;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const int size = siren_level_size(resolution, i, levels.size());
    if (levels[i].size != size) {
      reader.fail("levels", "must have the size " + std::to_string(size) + " at level " +
                                std::to_string(i + 1) + " of " + std::to_string(levels.size()) +
                                " for the kind " + to_string(kind));
    }
  }
}

SirenBodyConfig read_siren_body(const ConfigReader& reader, BodyRotatorKind kind) {
  SirenBodyConfig body;
  body.kind = kind;
  if (kind == BodyRotatorKind::vanilla_siren) {
    body.vanilla_network = {.pose_size = kPoseSize,
                            .width = static_cast<int>(reader.integer("width", 1, kLargestWidth)),
                            .sine_layers = static_cast<int>(reader.integer("sine_layers", 1, kMostBlocks))};
  } else {
    body.network.levels.clear();
    for (const ConfigReader& level : reader.objects("levels")) {
      body.network.levels.push_back({.size = static_cast<int>(level.integer("size", 2, 4096)),
                                     .width = static_cast<int>(level.integer("width", 1, kLargestWidth))});
      level.reject_unknown_keys();
    }
    check_levels(body.network.levels, kind, reader);
    body.network.sine_layers = static_cast<int>(reader.integer("sine_layers_per_level", 1, kMostBlocks));
  }
  body.examples = reader.integer("examples", 1, kMostExamples);
  body.batch = static_cast<int>(reader.integer("batch", 1, kLargestBatch));
  body.window = static_cast<int>(reader.integer("window", 1, kImageSize));
  body.adam = read_adam(reader);
  body.learning_rate = read_learning_rate(reader, body.examples);
  body.loss_phases = read_loss_phases(reader, body.examples);
  const auto target = reader.get<std::string>("direct_target");
  if (target != "direct" && target != "blended") reader.fail("direct_target", "must be direct or blended");
  body.direct_target = target == "direct" ? DirectTarget::direct : DirectTarget::blended;
  body.seed = read_seed(reader);
  return body;
}

FineTuningConfig read_fine_tuning(const ConfigReader& parent) {
  const ConfigReader reader = parent.object("fine_tuning");
  FineTuningConfig tuning;
  tuning.examples = reader.integer("examples", 0, kMostExamples);
  tuning.batch = static_cast<int>(reader.integer("batch", 1, kLargestBatch));
  tuning.window_tiles = static_cast<int>(reader.integer("window_tiles", 1, 4096));
  tuning.adam = read_adam(reader);
  tuning.network_learning_rate = read_cosine(reader, "network_learning_rate");
  tuning.basis_learning_rate = read_cosine(reader, "basis_learning_rate");
  tuning.flow_weight = reader.number("flow_weight", 0, 1e6);
  reader.reject_unknown_keys();
  return tuning;
}

/// Images in the basis of each tile; one MLP gives the weights of all of them.
int read_tile_basis_size(const ConfigReader& reader, const std::string& key,
                         const BlendshapeBodyConfig& body) {
  const std::int64_t size = reader.integer(key, 1, kLargestWidth);
  const std::int64_t across = body.map_size / body.tile_size;
  if (size * across * across > kMostBlendWeights) {
    reader.fail(key, "is " + std::to_string(size) + ", for " + std::to_string(across * across) +
                         " tiles; together they must not have more than " +
                         std::to_string(kMostBlendWeights) + " images");
  }
  return static_cast<int>(size);
}

BlendshapeBodyConfig read_blendshape_body(const ConfigReader& reader) {
  BlendshapeBodyConfig body;
  body.frames = static_cast<int>(reader.integer("frames", 2, 100'000));
  body.map_size = static_cast<int>(reader.integer("map_size", 1, kImageSize));
  body.tile_size = static_cast<int>(reader.integer("tile_size", 1, body.map_size));
  if (kImageSize % body.map_size != 0) reader.fail("map_size", "must divide 512");
  if (body.map_size % body.tile_size != 0) reader.fail("tile_size", "must divide map_size");
  body.flow_basis_size = read_tile_basis_size(reader, "flow_basis_size", body);
  body.appearance_basis_size = read_tile_basis_size(reader, "appearance_basis_size", body);
  body.face_input_scale = reader.number("face_input_scale", 0, 1000);
  body.width = static_cast<int>(reader.integer("width", 1, kLargestWidth));
  body.hidden_layers = static_cast<int>(reader.integer("hidden_layers", 1, kMostBlocks - 1));
  body.regression = read_regression(reader);
  body.fine_tuning = read_fine_tuning(reader);
  if (body.fine_tuning.window_tiles > body.map_size / body.tile_size) {
    reader.fail("fine_tuning.window_tiles", "is more than the map has");
  }
  body.seed = read_seed(reader);
  return body;
}

/// Held-out poses are drawn from the natural distribution: with the seed of a training set that is drawn from
/// it as well, they would be its first ones.
void check_held_out_seed(const ConfigReader& reader, const DistillConfig& config) {
  const auto check = [&](const PoseSource& poses, const std::string& key) {
    if (poses.distribution != PoseDistribution::natural || poses.seed != config.held_out_seed) return;
    reader.fail("held_out.seed", "is " + std::to_string(poses.seed) + " like " + key +
                                     ".seed, so that the result would be measured with poses that it was "
                                     "trained on; set one of them to another number");
  };
  check(config.poses, "poses");
  if (const auto* face = std::get_if<BlendshapeFaceConfig>(&config.face_morpher)) {
    check(face->poses, "face_morpher.poses");
  }
}

}  // namespace

DistillConfig parse_distill_config(const nlohmann::json& json, const std::string& source) {
  const ConfigReader reader(json, source);
  DistillConfig config;
  config.poses = read_poses(reader);

  const ConfigReader face = reader.object("face_morpher");
  if (read_kind(face, parse_face_morpher_kind) == FaceMorpherKind::blendshape) {
    config.face_morpher = read_blendshape_face(face);
  } else {
    config.face_morpher = read_siren_face(face);
  }
  face.reject_unknown_keys();

  const ConfigReader body = reader.object("body_rotator");
  const BodyRotatorKind kind = read_kind(body, parse_body_rotator_kind);
  if (kind == BodyRotatorKind::blendshape) {
    config.body_rotator = read_blendshape_body(body);
  } else {
    config.body_rotator = read_siren_body(body, kind);
  }
  body.reject_unknown_keys();

  config.mask_poses = static_cast<int>(reader.integer("mask_poses", 1, 100'000));
  config.teacher_batch = static_cast<int>(reader.integer("teacher_batch", 1, kLargestBatch));
  config.checkpoint_seconds = reader.number("checkpoint_seconds", 0, 1e9);
  config.samples = static_cast<int>(reader.integer("samples", 1, 100'000));
  const ConfigReader held_out = reader.object("held_out");
  config.held_out_poses = static_cast<int>(held_out.integer("poses", 1, 1'000'000));
  config.held_out_seed = read_seed(held_out);
  held_out.reject_unknown_keys();
  check_held_out_seed(reader, config);
  config.preview = reader.get_or("preview", true);
  reader.reject_unknown_keys();
  return config;
}

OfficialDistillConfig read_official_distill_config(const std::filesystem::path& file) {
  const std::string text = read_text_file(file, 1 << 20);
  try {
    const YAML::Node yaml = YAML::Load(text);
    const auto required = [&](const char* key) {
      if (!yaml.IsMap() || !yaml[key]) throw InputError(file.string() + ": the key " + key + " is missing");
      return yaml[key].as<std::string>();
    };
    const auto batch = [&](const char* key) {
      const int value = yaml[key] ? yaml[key].as<int>() : 8;
      if (value < 1 || value > kLargestBatch) {
        throw InputError(file.string() + ": " + key + " is " + std::to_string(value) + ", outside 1 to " +
                         std::to_string(kLargestBatch));
      }
      return value;
    };
    const auto seed = [&](const char* key) { return yaml[key] ? yaml[key].as<std::uint64_t>() : 0; };
    OfficialDistillConfig config;
    config.prefix = required("prefix");
    config.character_image = required("character_image_file_name");
    config.face_mask = required("face_mask_image_file_name");
    config.face_seed = seed("face_morpher_random_seed_0");
    config.body_seed = seed("body_morpher_random_seed_0");
    config.face_batch = batch("face_morpher_batch_size");
    config.body_batch = batch("body_morpher_batch_size");
    return config;
  } catch (const YAML::Exception& error) {
    throw InputError(file.string() + ", line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
}

}  // namespace tha4
