#include "tha4/nn/teacher/residual_editor.h"

#include "kernels/rotated_pixels.h"
#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

/// Pixels of the full resolution, on each side, that share a place of the U-Net.
constexpr std::int64_t kFold = 2;

/// Image and warped image, folded; the rotator's blended and direct images, alpha and flow.
constexpr std::int64_t kInputs = 2 * 4 * kFold * kFold + 4 + 4 + 1 + 2;

/// How far a flow may be corrected: 8 pixels. The rotator's is right to a few pixels wherever there is
/// something to be seen; beside the character, where no loss reaches, single pixels were led onto it from far
/// away.
constexpr double kMaxFlowChange = 8.0 / 256;

/// The least alpha before its sigmoid: at 0 and 1 it would not be finite.
constexpr double kMinAlpha = 1e-4;

at::Tensor before_sigmoid(const at::Tensor& alpha) {
  return torch::logit(alpha.clamp(kMinAlpha, 1 - kMinAlpha));
}

}  // namespace

ResidualEditorImpl::ResidualEditorImpl(const UNetOptions& options)
    : body_(register_module("body",
                            UNet(kInputs, kRotatorChannels * kFold * kFold, kRotationPoseSize, options))) {}

RotatorOutput ResidualEditorImpl::forward(const at::Tensor& image, const RotatorOutput& coarse,
                                          const at::Tensor& rotation) {
  if (can_rotate_pixels({image, coarse.blended, coarse.direct, coarse.alpha, coarse.flow})) {
    const at::Tensor inputs = gather_folded(image, coarse, body_->scalar_type());
    const at::Tensor change = body_->forward(inputs, rotation).to(torch::kFloat);
    return edit_pixels(change, image, coarse, {.min_alpha = kMinAlpha, .max_flow_change = kMaxFlowChange});
  }
  const auto full = [&](const at::Tensor& half) { return interpolate(half, image.size(2)); };
  const at::Tensor coarse_flow = full(coarse.flow);
  const at::Tensor coarse_warped = apply_flow(image, coarse_flow);
  const at::Tensor folded = torch::pixel_unshuffle(torch::cat({image, coarse_warped}, 1), kFold);
  const at::Tensor inputs = torch::cat({folded, coarse.blended, coarse.direct, coarse.alpha, coarse.flow}, 1);
  const at::Tensor change =
      torch::pixel_shuffle(body_->forward(inputs, rotation), kFold).to(image.scalar_type());
  RotatorOutput output;
  output.direct = full(coarse.direct) + change.narrow(1, 0, 4);
  output.flow = coarse_flow + change.narrow(1, 4, 2).clamp(-kMaxFlowChange, kMaxFlowChange);
  output.alpha = (full(before_sigmoid(coarse.alpha)) + change.narrow(1, 6, 1)).sigmoid();
  output.warped = apply_flow(image, output.flow);
  output.blended = blend(output.alpha, output.direct, output.warped);
  return output;
}

UNetOptions ResidualEditorImpl::compact_options() {
  UNetOptions options;
  options.model_channels = 64;
  options.levels = {{64}, {64}, {96}, {128, true}};
  options.condition_channels = 128;
  options.fold = 2;
  return options;
}

UNetOptions ResidualEditorImpl::options_of(const WeightShapes& shapes) {
  return UNetOptions::from_shapes(shapes, "body.", kInputs);
}

}  // namespace tha4
