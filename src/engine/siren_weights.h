#pragma once

#include <ATen/core/Tensor.h>

// Weights in the orders in which tensor cores take them.

namespace tha4 {

/// W [outputs, inputs] as a warp takes them: float16 [chunks * steps, 16 inputs, lane, 8], where a lane has
/// its numbers of 16 outputs and 16 inputs together. Outputs and inputs too many are 0.
at::Tensor pack_weights(const at::Tensor& weights, int chunk_steps);

/// W [up to 8, inputs] likewise, [1, 16 inputs, lane, 8]: in the place of further outputs lies what rounding
/// to float16 took away from these.
at::Tensor pack_result_weights(const at::Tensor& weights);

/// W [outputs, inputs] as warpgroups take them: float16 [16 inputs, 8 outputs, 2, 8, 8], matrices of 8
/// outputs and 8 inputs. Outputs and inputs too many, up to multiples of 16, are 0.
at::Tensor pack_weights_for_warpgroups(const at::Tensor& weights);

}  // namespace tha4
