#pragma once

#include <array>
#include <functional>

#include <ATen/core/Tensor.h>

namespace tha4 {

/// The tensors that a checkpointed function is given.
using CheckpointInputs = std::array<at::Tensor, 3>;

/// \p function of \p inputs, without keeping what its gradient needs: backward computes the function once
/// more (Chen et al. 2016), which costs a forward pass and saves the memory of all that lies within. Where no
/// gradient is asked for, this is the function alone.
/// \param function  gives the same values when called again with the same inputs; what it refers to must live
///                  until backward is over. Its parameters' gradients are added up as always
/// \param inputs    at least one of them needs a gradient where the function's parameters do
at::Tensor checkpointed(std::function<at::Tensor(const CheckpointInputs&)> function,
                        const CheckpointInputs& inputs);

}  // namespace tha4
