// Poses into the first layer's sums; gradients from their parts; one step down them.

/// One block.
extern "C" __global__ void siren_next_step(const SirenNextStep next) {
  const int* const row = next.plan + *next.next * (next.window_numbers + next.step_numbers);
  for (int i = threadIdx.x; i < next.window_numbers; i += blockDim.x) next.windows[i] = row[i];
  for (int i = threadIdx.x; i < next.step_numbers; i += blockDim.x) {
    next.step[i] = row[next.window_numbers + i];
  }
  __syncthreads();
  if (threadIdx.x == 0) ++*next.next;
}

extern "C" __global__ void siren_pose_term(const SirenPoseTerm term) {
  const int channel = blockIdx.x * blockDim.x + threadIdx.x;
  const float* const pose = term.poses + term.windows[blockIdx.y].frame * term.pose_size;
  if (channel < term.input_count) {
    const float input = channel >= 4 && channel < 4 + term.pose_size ? pose[channel - 4] : 0.0f;
    static_cast<unsigned short*>(term.inputs)[blockIdx.y * term.input_count + channel] =
        static_cast<unsigned short>(pack_bfloat(input, 0));
  }
  if (channel >= term.channels) return;
  float sum = term.weights[(2 + term.pose_size) * term.channels + channel];
  for (int i = 0; i < term.pose_size; ++i) sum += pose[i] * term.weights[(2 + i) * term.channels + channel];
  term.terms[blockIdx.y * term.channels + channel] = sum;
}

/// The sum of a number of each of the block's 256 threads; of meaning in the first of them.
__device__ float sum_of_block(float value) {
  __shared__ float of_warps[8];
#pragma unroll
  for (int distance = 16; distance > 0; distance /= 2) {
    value += __shfl_down_sync(0xffffffffu, value, distance);
  }
  __syncthreads();  // of_warps may still be read for the sum before
  if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32] = value;
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < 8; ++i) sum += of_warps[i];
  return sum;
}

__device__ float adam_direction(const SirenStep& step, float moment1, float moment2) {
  constexpr float kEpsilon = 1e-8f;
  return (moment1 / step.correction1) / (sqrtf(moment2 / step.correction2) + kEpsilon);
}

extern "C" __global__ void __launch_bounds__(256) siren_gradient_sum(const SirenGradientSum all) {
  const SirenGradientParts layer = all.layers[blockIdx.y];
  const int at = blockIdx.x * blockDim.x + threadIdx.x;
  float sum = 0;
  if (at < layer.size) {
#pragma unroll 8
    for (int i = 0; i < layer.count; ++i) sum += layer.parts[static_cast<size_t>(i) * layer.size + at];
    sum *= layer.scale;
    if (all.adds) sum += all.gradients[layer.offset + at];
    all.gradients[layer.offset + at] = sum;
  }
  const float squares = sum_of_block(sum * sum);
  if (threadIdx.x == 0) all.squares[blockIdx.y * gridDim.x + blockIdx.x] = squares;
}

extern "C" __global__ void __launch_bounds__(256) siren_direction(const SirenDirection direction) {
  __shared__ float norm;
  float squares = 0;
  for (int i = threadIdx.x; i < direction.squares_count; i += 256) squares += direction.squares[i];
  squares = sum_of_block(squares);
  if (threadIdx.x == 0) norm = sqrtf(squares);
  __syncthreads();
  const int at = blockIdx.x * 256 + threadIdx.x;
  if (at == 0) *direction.is_taken = isfinite(norm);
  if (at >= direction.count || !isfinite(norm)) return;

  const SirenStep step = *direction.step;
  const SirenParameter place = direction.table[at];
  float gradient = direction.gradients[place.gradient];
  if (place.second_gradient >= 0) gradient += direction.gradients[place.second_gradient];
  if (step.max_norm > 0 && norm > step.max_norm) gradient *= step.max_norm / norm;
  const float moment1 = direction.moment1[at] + (1 - step.beta1) * (gradient - direction.moment1[at]);
  direction.moment1[at] = moment1;
  if (direction.is_rotated != nullptr && direction.is_rotated[at]) {
    direction.clipped[at] = gradient;
    return;
  }
  const float moment2 = step.beta2 * direction.moment2[at] + (1 - step.beta2) * gradient * gradient;
  direction.moment2[at] = moment2;
  direction.directions[at] = adam_direction(step, moment1, moment2);
}

extern "C" __global__ void __launch_bounds__(256) siren_update(const SirenUpdate update) {
  const int at = blockIdx.x * 256 + threadIdx.x;
  if (at >= update.count) return;
  const SirenStep step = *update.step;
  const SirenParameter place = update.table[at];
  float value = update.parameters[at];
  // A step whose gradient is no number is left out.
  if (*update.is_taken) {
    value -= step.learning_rate * update.directions[at];
    update.parameters[at] = value;
    update.average[at] = value + step.average_decay * (update.average[at] - value);
  }
  const float scaled = value * place.scale;
  if (place.forward >= 0) {
    static_cast<unsigned short*>(update.forward)[place.forward] =
        static_cast<unsigned short>(pack_half(scaled, 0));
  }
  if (place.backward >= 0) {
    static_cast<unsigned short*>(update.backward)[place.backward] =
        static_cast<unsigned short>(pack_bfloat(scaled, 0));
  }
  if (place.plain >= 0) update.plain[place.plain] = scaled;
}
