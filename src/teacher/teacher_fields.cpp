#include "teacher_fields.h"

#include <algorithm>

#include "tha4/nn/blocks/weight_shapes.h"
#include "tha4/pose/pose_distribution.h"
#include "tha4/train/adam_fields.h"

namespace tha4 {
namespace {

bool uses_unet(const TeacherTrainingConfig& config) {
  return can_checkpoint_activations(config.network);
}

bool uses_encoder_decoder(const TeacherTrainingConfig& config) {
  return !can_checkpoint_activations(config.network);
}

const FieldHelp kLevelChannelsHelp{.key = "level_channels",
                                   .values = "a list of whole numbers from 1 to " + std::to_string(kMaxWidth),
                                   .meaning = "Channels of each level, that of the full resolution first."};

std::vector<std::int64_t> read_widths(const ConfigReader& reader) {
  const auto widths = reader.get<std::vector<std::int64_t>>("level_channels");
  if (widths.empty() || widths.size() > static_cast<std::size_t>(kMaxBlocks) ||
      std::any_of(widths.begin(), widths.end(),
                  [](std::int64_t width) { return width < 1 || width > kMaxWidth; })) {
    reader.fail("level_channels", "must be a list of widths from 1 to " + std::to_string(kMaxWidth));
  }
  return widths;
}

/// The levels of a U-Net are two lists in a configuration: of their channels, and of those with attention.
Field<UNetOptions> unet_channels() {
  return {.help = kLevelChannelsHelp,
          .read =
              [](const ConfigReader& reader, UNetOptions& unet) {
                unet.levels.clear();
                for (const std::int64_t width : read_widths(reader))
                  unet.levels.push_back({.channels = width});
              },
          .write =
              [](const UNetOptions& unet, nlohmann::json& object) {
                for (const UNetLevel& level : unet.levels) object["level_channels"].push_back(level.channels);
              }};
}

Field<UNetOptions> unet_attention() {
  return {.help = {.key = "attention_levels",
                   .values = "a list of whole numbers",
                   .meaning = "The levels with attention, counted from 0."},
          .read =
              [](const ConfigReader& reader, UNetOptions& unet) {
                const auto attention = reader.get<std::vector<std::int64_t>>("attention_levels");
                for (std::size_t i = 0; i < unet.levels.size(); ++i) {
                  unet.levels[i].attention = std::find(attention.begin(), attention.end(),
                                                       static_cast<std::int64_t>(i)) != attention.end();
                }
              },
          .write =
              [](const UNetOptions& unet, nlohmann::json& object) {
                auto& attention = object["attention_levels"] = nlohmann::json::array();
                for (std::size_t i = 0; i < unet.levels.size(); ++i) {
                  if (unet.levels[i].attention) attention.push_back(i);
                }
              }};
}

/// The number of attention heads is the one size that a weights file does not show: every reader takes the
/// paper's.
const Fields<UNetOptions>& unet_fields() {
  using Options = UNetOptions;
  static const Fields<Options> fields({
      field::integer("model_channels", &Options::model_channels, {1, kMaxWidth},
                     "Channels of the first feature map."),
      unet_channels(),
      unet_attention(),
      field::integer("blocks_per_level", &Options::blocks_per_level, {1, kMaxBlocks},
                     "Residual blocks of each level."),
      field::integer("middle_blocks", &Options::middle_blocks, {1, kMaxBlocks},
                     "Residual blocks between the way down and the way up, with attention between them."),
      field::integer("condition_channels", &Options::condition_channels, {1, kMaxWidth},
                     "Channels that the pose is turned into for the blocks."),
      field::optional(field::integer("fold", &Options::fold, {1, 8},
                                     "Pixels on each side that share a place of the first level.")),
  });
  return fields;
}

const Fields<EncoderDecoderOptions>& encoder_decoder_fields() {
  using Options = EncoderDecoderOptions;
  static const Fields<Options> fields({
      field::member(kLevelChannelsHelp, &Options::level_channels, read_widths),
      field::integer("bottleneck_blocks", &Options::bottleneck_blocks, {1, kMaxBlocks},
                     "Residual blocks between encoder and decoder."),
  });
  return fields;
}

template <class Struct>
Field<Struct> images(const std::string& key, std::vector<std::string> Struct::*value, std::string meaning) {
  return field::optional(field::any(key, value, "a list of names of images", std::move(meaning)));
}

const Fields<ImageLoss>& image_loss_fields() {
  static const Fields<ImageLoss> fields({
      field::number("weight", &ImageLoss::weight, {0, 1e6}, "Weight of the loss; 0: none."),
      images("images", &ImageLoss::images, "The images of the network that it is taken of."),
  });
  return fields;
}

Fields<PyramidLoss> pyramid_loss_fields(int max_levels, std::string levels) {
  return Fields<PyramidLoss>({
      field::part(&PyramidLoss::on, image_loss_fields()),
      field::integer("levels", &PyramidLoss::levels, {1, max_levels}, std::move(levels)),
  });
}

const Fields<PyramidLoss>& laplacian_fields() {
  static const Fields<PyramidLoss> fields =
      pyramid_loss_fields(8, "Bands of the pyramid, each half as fine as the one before.");
  return fields;
}

/// The smallest picture that a network sees, 128x128, has four levels of more than a window's 11 pixels.
const Fields<PyramidLoss>& ms_ssim_fields() {
  static const Fields<PyramidLoss> fields =
      pyramid_loss_fields(4, "Levels, each half as fine as the one before.");
  return fields;
}

/// A loss of what a network makes beside its images.
Field<TrainingPhase> motion_loss(const std::string& key, double TrainingPhase::*weight, std::string meaning) {
  return field::optional(field::group(
      key, {field::number("weight", weight, {0, 1e6}, "Weight of the loss; 0: none.")}, std::move(meaning)));
}

const Fields<TrainingPhase>& phase_fields() {
  using Phase = TrainingPhase;
  static const Fields<Phase> fields({
      field::integer("examples", &Phase::examples, {1, kMaxExamples},
                     "Examples of the phase, a multiple of the batch."),
      field::group("l1",
                   {field::part(&Phase::l1, image_loss_fields()),
                    field::optional(field::number(
                        "moved_weight", &Phase::moved_weight, {1, 1e6},
                        "How many times as much pixels count whose target differs from the input, and their "
                        "neighbours."))},
                   "The mean absolute difference."),
      field::optional(
          field::object("laplacian", &Phase::laplacian, laplacian_fields(),
                        "The same on the bands of a Laplacian pyramid, which asks for sharp edges.")),
      field::optional(field::object(
          "gradient", &Phase::gradient, image_loss_fields(),
          "The same of the steps from each pixel to the next, across and downwards, likewise.")),
      field::optional(field::object("ms_ssim", &Phase::ms_ssim, ms_ssim_fields(),
                                    "1 less the multi-scale structural similarity, likewise.")),
      motion_loss("flow", &Phase::flow_weight,
                  "The mean distance between the network's flow and the rig's, in pixels of the 512x512 "
                  "picture, where the picture before shows the surface. It and the next are of rotators and "
                  "editors, and need characters that are drawn online, without augmentation.strands."),
      motion_loss("disocclusion", &Phase::disocclusion_weight,
                  "The cross entropy of alpha against what the picture before hides, which is to be drawn "
                  "anew, and what it shows, which is to be warped. Of networks that have an alpha."),
      field::optional(field::group(
          "perceptual",
          {field::number("weight", &Phase::perceptual_weight, {0, 1e6}, "Weight of the loss; 0: none."),
           images("images", &Phase::perceptual_images, "Images that it is taken of as they are."),
           images("half_images", &Phase::perceptual_half_images,
                  "Images that it is taken of at half their size."),
           images("quadrant_images", &Phase::perceptual_quadrant_images,
                  "Images that it is taken of quadrant by quadrant.")},
          "The perceptual loss.")),
      field::optional(field::boolean("coarse_inputs", &Phase::coarse_inputs,
                                     "Of the editor: whether its submodule for coarse inputs is there.")),
      field::optional(field::boolean(
          "new_optimizer", &Phase::new_optimizer,
          "Whether the phase begins with fresh moments, and with the warm-up of the learning rate.")),
  });
  return fields;
}

void check_replay(const ConfigReader& reader, const TrainingData& data) {
  if (data.replay_min <= data.replay_capacity) return;
  reader.fail("replay.min", "is more than the capacity, " + std::to_string(data.replay_capacity));
}

/// How triples are read or drawn.
const Fields<SourceOptions>& reading_fields() {
  using Reading = SourceOptions;
  static const Fields<Reading> fields({
      field::renamed("test_share",
                     field::number("test_fraction", &Reading::test_fraction, {0, 1},
                                   "Fraction of the characters drawn online that is kept for tests.")),
      field::integer("poses_per_character", &Reading::poses_per_character, {1, 1'000'000},
                     "Poses drawn online before another character takes its place."),
      field::integer("characters_at_once", &Reading::characters_at_once, {1, 4096},
                     "Characters that are drawn online in turns."),
      field::integer("shuffle_buffer", &Reading::shuffle_buffer, {1, 100'000'000},
                     "Samples of a dataset that the next one is drawn from."),
      field::integer("threads", &Reading::threads, {1, 1024}, "Threads that read or draw."),
      field::renamed(
          "most_damaged",
          field::integer("max_damaged", &Reading::max_damaged, {0, 1'000'000'000},
                         "Damaged samples or unusable characters that are skipped before the run ends.")),
      field::optional(field::group("poses", pose_fields(&Reading::distribution, &Reading::natural),
                                   "Poses that are drawn online.", "poses")),
  });
  return fields;
}

const Fields<TrainingData>& data_fields() {
  using Data = TrainingData;
  static const Fields<Data> fields(
      {
          field::any("source", &Data::source, "text",
                     "Folder of a dataset; or procedural:N[:SEED] or a folder of .vrm, drawn online."),
          field::part(&Data::reading, reading_fields()),
          field::integer("batches_ahead", &Data::batches_ahead, {1, 1024},
                         "Batches made ready before they are needed."),
          field::optional(field::group(
              "replay",
              {field::integer(
                   "capacity", &Data::replay_capacity, {0, 100'000'000},
                   "Triples that are kept, of all processes together; 0: each is learnt from once."),
               field::renamed("least", field::integer("min", &Data::replay_min, {0, 100'000'000},
                                                      "Triples that are there before learning begins."))},
              "Triples that are kept on the device and learnt from several times.")),
      },
      check_replay);
  return fields;
}

/// How the weights are learnt.
std::vector<Field<TeacherTrainingConfig>> optimization_fields() {
  using Config = TeacherTrainingConfig;
  Names<Precision> precisions;
  for (const Precision precision : kPrecisions) precisions.emplace_back(precision_name(precision), precision);
  return {
      field::seed("seed", &Config::seed, "Seed of the first weights and of the examples."),
      field::integer("batch", &Config::batch, {1, 1 << 20}, "Examples of a step, of all processes together."),
      field::integer("micro_batch", &Config::micro_batch, {0, 1 << 20},
                     "Examples that a process computes at a time; 0: its whole share of the batch."),
      field::object("adam", &Config::adam, adam_fields(), "The optimiser."),
      field::group(
          "learning_rate",
          {field::number("value", &Config::learning_rate, {0, 1}, "The rate."),
           field::integer("warm_up_examples", &Config::warm_up_examples, {0, kMaxExamples},
                          "Examples over which it rises from 0."),
           field::renamed(
               "decay_share",
               field::optional(field::number(
                   "decay_fraction", &Config::decay_fraction, {0, 1},
                   "Fraction of the run, at its end, over which it falls to 0 along a half cosine.")))},
          "Its learning rate."),
      field::choice("precision", &Config::precision, precisions,
                    "Arithmetic of convolutions and products; weights are always fp32."),
      field::boolean("channels_last", &Config::channels_last,
                     "Whether the channels of a pixel lie beside each other: faster on GPUs in 16 bits."),
      field::boolean(
          "activation_checkpointing", &Config::activation_checkpointing,
          "Whether intermediate results are computed once more in backward, which takes less memory "
          "and more time; of networks with a U-Net alone."),
      field::optional(
          field::boolean("cuda_graph", &Config::cuda_graph,
                         "Whether a step is queued on the GPU as one graph: for small networks.")),
      field::number("ema_decay", &Config::ema_decay, {0, 0.9999999},
                    "How much of itself the average of the weights that is exported keeps at a step; 0: no "
                    "average."),
  };
}

/// What is measured and kept on the way.
std::vector<Field<TeacherTrainingConfig>> course_fields() {
  using Config = TeacherTrainingConfig;
  return {
      field::group("validation",
                   {field::integer("images", &Config::validation_images, {0, 1'000'000},
                                   "Test images that are measured each time."),
                    field::integer("times", &Config::validations, {0, 1'000'000}, "Times in a run.")},
                   "Measurements of characters that are not trained on."),
      field::integer("samples", &Config::samples, {0, 1'000'000}, "Sample pictures in a run."),
      field::integer("curve_points", &Config::curve_points, {1, 1'000'000},
                     "Points of the curves of the loss."),
      field::number("checkpoint_seconds", &Config::checkpoint_seconds, {0, 1e9},
                    "Seconds between checkpoints."),
      field::group("distributed",
                   {field::number("timeout_seconds", &Config::timeout_seconds, {1, 1e7},
                                  "Seconds that one process may keep the others waiting."),
                    field::integer("bucket_megabytes", &Config::bucket_megabytes, {1, 4096},
                                   "Megabytes of gradients that are sent together.")},
                   "Training by several processes."),
  };
}

}  // namespace

const Fields<TeacherTrainingConfig>& teacher_fields() {
  using Config = TeacherTrainingConfig;
  const Names<PerceptualBackbone> backbones = {{"vgg16", PerceptualBackbone::vgg16},
                                               {"none", PerceptualBackbone::none}};
  static const Fields<Config> fields([&] {
    std::vector<Field<Config>> list = {
        field::choice("network", &Config::network, trained_network_names(), "What is trained."),
        field::group(
            "sizes",
            {field::only_if(uses_unet, "of networks with a U-Net", field::part(&Config::unet, unet_fields())),
             field::only_if(uses_encoder_decoder, "of the other networks",
                            field::part(&Config::encoder_decoder, encoder_decoder_fields()))},
            "The network's sizes."),
    };
    for (auto& field : optimization_fields()) list.push_back(std::move(field));
    list.push_back(
        field::group("perceptual",
                     {field::choice("backbone", &Config::backbone, backbones,
                                    "The network of the perceptual loss; none leaves the loss out."),
                      field::number("rgb_probability", &Config::rgb_probability, {0, 1},
                                    "Probability that it looks at the colours, else at the alpha.")},
                     "The perceptual loss of all phases."));
    list.push_back(field::objects("phases", &Config::phases, phase_fields(), "The phases, in their order."));
    list.push_back(field::object("data", &Config::data, data_fields(), "Where examples come from."));
    list.push_back(field::optional(field::object("augmentation", &Config::augmentation, augmentation_fields(),
                                                 "How examples are changed before they are learnt from.")));
    for (auto& field : course_fields()) list.push_back(std::move(field));
    return list;
  }());
  return fields;
}

}  // namespace tha4
