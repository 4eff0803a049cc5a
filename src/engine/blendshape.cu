// Blendshapes: small MLPs of the pose give weights, sums of bases are taken with them, and pixels are made of
// the sums. What is what, and how it lies in memory, is said in blend_program.h; sums are the same integers
// as on CPUs. The text of the program is blendshape_arguments.h, early_launches.cu, body_pixels.cu and this
// file.

constexpr int kOutputsOfGroup = 16;
constexpr int kChunk = 64;  // values of a sum that lie together
constexpr int kFours = 16;  // threads that share a chunk, each of which has four neighbouring values
constexpr int kThreads = 256, kHiddenThreads = 512;

template <class Value>
__device__ const Value* find(const char* data, int place) {
  return reinterpret_cast<const Value*>(data + place);
}

/// Adds eight weights of 16 bits times an input.
__device__ __forceinline__ void add_products(const uint4& weights, float input, float (&sums)[8]) {
  const unsigned pairs[4] = {weights.x, weights.y, weights.z, weights.w};
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    sums[2 * i] += static_cast<float>(static_cast<short>(pairs[i] & 0xffff)) * input;
    sums[2 * i + 1] += static_cast<float>(static_cast<int>(pairs[i]) >> 16) * input;
  }
}

/// A layer of an MLP, by a whole block: a warp has 16 outputs, of which a thread has 8 and every 16th input.
/// \param inputs, results  in shared memory
__device__ void apply_layer(const char* data, const BlendLayerPlace& layer, const float* inputs,
                            float* results) {
  const int lane = threadIdx.x % 32, half = lane % 2;
  for (int group = threadIdx.x / 32; group < layer.outputs / kOutputsOfGroup; group += blockDim.x / 32) {
    const short* const weights =
        find<short>(data, layer.weights) + (group * layer.inputs * 2 + half) * (kOutputsOfGroup / 2);
    float sums[8] = {};
#pragma unroll 8
    for (int input = lane / 2; input < layer.inputs; input += 16) {
      add_products(__ldg(reinterpret_cast<const uint4*>(weights + input * kOutputsOfGroup)), inputs[input],
                   sums);
    }
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      for (int distance = 2; distance < 32; distance *= 2) {
        sums[i] += __shfl_xor_sync(0xffffffffu, sums[i], distance);
      }
    }
    if (lane >= 2) continue;
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      const int output = group * kOutputsOfGroup + 8 * half + i;
      results[output] =
          sums[i] * find<float>(data, layer.scales)[output] + find<float>(data, layer.biases)[output];
    }
  }
}

extern "C" __global__ void __launch_bounds__(kHiddenThreads) blend_hidden(const BlendHidden hidden) {
  extern __shared__ float values[];
  float* const results = values + hidden.width;
  let_next_launch_begin();
  wait_for_last_launch();
  const BlendMlpPlace& mlp = find<BlendMlpPlace>(hidden.data, hidden.mlps)[blockIdx.x];
  const float* const pose = hidden.poses == nullptr
                                ? hidden.pose
                                : hidden.poses + static_cast<size_t>(blockIdx.y) * hidden.pose_stride;
  for (int i = threadIdx.x; i < hidden.width; i += blockDim.x) {
    values[i] = i < mlp.inputs ? pose[i] * find<float>(hidden.data, mlp.input_scale)[i] : 0;
  }
  __syncthreads();
  for (int i = 0; i < mlp.layer_count; ++i) {
    const BlendLayerPlace layer = find<BlendLayerPlace>(hidden.data, mlp.layers)[i];
    apply_layer(hidden.data, layer, values, results);
    __syncthreads();
    for (int output = threadIdx.x; output < layer.outputs; output += blockDim.x) {
      const float x = results[output];
      values[output] = x / (1 + __expf(fminf(-x, 80.0f)));
    }
    __syncthreads();
  }
  float* const to = hidden.values + (static_cast<size_t>(blockIdx.y) * gridDim.x + blockIdx.x) * hidden.width;
  for (int i = threadIdx.x; i < hidden.width; i += blockDim.x) to[i] = values[i];
}

/// A pair of bases that counts, and its two weights of 16 bits.
struct WeightedPair {
  int pair;
  int weights;
};

