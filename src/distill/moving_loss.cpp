#include "moving_loss.h"

#include <torch/types.h>

#include "tha4/image/compositing.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
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

}  // namespace tha4
