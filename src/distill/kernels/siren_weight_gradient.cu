// The gradient of a layer's weights: for each output and input, the sum over all pixels of the output's
// gradient times the input. A block takes some of the pixels and a tile of the matrix; its sums are one of
// the parts that siren_gradient_sum adds up. Macros:
//   OUT_STEPS, IN_STEPS  of 16, of a block's tile of the matrix
//   WARPS_OUT, WARPS_IN  how a block's warps divide it
//   PIXELS               that are multiplied at a time, a multiple of 16
//   IS_FIRST             whether inputs are positions and poses: x and y as two numbers each, whose sum they
//   are, then
//                        the pose

constexpr int kWarps = WARPS_OUT * WARPS_IN;
constexpr int kThreads = 32 * kWarps;
constexpr int kOutOfWarp = (OUT_STEPS + WARPS_OUT - 1) / WARPS_OUT;  // steps of 16
constexpr int kInOfWarp = (2 * IN_STEPS + WARPS_IN - 1) / WARPS_IN;  // groups of 8
constexpr int kOut = 16 * kOutOfWarp * WARPS_OUT, kIn = 8 * kInOfWarp * WARPS_IN;
constexpr int kOutStride = kOut + 8, kInStride = kIn + 8;  // rows begin in other banks
constexpr int kOutVectors = kOut / 8, kInVectors = kIn / 8;
constexpr int kOutLoads = (PIXELS * kOutVectors + kThreads - 1) / kThreads;
constexpr int kInLoads = (PIXELS * kInVectors + kThreads - 1) / kThreads;

/// 16 outputs of 16 pixels, as the tensor cores take 16 rows of 16 inputs.
__device__ __forceinline__ uint4 load_rows(const unsigned short* tile) {
  const int lane = threadIdx.x % 32;
  const int pixel = lane % 8 + lane / 16 * 8, output = lane / 8 % 2 * 8;
  uint4 rows;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(rows.x), "=r"(rows.y), "=r"(rows.z), "=r"(rows.w)
               : "r"(shared_address(tile + pixel * kOutStride + output)));
  return rows;
}

/// 8 inputs of 16 pixels, as the tensor cores take 16 inputs of 8 outputs.
__device__ __forceinline__ uint2 load_columns(const unsigned short* tile) {
  const int lane = threadIdx.x % 16;
  uint2 columns;
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];"
               : "=r"(columns.x), "=r"(columns.y)
               : "r"(shared_address(tile + lane * kInStride)));
  return columns;
}

__device__ __forceinline__ uint4 sines_of(const uint4& arguments) {
  const auto sines = [](unsigned pair) {
    const float2 angles = unpack_half(pair);
    return pack_bfloat(__sinf(angles.x), __sinf(angles.y));
  };
  return {sines(arguments.x), sines(arguments.y), sines(arguments.z), sines(arguments.w)};
}

/// A position as the sum of two bfloat16.
__device__ __forceinline__ unsigned in_two_parts(float position) {
  const float rounded = unpack_bfloat(pack_bfloat(position, 0)).x;
  return pack_bfloat(rounded, position - rounded);
}

/// Eight inputs of a first layer at a pixel, from number \p input on.
__device__ __forceinline__ uint4 position_and_pose(const SirenWeightGradient& layer, int pixel, int input) {
  const PixelPlace place(layer.at, pixel);
  uint4 inputs = __ldg(reinterpret_cast<const uint4*>(static_cast<const unsigned short*>(layer.pose_inputs) +
                                                      place.window * layer.inputs + input));
  if (input == 0) {
    inputs.x = in_two_parts(centre_of(place.x, layer.at.resolution));
    inputs.y = in_two_parts(centre_of(place.y, layer.at.resolution));
  }
  return inputs;
}

/// What a thread loads of a tile of pixels, on its way to shared memory.
struct Loads {
  uint4 outputs[kOutLoads];
  uint4 inputs[kInLoads];

  __device__ __forceinline__ void fetch(const SirenWeightGradient& layer, int pixel, int first_output,
                                        int first_input) {
#pragma unroll
    for (int i = 0; i < kOutLoads; ++i) {
      const int at = threadIdx.x + i * kThreads, row = at / kOutVectors, column = at % kOutVectors * 8;
      outputs[i] = {0, 0, 0, 0};
      if (row < PIXELS && first_output + column < layer.outputs) {
        outputs[i] = __ldg(reinterpret_cast<const uint4*>(
            static_cast<const unsigned short*>(layer.of_outputs) +
            static_cast<size_t>(pixel + row) * layer.outputs + first_output + column));
      }
    }
#pragma unroll
    for (int i = 0; i < kInLoads; ++i) {
      const int at = threadIdx.x + i * kThreads, row = at / kInVectors, column = at % kInVectors * 8;
      inputs[i] = {0, 0, 0, 0};
      if (row >= PIXELS) continue;
#if IS_FIRST
      if (first_input + column < layer.inputs) {
        inputs[i] = position_and_pose(layer, pixel + row, first_input + column);
      }
#else
      if (first_input + column < layer.inputs) {
        inputs[i] = __ldg(reinterpret_cast<const uint4*>(static_cast<const unsigned short*>(layer.arguments) +
                                                         static_cast<size_t>(pixel + row) * layer.inputs +
                                                         first_input + column));
      }
#endif
    }
  }

