#include "tha4/poser/student_packing.h"

#include <cmath>
#include <string>

#include <torch/types.h>

#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/poser/usual_weights.h"

namespace tha4 {
namespace {

/// What all bases of a map may be wrong by together, in the middle, of flow (a frame is 2 wide) and of
/// colours in [-1, 1].
constexpr double kFlowError = 2.0 / 512 / 64;
constexpr double kColorError = 2e-3;

/// Steps of means. That of colours is seen in all of the picture, on dark colours first.
constexpr double kFlowMeanStep = kFlowError;
constexpr double kColorMeanStep = 1.0 / 4096;

/// Integers of an MLP's weights, to either side: what is lost of 8 bits would be seen as movement.
constexpr double kWeightLevels = 511;

/// Steps of bases whose errors add up to \p error.
/// \param usual  mean squares of their weights
at::Tensor basis_steps(const at::Tensor& usual, std::int64_t bases, double error) {
  // An error that is anything up to half a step, to either side, is a step over the root of 12 in the middle.
  const double step = error * std::sqrt(12.0 / static_cast<double>(bases));
  constexpr double kMinWeight = 1e-12;
  return step / usual.sqrt().clamp_min(kMinWeight);
}

void add_mlp(Packings& packings, const std::string& prefix, const BlendWeightsImpl& mlp) {
  for (const auto& item : mlp.named_parameters()) {
    if (!item.key().ends_with("weight")) continue;
    const at::Tensor largest = item.value().detach().abs().amax(1);
    packings[prefix + item.key()] = {.steps = largest.clamp_min(1e-30) / kWeightLevels};
  }
}

void add_map(Packings& packings, const std::string& name, TiledBlendshapeImpl& map, double error,
             double mean_step) {
  const TiledBlendshapeOptions& options = map.options();
  const at::Tensor usual = usual_weights(*map.weights).view({options.tiles, options.basis_size});
  packings[name + ".basis"] = {.steps = basis_steps(usual, options.basis_size, error),
                               .row = options.tile_size};
  packings[name + ".mean"] = {.steps = torch::full({options.channels}, mean_step), .row = options.size};
  add_mlp(packings, name + ".weights.", *map.weights);
}

}  // namespace

Packings packings_of(StudentFaceMorpher& network) {
  auto& face = dynamic_cast<BlendshapeFaceMorpherImpl&>(network);
  Packings packings;
  packings["mean"] = {.steps = torch::full({face.mean.size(0)}, kColorMeanStep), .row = face.mean.size(2)};
  for (std::size_t i = 0; i < face.region_count(); ++i) {
    const std::string name = "regions." + std::to_string(i);
    BlendshapeRegion region = face.region(i);
    const std::int64_t bases = region->basis.size(0);
    packings[name + ".basis"] = {.steps = basis_steps(usual_weights(*region->weights), bases, kColorError),
                                 .row = region->pixels.size(0)};
    add_mlp(packings, name + ".weights.", *region->weights);
  }
  return packings;
}

Packings packings_of(StudentBodyRotator& network) {
  auto& body = dynamic_cast<BlendshapeBodyRotatorImpl&>(network);
  Packings packings;
  add_map(packings, "flow", *body.flow, kFlowError, kFlowMeanStep);
  add_map(packings, "appearance", *body.appearance, kColorError, kColorMeanStep);
  if (body.motion) add_map(packings, "motion", *body.motion, kFlowError, kFlowMeanStep);
  return packings;
}

}  // namespace tha4
