#include "blendshape_fields.h"

#include "distill_fields.h"

#include "tha4/nn/blocks/weight_shapes.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/train/adam_fields.h"

namespace tha4 {
namespace {

/// A motion of more cells would take long to fit, and be no smoother than the flow's own map.
constexpr int kMaxMotionSize = 32;

const Fields<CosineLearningRate>& cosine_fields() {
  using Rate = CosineLearningRate;
  static const Fields<Rate> fields(
      {
          field::number("value", &Rate::value, {0, 1}, "The rate where it is highest."),
          field::integer("warm_up_examples", &Rate::warm_up_examples, {0, kMaxExamples},
                         "Examples over which it rises from 0; it falls to 0 along a half cosine."),
      },
      nullptr, "learning rate that falls");
  return fields;
}

const Fields<RegressionConfig>& regression_fields() {
  using Regression = RegressionConfig;
  static const Fields<Regression> fields(
      {
          field::integer("examples", &Regression::examples, {1, kMaxExamples}, kExamplesMeaning),
          field::integer("batch", &Regression::batch, {1, 1 << 20}, kBatchMeaning),
          field::object("adam", &Regression::adam, adam_fields(), "The optimiser, AdamW."),
          field::object("learning_rate", &Regression::learning_rate, cosine_fields(), "Its learning rate."),
      },
      nullptr, "regression");
  return fields;
}

const Fields<FineTuningConfig>& fine_tuning_fields() {
  using Tuning = FineTuningConfig;
  static const Fields<Tuning> fields({
      field::integer("examples", &Tuning::examples, {0, kMaxExamples}, "Its examples; 0: none of it."),
      field::integer("batch", &Tuning::batch, {1, kMaxBatch}, kBatchMeaning),
      field::object("adam", &Tuning::adam, adam_fields(), "The optimiser, AdamW."),
      field::object("network_learning_rate", &Tuning::network_learning_rate, cosine_fields(),
                    "The learning rate of the MLPs."),
      field::object("basis_learning_rate", &Tuning::basis_learning_rate, cosine_fields(),
                    "That of the bases."),
      field::number("flow_weight", &Tuning::flow_weight, {0, 1e6},
                    "Weight of the error of the flow's blend weights, which keeps hidden flow where it was."),
      field::optional(field::number("squared_weight", &Tuning::squared_weight, {0, 1e6},
                                    "Weight of the mean square of the blended image's error; that of its "
                                    "mean is 1.")),
      field::optional(field::integer("row_step", &Tuning::row_step, {1, 16},
                                     "Of so many rows of pixels, a step looks at one, and the next steps at "
                                     "the others: half of them take half the time. Only on CPUs.")),
  });
  return fields;
}

/// All tiles together: one MLP gives the blend weights of all of them.
void check_basis_size(const ConfigReader& reader, const std::string& key, std::int64_t size,
                      std::int64_t tiles) {
  if (size * tiles <= kMaxBlendWeights) return;
  reader.fail(key, "is " + std::to_string(size) + ", for " + std::to_string(tiles) +
                       " tiles; together they must not have more than " + std::to_string(kMaxBlendWeights) +
                       " images");
}

void check_blendshape_body(const ConfigReader& reader, const BlendshapeBodyConfig& body) {
  if (kImageSize % body.map_size != 0) reader.fail("map_size", "must divide 512");
  if (body.map_size % body.tile_size != 0) reader.fail("tile_size", "must divide map_size");
  if (body.appearance_map() < 2) reader.fail("appearance_map_size", "must be at least 2");
  if (kImageSize % body.appearance_map() != 0) reader.fail("appearance_map_size", "must divide 512");
  if (body.appearance_map() % body.appearance_tile() != 0) {
    reader.fail("appearance_tile_size", "must divide the appearance's map size");
  }
  const std::int64_t across = body.map_size / body.tile_size;
  const std::int64_t appearance_across = body.appearance_map() / body.appearance_tile();
  check_basis_size(reader, "flow_basis_size", body.flow_basis_size, across * across);
  check_basis_size(reader, "appearance_basis_size", body.appearance_basis_size,
                   appearance_across * appearance_across);
  if (body.motion_size > 0 && body.motion_basis_size == 0) {
    reader.fail("motion_basis_size", "must be at least 1 where there is a motion_size");
  }
}

}  // namespace

const Fields<BlendshapeFaceConfig>& blendshape_face_fields() {
  using Face = BlendshapeFaceConfig;
  static const Fields<Face> fields({
      field::integer("crops", &Face::crops, {2, 1'000'000}, "Face crops of the teacher to learn from."),
      field::optional(
          field::integer("rig_crops", &Face::rig_crops, {0, 1'000'000},
                         "Of a teacher that is a rig, which makes them fast, with as many times the "
                         "examples; 0: no more. Crops that are set for one run count for rigs, too.")),
      field::object("poses", &Face::poses, pose_source_fields(), "Their poses."),
      field::number("region_threshold", &Face::region_threshold, {0, 1},
                    "Variance of a pixel that moves, as a fraction of the largest one."),
      field::integer("region_dilation", &Face::region_dilation, {0, 64},
                     "Pixels that moving regions are grown by."),
      field::renamed(
          "region_least_share",
          field::number("region_min_fraction", &Face::region_min_fraction, {1.0 / (kMaxFaceRegions - 1), 1},
                        "Fraction of all variance that a region of its own must hold.")),
      field::integer("basis_size", &Face::basis_size, {1, kMaxWidth},
                     "Images in the basis of each moving region, at most: fewer where more would add next to "
                     "nothing."),
      field::integer("rest_basis_size", &Face::rest_basis_size, {1, kMaxWidth},
                     "Images in the basis of everything else."),
      field::integer("width", &Face::width, {1, kMaxWidth},
                     "Width of the MLPs' hidden layers, at most: fewer where there are few images."),
      field::integer("hidden_layers", &Face::hidden_layers, {1, kMaxBlocks - 1},
                     "Hidden layers of each MLP."),
      field::object("regression", &Face::regression, regression_fields(),
                    "Training of the MLPs, from poses to blend weights."),
      field::seed("seed", &Face::seed, "Seed of the first weights and of the examples."),
  });
  return fields;
}

const Fields<BlendshapeBodyConfig>& blendshape_body_fields() {
  using Body = BlendshapeBodyConfig;
  static const Fields<Body> fields(
      {
          field::integer("frames", &Body::frames, {2, 100'000}, "Frames of the teacher to learn from."),
          field::integer("map_size", &Body::map_size, {2, kImageSize},
                         "Width and height, in pixels, of the maps that are blended; it divides 512."),
          field::optional(field::integer("appearance_map_size", &Body::appearance_map_size, {0, kImageSize},
                                         "That of the map of colours and alphas; 0: map_size.")),
          field::optional(field::integer("appearance_tile_size", &Body::appearance_tile_size, {0, kImageSize},
                                         "Width and height of that map's tiles; 0: tile_size.")),
          field::integer("tile_size", &Body::tile_size, {1, kImageSize},
                         "Width and height, in pixels, of their tiles; it divides map_size."),
          field::integer("flow_basis_size", &Body::flow_basis_size, {1, kMaxWidth},
                         "Images in each tile's basis of the flow."),
          field::integer("appearance_basis_size", &Body::appearance_basis_size, {1, kMaxWidth},
                         "Images in each tile's basis of colours and alphas."),
          field::optional(field::integer(
              "motion_size", &Body::motion_size, {0, kMaxMotionSize},
              "Cells across the map of the body's motion, which carries both maps along; 0: there is none.")),
          field::optional(field::integer("motion_basis_size", &Body::motion_basis_size, {0, kMaxWidth},
                                         "Images in its basis.")),
          field::number("face_input_scale", &Body::face_input_scale, {0, 1000},
                        "Factor of the face parameters at the MLPs' inputs."),
          field::integer("width", &Body::width, {1, kMaxWidth}, "Width of the MLPs' hidden layers."),
          field::integer("hidden_layers", &Body::hidden_layers, {1, kMaxBlocks - 1},
                         "Hidden layers of each MLP."),
          field::object("regression", &Body::regression, regression_fields(),
                        "Training of the MLPs, from poses to blend weights."),
          field::object("fine_tuning", &Body::fine_tuning, fine_tuning_fields(),
                        "Training of bases and MLPs together on the blended image, after that."),
          field::seed("seed", &Body::seed, "Seed of the first weights and of the examples."),
      },
      check_blendshape_body);
  return fields;
}

}  // namespace tha4
