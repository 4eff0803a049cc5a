#pragma once

#include <torch/nn/modules/container/modulelist.h>
#include <torch/types.h>

namespace tha4 {

/// Block \p index of \p list, which is a \p Block, applied to \p x.
template <class Block>
at::Tensor apply_block(torch::nn::ModuleList& list, std::size_t index, const at::Tensor& x) {
  return list->at<typename Block::ContainedType>(index).forward(x);
}

/// The type of the weights of the network that begins with \p list.
inline at::ScalarType type_of_weights(torch::nn::ModuleList& list) {
  return list->ptr(0)->parameters().front().scalar_type();
}

/// \p pose [N, P] at every pixel of \p image: [N, P, H, W].
inline at::Tensor pose_planes(const at::Tensor& pose, const at::Tensor& image) {
  return pose.unsqueeze(2).unsqueeze(3).expand({-1, -1, image.size(2), image.size(3)});
}

}  // namespace tha4
