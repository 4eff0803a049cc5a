#include "moving_loss.h"

#include "moving_pixels.h"
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include "tha4/image/compositing.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

/// What \p weights add to the mean of \p map, tile by tile.
DrawnTiles tiles_of(TiledBlendshape& map, const at::Tensor& weights) {
  const TiledBlendshapeOptions& options = map->options();
  const auto by_tile = weights.view({weights.size(0), options.tiles, options.basis_size}).transpose(0, 1);
  return {map.get(), torch::bmm(by_tile, map->basis)};
}

/// Loss and gradients in one pass over the pixels.
class MovingLoss : public torch::autograd::Function<MovingLoss> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& motion,
                            const at::Tensor& flow, const at::Tensor& appearance, const MovingMaps* maps,
                            const BlendedFrames* frames, const std::vector<std::int64_t>& rows,
                            double squared_weight) {
    const MovingMaps drawn{{maps->motion.map, motion.contiguous()},
                           {maps->flow.map, flow.contiguous()},
                           {maps->appearance.map, appearance.contiguous()}};
    const MovingGradients result = moving_gradients(drawn, *frames, rows, squared_weight);
    context->save_for_backward({result.motion, result.flow, result.appearance});
    return torch::tensor(static_cast<float>(result.loss));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    torch::autograd::variable_list result;
    for (const at::Tensor& saved : context->get_saved_variables()) result.push_back(saved * gradients[0]);
    result.resize(7);
    return result;
  }
};

}  // namespace

at::Tensor moving_loss_by_layers(BlendshapeBodyRotator& body, const BodyBlendWeights& weights,
                                 const BlendedFrames& frames, const std::vector<std::int64_t>& rows,
                                 double squared_weight) {
  const FrameWindow& window = frames.window();
  const auto whole = [](TiledBlendshape& map, const at::Tensor& of_map) {
    return map->draw(of_map, FrameWindow::whole(map->options().size));
  };
  const auto motion = sample_map(whole(body->motion, weights.motion),
                                 FrameWindow::whole(body->motion->options().size), window)
                          .permute({0, 3, 1, 2});
  const auto where_it_leads = [&](TiledBlendshape& map, const at::Tensor& of_map) {
    return warp(whole(map, of_map).permute({0, 3, 1, 2}), motion, window);
  };
  const auto flow = motion + where_it_leads(body->flow, weights.flow);
  const auto appearance = where_it_leads(body->appearance, weights.appearance);
  const auto chosen = torch::tensor(rows).to(frames.blended().device());
  const auto image = paste(frames.rest_image().unsqueeze(0), in_floats(frames.faces(), chosen), kFaceCrop);
  const auto alpha = appearance.narrow(1, 0, 1).clamp(0, 1);
  const auto error = (1 - alpha) * warp(image, flow, window) + appearance.narrow(1, 1, 4) -
                     in_floats(frames.blended(), chosen);
  return error.abs().mean() + squared_weight * error.square().mean();
}

at::Tensor moving_loss(BlendshapeBodyRotator& body, const BodyBlendWeights& weights,
                       const BlendedFrames& frames, const std::vector<std::int64_t>& rows,
                       double squared_weight) {
  if (!weights.flow.device().is_cpu()) {
    return moving_loss_by_layers(body, weights, frames, rows, squared_weight);
  }
  const MovingMaps maps{tiles_of(body->motion, weights.motion), tiles_of(body->flow, weights.flow),
                        tiles_of(body->appearance, weights.appearance)};
  return MovingLoss::apply(maps.motion.values, maps.flow.values, maps.appearance.values, &maps, &frames, rows,
                           squared_weight);
}

}  // namespace tha4