/// As weigh_pairs() finds them, by one warp.
/// \param count  of those that count
/// \return what 1 stands for
__device__ float weigh_pairs(const char* data, const BlendSumPlace& sum, const float* weights,
                             WeightedPair* pairs, int* count) {
  constexpr float kMaxInteger = 127, kLargestWeight = 32767;
  const float* const steps = find<float>(data, sum.steps);
  const int* const weight_of = find<int>(data, sum.weight_of);
  const auto scaled = [&](int i) { return weights[weight_of[i]] * steps[i]; };
  float largest = 0;
  int counted = 0;
  for (int first = 0; first < sum.pairs; first += 32) {
    const int pair = first + threadIdx.x;
    const float size = pair < sum.pairs ? fmaxf(fabsf(scaled(2 * pair)), fabsf(scaled(2 * pair + 1))) : 0;
    const bool counts = size * kMaxInteger > sum.negligible;
    const unsigned all = __ballot_sync(0xffffffffu, counts);
    if (counts) {
      pairs[counted + __popc(all & ((1u << threadIdx.x) - 1))].pair = pair;
      largest = fmaxf(largest, size);
    }
    counted += __popc(all);
  }
  for (int distance = 1; distance < 32; distance *= 2) {
    largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, distance));
  }
  *count = counted;
  if (counted == 0) return 0;
  __syncwarp();
  // So that 32 bits hold any sum.
  const float limit = 4294967296.0f / 4 / kMaxInteger / static_cast<float>(counted);
  const float step = largest / fminf(kLargestWeight, limit);
  for (int i = threadIdx.x; i < counted; i += 32) {
    const auto integer = [&](int basis) { return __float2int_rn(scaled(basis) / step); };
    const int pair = pairs[i].pair;
    pairs[i].weights = (integer(2 * pair) & 0xffff) | integer(2 * pair + 1) << 16;
  }
  return step;
}

/// Whether the tile is one of those that are sampled.
__device__ bool is_needed(const BlendSum& all, const BlendSumPlace& sum) {
  if (sum.side == 0) return true;
  const int* const needed = all.needed[sum.mlp];
  return sum.x < needed[2] && sum.x + sum.side > needed[0] && sum.y < needed[3] &&
         sum.y + sum.side > needed[1];
}

__device__ void write_value(const BlendSumPlace& sum, float* results, int value, float number) {
  if (value >= sum.values) return;
  if (sum.side == 0) {
    results[value] = number;
    return;
  }
  const int row = value / sum.side, channel = row / sum.side;
  results[channel * sum.plane + (row - channel * sum.side) * sum.row + value - row * sum.side] = number;
}

extern "C" __global__ void __launch_bounds__(kThreads) blend_sum(const BlendSum all) {
  extern __shared__ float values[];
  __shared__ int count;
  __shared__ float step;
  float* const weights = values + all.width;
  WeightedPair* const pairs = reinterpret_cast<WeightedPair*>(weights + all.max_outputs);
  let_next_launch_begin();
  const BlendSumPlace sum = find<BlendSumPlace>(all.data, all.sums)[blockIdx.x];
  wait_for_last_launch();  // also where there is nothing to do: whoever waits for this waits for that
  if (!is_needed(all, sum)) return;
  const float* const hidden =
      all.values + (static_cast<size_t>(blockIdx.y) * all.mlp_count + sum.mlp) * all.width;
  for (int i = threadIdx.x; i < all.width; i += kThreads) values[i] = hidden[i];
  __syncthreads();
  apply_layer(all.data, sum.weights, values, weights);
  __syncthreads();
  if (threadIdx.x < 32) {
    int counted;
    const float found = weigh_pairs(all.data, sum, weights, pairs, &counted);
    if (threadIdx.x == 0) {
      count = counted;
      step = found;
    }
  }
  __syncthreads();
  float* const results = all.results + static_cast<size_t>(blockIdx.y) * all.result_stride + sum.result;
  const int counted = count;
  for (int i = threadIdx.x; i < sum.chunks * kFours; i += kThreads) {
    const int chunk = sum.first_chunk + i / kFours;
    const uint2* const rows =
        find<uint2>(all.data, sum.integers) + static_cast<size_t>(chunk) * sum.pairs * kFours + i % kFours;
    int sums[4] = {};
#pragma unroll 8
    for (int k = 0; k < counted; ++k) {
      const WeightedPair pair = pairs[k];
      const uint2 row = __ldg(rows + pair.pair * kFours);
      sums[0] = __dp2a_lo(pair.weights, static_cast<int>(row.x), sums[0]);
      sums[1] = __dp2a_hi(pair.weights, static_cast<int>(row.x), sums[1]);
      sums[2] = __dp2a_lo(pair.weights, static_cast<int>(row.y), sums[2]);
      sums[3] = __dp2a_hi(pair.weights, static_cast<int>(row.y), sums[3]);
    }
    const int value = chunk * kChunk + i % kFours * 4;
    const float* const mean = find<float>(all.data, sum.mean) + value;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      write_value(sum, results, value + k, static_cast<float>(sums[k]) * step + mean[k]);
    }
  }
}

