#include "tha4/distill/distill_config.h"

#include "blendshape_fields.h"
#include "distill_fields.h"
#include "siren_step_fields.h"

#include "tha4/base/settings.h"
#include "tha4/nn/blocks/weight_shapes.h"
#include "tha4/train/adam_fields.h"

namespace tha4 {
namespace {

const Fields<LearningRateStep>& learning_rate_fields() {
  static const Fields<LearningRateStep> fields(
      {
          field::integer(
              "until_examples", &LearningRateStep::until_examples, {1, kMaxExamples},
              "Examples that have been seen when the piece ends; the last one ends with the training."),
          field::number("value", &LearningRateStep::value, {0, 1}, "The rate."),
      },
      nullptr, "learning rate in pieces");
  return fields;
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

const Fields<SirenOptions>& siren_fields() {
  static const Fields<SirenOptions> fields({
      field::integer("width", &SirenOptions::width, {1, kMaxWidth}, "Outputs of each sine layer."),
      field::integer("sine_layers", &SirenOptions::sine_layers, {1, kMaxBlocks},
                     "Sine layers; a linear one follows them."),
  });
  return fields;
}

/// A GPU's memory is laid out for the usual batch.
void check_early_batch(const ConfigReader& reader, const SirenSteps& steps, int batch) {
  if (steps.early_batch > batch) {
    reader.fail("early_batch", "must not be more than batch = " + std::to_string(batch));
  }
}

void check_siren_face(const ConfigReader& reader, const SirenFaceConfig& face) {
  check_early_batch(reader, face.steps, face.batch);
  check_pieces(reader, "learning_rate", face.learning_rate, face.examples);
}

const Fields<SirenFaceConfig>& siren_face_fields() {
  using Face = SirenFaceConfig;
  static const Fields<Face> fields(
      {
          field::part(&Face::network, siren_fields()),
          field::integer("examples", &Face::examples, {1, kMaxExamples}, kExamplesMeaning),
          field::integer("batch", &Face::batch, {1, kMaxBatch}, kBatchMeaning),
          field::object("adam", &Face::adam, adam_fields(), "The optimiser."),
          field::objects("learning_rate", &Face::learning_rate, learning_rate_fields(),
                         "Its learning rate, piece by piece."),
          field::part(&Face::steps, siren_steps_fields()),
          field::number("mask_weight", &Face::mask_weight, {0, 1e6},
                        "Weight of the L1 error inside the face mask, beside that of the whole."),
          field::optional(field::number("squared", &Face::squared, {0, 1e6},
                                        "Weight of the squared error beside each L1 error.")),
          field::seed("seed", &Face::seed, "Seed of the first weights and of the examples."),
      },
      check_siren_face);
  return fields;
}

const Fields<SirenLevel>& siren_level_fields() {
  static const Fields<SirenLevel> fields({
      field::integer("size", &SirenLevel::size, {2, 4096},
                     "Width and height of the level's feature map; the kind says which it must be."),
      field::integer("width", &SirenLevel::width, {1, kMaxWidth}, "Outputs of its sine layers."),
  });
  return fields;
}

const Fields<SirenBodyRotatorOptions>& siren_level_list_fields() {
  using Options = SirenBodyRotatorOptions;
  static const Fields<Options> fields({
      field::objects("levels", &Options::levels, siren_level_fields(),
                     "The network's levels, in their order."),
      field::integer("sine_layers_per_level", &Options::sine_layers, {1, kMaxBlocks},
                     "Sine layers of each level."),
  });
  return fields;
}

/// Weights do not hold the sizes of their levels, so that only those can be used that loading assumes.
void check_levels(const ConfigReader& reader, const SirenBodyConfig& body) {
  const std::vector<SirenLevel>& levels = body.network.levels;
  if (levels.empty()) reader.fail("levels", "must not be empty");
  if (levels.size() > kMaxSirenLevels) {
    reader.fail("levels", "must not be more than " + std::to_string(kMaxSirenLevels));
  }
  const auto resolution =
      body.kind == BodyRotatorKind::siren ? SirenResolution::multiple : SirenResolution::single;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const int size = siren_level_size(resolution, i, levels.size());
    if (levels[i].size != size) {
      reader.fail("levels", "must have the size " + std::to_string(size) + " at level " +
                                std::to_string(i + 1) + " of " + std::to_string(levels.size()) +
                                " for the kind " + to_string(body.kind));
    }
  }
}

void check_siren_body(const ConfigReader& reader, const SirenBodyConfig& body) {
  if (body.kind != BodyRotatorKind::vanilla_siren) check_levels(reader, body);
  check_early_batch(reader, body.steps, body.batch);
  check_pieces(reader, "learning_rate", body.learning_rate, body.examples);
  check_pieces(reader, "loss_phases", body.loss_phases, body.examples);
}

/// \param sizes  the fields of the network
Fields<SirenBodyConfig> siren_body_fields_with(Field<SirenBodyConfig> sizes) {
  using Body = SirenBodyConfig;
  const Names<DirectTarget> targets = {{"direct", DirectTarget::direct}, {"blended", DirectTarget::blended}};
  return Fields<Body>(
      {
          std::move(sizes),
          field::integer("examples", &Body::examples, {1, kMaxExamples}, kExamplesMeaning),
          field::integer("batch", &Body::batch, {1, kMaxBatch}, kBatchMeaning),
          field::integer("window", &Body::window, {1, kImageSize},
                         "Width and height, in pixels, of the part of each frame that a step looks at."),
          field::object("adam", &Body::adam, adam_fields(), "The optimiser."),
          field::objects("learning_rate", &Body::learning_rate, learning_rate_fields(),
                         "Its learning rate, piece by piece."),
          field::part(&Body::steps, siren_steps_fields()),
          field::part(&Body::windows, window_choice_fields()),
          field::objects("loss_phases", &Body::loss_phases, loss_phase_fields(),
                         "Weights of the four terms of the loss, phase by phase."),
          field::choice(
              "direct_target", &Body::direct_target, targets,
              "What the directly drawn image is compared with: the teacher's own, as the paper says, "
              "or its blended image, as the published code does."),
          field::seed("seed", &Body::seed, "Seed of the first weights and of the examples."),
      },
      check_siren_body);
}

const Fields<SirenBodyConfig>& siren_body_fields() {
  static const auto fields =
      siren_body_fields_with(field::part(&SirenBodyConfig::network, siren_level_list_fields()));
  return fields;
}

const Fields<SirenBodyConfig>& vanilla_body_fields() {
  static const auto fields =
      siren_body_fields_with(field::part(&SirenBodyConfig::vanilla_network, siren_fields()));
  return fields;
}

std::string kind_of_face(const FaceMorpherConfig& face) {
  return to_string(std::holds_alternative<BlendshapeFaceConfig>(face) ? FaceMorpherKind::blendshape
                                                                      : FaceMorpherKind::siren);
}

std::string kind_of_body(const BodyRotatorConfig& body) {
  const auto* siren = std::get_if<SirenBodyConfig>(&body);
  return to_string(siren == nullptr ? BodyRotatorKind::blendshape : siren->kind);
}

std::vector<Kind<FaceMorpherConfig>> face_kinds() {
  SirenFaceConfig siren;
  siren.network.pose_size = kFacePoseSize;
  return {kind<FaceMorpherConfig>("siren", siren, siren_face_fields()),
          kind<FaceMorpherConfig>("blendshape", BlendshapeFaceConfig{}, blendshape_face_fields())};
}

Kind<BodyRotatorConfig> siren_body_kind(BodyRotatorKind of, const Fields<SirenBodyConfig>& fields) {
  SirenBodyConfig body;
  body.kind = of;
  body.vanilla_network.pose_size = kPoseSize;
  return kind<BodyRotatorConfig>(to_string(of), body, fields);
}

std::vector<Kind<BodyRotatorConfig>> body_kinds() {
  return {siren_body_kind(BodyRotatorKind::siren, siren_body_fields()),
          siren_body_kind(BodyRotatorKind::siren_single_resolution, siren_body_fields()),
          siren_body_kind(BodyRotatorKind::vanilla_siren, vanilla_body_fields()),
          kind<BodyRotatorConfig>("blendshape", BlendshapeBodyConfig{}, blendshape_body_fields())};
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

const Fields<DistillConfig>& distill_fields() {
  using Config = DistillConfig;
  static const Fields<Config> fields(
      {
          field::object("poses", &Config::poses, pose_source_fields(), "The poses to learn from."),
          field::one_of("face_morpher", &Config::face_morpher, kind_of_face, face_kinds(),
                        "The network that draws the face, and its training."),
          field::one_of("body_rotator", &Config::body_rotator, kind_of_body, body_kinds(),
                        "The network that turns head and body, and its training."),
          field::integer("mask_poses", &Config::mask_poses, {1, 100'000},
                         "Poses that the face mask of a SIREN is derived from where none is given."),
          field::integer("teacher_batch", &Config::teacher_batch, {1, kMaxBatch},
                         "Poses that the teacher is given at a time when many frames are made."),
          field::number("checkpoint_seconds", &Config::checkpoint_seconds, {0, 1e9},
                        "Seconds between checkpoints, also of the teacher's frames."),
          field::integer(
              "samples", &Config::samples, {1, 100'000},
              "Pictures of samples that each network's training leaves, and points of its curves."),
          field::group("held_out",
                       {field::integer("poses", &Config::held_out_poses, {1, 1'000'000},
                                       "How many, of the natural distribution."),
                        field::seed("seed", &Config::held_out_seed,
                                    "Their seed, other than that of natural poses to learn from.")},
                       "Poses that the result is measured with."),
          field::optional(field::boolean("preview", &Config::preview,
                                         "Whether a clip of the character moving is left beside it.")),
      },
      check_held_out_seed);
  return fields;
}

}  // namespace

DistillConfig parse_distill_config(const nlohmann::json& json, const std::string& source) {
  DistillConfig config;
  distill_fields().read(ConfigReader(json, source), config);
  return config;
}

nlohmann::json to_json(const DistillConfig& config) {
  return distill_fields().write(config);
}

std::string distill_config_help() {
  return settings_help("A distillation: tha4-distill", distill_fields().help());
}

void take_rig_crops(DistillConfig& config) {
  auto* face = std::get_if<BlendshapeFaceConfig>(&config.face_morpher);
  if (face == nullptr || face->rig_crops == 0) return;
  face->regression.examples = face->regression.examples * face->rig_crops / face->crops;
  face->crops = face->rig_crops;
}

}  // namespace tha4