  __device__ __forceinline__ void store(unsigned short* output_tile, unsigned short* input_tile) const {
#pragma unroll
    for (int i = 0; i < kOutLoads; ++i) {
      const int at = threadIdx.x + i * kThreads, row = at / kOutVectors, column = at % kOutVectors * 8;
      if (row < PIXELS) *reinterpret_cast<uint4*>(output_tile + row * kOutStride + column) = outputs[i];
    }
#pragma unroll
    for (int i = 0; i < kInLoads; ++i) {
      const int at = threadIdx.x + i * kThreads, row = at / kInVectors, column = at % kInVectors * 8;
      if (row >= PIXELS) continue;
      *reinterpret_cast<uint4*>(input_tile + row * kInStride + column) =
          IS_FIRST ? inputs[i] : sines_of(inputs[i]);
    }
  }
};

extern "C" __global__ void __launch_bounds__(kThreads, 1)
    siren_weight_gradient(const SirenWeightGradient layer) {
  extern __shared__ uint4 shared_memory[];
  constexpr int kTile = PIXELS * (kOutStride + kInStride);  // outputs, then inputs
  unsigned short* const tiles = reinterpret_cast<unsigned short*>(shared_memory);
  const int across = (layer.inputs + 16 * IN_STEPS - 1) / (16 * IN_STEPS);
  const int first_output = blockIdx.y / across * 16 * OUT_STEPS;
  const int first_input = blockIdx.y % across * 16 * IN_STEPS;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int warp_output = warp / WARPS_IN * kOutOfWarp * 16, warp_input = warp % WARPS_IN * kInOfWarp * 8;
  const bool sums_biases = first_input == 0 && warp % WARPS_IN == 0;
  const unsigned ones = lane / 4 == 0 ? 0x3f803f80u : 0;  // one column of ones

  float sums[kOutOfWarp][kInOfWarp][4] = {};
  float biases[kOutOfWarp][4] = {};
  Loads loads;
  int tile = blockIdx.x;
  if (tile < layer.tiles) loads.fetch(layer, tile * PIXELS, first_output, first_input);
  for (int buffer = 0; tile < layer.tiles; buffer ^= 1) {
    unsigned short* const outputs = tiles + buffer * kTile;
    unsigned short* const inputs = outputs + PIXELS * kOutStride;
    loads.store(outputs, inputs);
    __syncthreads();  // with two buffers, nobody still reads what is written next
    tile += gridDim.x;
    if (tile < layer.tiles) loads.fetch(layer, tile * PIXELS, first_output, first_input);
#pragma unroll
    for (int pixel = 0; pixel < PIXELS; pixel += 16) {
      uint2 columns[kInOfWarp];
#pragma unroll
      for (int i = 0; i < kInOfWarp; ++i) {
        columns[i] = load_columns(inputs + pixel * kInStride + warp_input + 8 * i);
      }
#pragma unroll
      for (int o = 0; o < kOutOfWarp; ++o) {
        const uint4 rows = load_rows(outputs + pixel * kOutStride + warp_output + 16 * o);
#pragma unroll
        for (int i = 0; i < kInOfWarp; ++i) multiply_bfloat(sums[o][i], rows, columns[i].x, columns[i].y);
        if (sums_biases) multiply_bfloat(biases[o], rows, ones, ones);
      }
    }
  }

  float* const part = layer.parts + static_cast<size_t>(blockIdx.x) * layer.outputs * (layer.inputs + 1);
#pragma unroll
  for (int o = 0; o < kOutOfWarp; ++o) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int own_output = warp_output + 16 * o + 8 * half + lane / 4;
      const int output = first_output + own_output;
      if (own_output >= 16 * OUT_STEPS || output >= layer.outputs) continue;
#pragma unroll
      for (int i = 0; i < kInOfWarp; ++i) {
        const int own_input = warp_input + 8 * i + lane % 4 * 2, input = first_input + own_input;
        if (own_input >= 16 * IN_STEPS || input >= layer.inputs) continue;
        *reinterpret_cast<float2*>(part + static_cast<size_t>(output) * layer.inputs + input) = {
            sums[o][i][2 * half], sums[o][i][2 * half + 1]};
      }
      if (sums_biases && lane % 4 == 0) {
        part[static_cast<size_t>(layer.outputs) * layer.inputs + output] = biases[o][2 * half];
      }
    }
  }
}