extern "C" __global__ void __launch_bounds__(kThreads) blend_face(const BlendFace face) {
  let_next_launch_begin();
  wait_for_last_launch();
  const int pixels = face.size * face.size, pixel = blockIdx.x * kThreads + threadIdx.x;
  if (pixel >= pixels) return;
  float colors[4];
  for (int i = 0; i < 4; ++i) colors[i] = face.mean[i * pixels + pixel];
  const float* const sums = face.sums + static_cast<size_t>(blockIdx.y) * face.sum_stride;
  for (int region = 0; region < face.regions; ++region) {
    const int place = face.places[region * pixels + pixel];
    if (place < 0) continue;
    for (int i = 0; i < 4; ++i) colors[i] += sums[place + i * face.planes[region]];
  }
  if (face.face != nullptr) {
    for (int i = 0; i < 4; ++i) {
      face.face[(static_cast<size_t>(blockIdx.y) * 4 + i) * pixels + pixel] = colors[i];
    }
  }
  if (face.pasted == nullptr) return;
  const size_t row = static_cast<size_t>(blockIdx.y) * face.pasted_size + face.paste_y + pixel / face.size;
  reinterpret_cast<float4*>(face.pasted)[row * face.pasted_size + face.paste_x + pixel % face.size] = {
      colors[0], colors[1], colors[2], colors[3]};
}

/// Where a place lies on a square map: four cells, and fractions of the right and of the lower ones.
struct Cells {
  /// Of a pixel's centre.
  __device__ static Cells at_pixel(int size, int resolution, int px, int py) {
    const float scale = static_cast<float>(size) / static_cast<float>(resolution);
    return Cells(size, (static_cast<float>(px) + 0.5f) * scale - 0.5f,
                 (static_cast<float>(py) + 0.5f) * scale - 0.5f);
  }
  /// Of a position, of which the whole map is [-1, 1].
  __device__ static Cells at_position(int size, float x, float y) {
    const float cells = static_cast<float>(size);
    return Cells(size, ((x + 1) * cells - 1) / 2, ((y + 1) * cells - 1) / 2);
  }
  __device__ float sample(const float* plane) const {
    const float* const cell = plane + first;
    const float above = cell[0] + right_fraction * (cell[right] - cell[0]);
    const float under = cell[below] + right_fraction * (cell[below + right] - cell[below]);
    return above + lower_fraction * (under - above);
  }
  int first, right, below;
  float right_fraction, lower_fraction;

 private:
  /// \param column, row  in cells from the first centre; what is no number counts as 0
  __device__ Cells(int size, float column, float row) {
    const float last = static_cast<float>(size - 1);
    column = fminf(fmaxf(0.0f, column), last);
    row = fminf(fmaxf(0.0f, row), last);
    const int left = static_cast<int>(column), top = static_cast<int>(row);
    first = top * size + left;
    right = left + 1 < size ? 1 : 0;
    below = top + 1 < size ? size : 0;
    right_fraction = column - static_cast<float>(left);
    lower_fraction = row - static_cast<float>(top);
  }
};

extern "C" __global__ void __launch_bounds__(kThreads) blend_pixels(const BlendPixels pixels) {
  constexpr float kMinAlpha = 1e-3f;
  let_next_launch_begin();
  wait_for_last_launch();
  const BodyPixels& body = pixels.body;
  const int place = blockIdx.x * kThreads + threadIdx.x;
  if (place >= body.width * body.height) return;
  const int px = body.x + place % body.width, py = body.y + place / body.width;
  const float* const flow = pixels.maps + static_cast<size_t>(blockIdx.y) * pixels.map_stride;
  const float* const appearance = flow + 2 * pixels.flow_size * pixels.flow_size;
  float motion[2] = {};
  if (pixels.motion_size > 0) {
    const float* const map = appearance + 5 * pixels.appearance_size * pixels.appearance_size;
    const Cells cells = Cells::at_pixel(pixels.motion_size, body.resolution, px, py);
    for (int i = 0; i < 2; ++i) motion[i] = cells.sample(map + i * pixels.motion_size * pixels.motion_size);
  }
  const auto cells_of = [&](int size) {
    if (pixels.motion_size == 0) return Cells::at_pixel(size, body.resolution, px, py);
    return Cells::at_position(size, centre_of(px, body.resolution) + motion[0],
                              centre_of(py, body.resolution) + motion[1]);
  };
  const Cells on_flow = cells_of(pixels.flow_size), on_appearance = cells_of(pixels.appearance_size);
  BodyPixel pixel;
  for (int i = 0; i < 2; ++i) {
    pixel.flow[i] = motion[i] + on_flow.sample(flow + i * pixels.flow_size * pixels.flow_size);
  }
  const auto channel = [&](int i) {
    return on_appearance.sample(appearance + i * pixels.appearance_size * pixels.appearance_size);
  };
  pixel.alpha = fminf(fmaxf(channel(0), 0.0f), 1.0f);
  const float4 sample = warped_at(body, px, py, pixel.flow);
  const float warped[4] = {sample.x, sample.y, sample.z, sample.w};
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float drawn = channel(1 + i);
    pixel.blended[i] = (1 - pixel.alpha) * warped[i] + drawn;
    pixel.direct[i] = drawn / fmaxf(pixel.alpha, kMinAlpha);
  }
  write_pixel(body, px, py, pixel, warped);
}
