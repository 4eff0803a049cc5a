// From results to pixels.

/// The first 8 results of one pixel of the thread's block: pixel number `lane.column`, for those threads that
/// have such a pixel. The results lie in the four threads of a row, a pair of each pixel in each.
__device__ __forceinline__ void gather(const float (&pairs)[kPixels][2], const Lane& lane, float (&all)[8]) {
#pragma unroll
  for (int distance = 0; distance < 4; ++distance) {
    const int other = lane.column ^ distance;
    float2 sent = {0, 0};
#pragma unroll
    for (int pixel = 0; pixel < kPixels; ++pixel) {
      if (pixel == other) sent = {pairs[pixel][0], pairs[pixel][1]};
    }
    sent.x = __shfl_xor_sync(0xffffffffu, sent.x, distance);
    sent.y = __shfl_xor_sync(0xffffffffu, sent.y, distance);
#pragma unroll
    for (int pair = 0; pair < 4; ++pair) {
      if (pair == other) {
        all[2 * pair] = sent.x;
        all[2 * pair + 1] = sent.y;
      }
    }
  }
}

/// Where one pixel goes in the planes of the region.
struct Planes {
  __device__ Planes(const SirenLevel& level, int px, int py)
      : plane(static_cast<size_t>(level.width) * level.height),
        place(static_cast<size_t>(py - level.y) * level.width + (px - level.x)) {}
  template <int Channels>
  __device__ void write(float* planes, const float* values) const {
    if (planes == nullptr) return;
#pragma unroll
    for (int i = 0; i < Channels; ++i) planes[(blockIdx.y * Channels + i) * plane + place] = values[i];
  }
  size_t plane, place;
};

/// Colours of an image at a position, the border going on for ever; what is no number counts as its begin.
__device__ float4 sample_image(const SirenLevel& level, float x, float y) {
  const int size = level.image_size;
  const float limit = static_cast<float>(size - 1);
  const float column = fminf(fmaxf(0.0f, ((x + 1) * static_cast<float>(size) - 1) / 2), limit);
  const float row = fminf(fmaxf(0.0f, ((y + 1) * static_cast<float>(size) - 1) / 2), limit);
  const int left = static_cast<int>(column), top = static_cast<int>(row);
  const int right = min(left + 1, size - 1), bottom = min(top + 1, size - 1);
  const float right_share = column - static_cast<float>(left), lower_share = row - static_cast<float>(top);
  const float4* const image =
      reinterpret_cast<const float4*>(level.image) + static_cast<size_t>(blockIdx.y) * size * size;
  const float4 corners[4] = {image[top * size + left], image[top * size + right], image[bottom * size + left],
                             image[bottom * size + right]};
  const auto mix = [](float a, float b, float share) { return a + share * (b - a); };
  const auto sample = [&](float a, float b, float c, float d) {
    return mix(mix(a, b, right_share), mix(c, d, right_share), lower_share);
  };
  return {sample(corners[0].x, corners[1].x, corners[2].x, corners[3].x),
          sample(corners[0].y, corners[1].y, corners[2].y, corners[3].y),
          sample(corners[0].z, corners[1].z, corners[2].z, corners[3].z),
          sample(corners[0].w, corners[1].w, corners[2].w, corners[3].w)};
}

/// Colours are written, and pasted into the image of the same pose.
__device__ void write_colors(const SirenLevel& level, int px, int py, const float* colors) {
  Planes(level, px, py).write<4>(level.direct, colors);
  if (level.pasted == nullptr) return;
  const size_t place =
      (static_cast<size_t>(blockIdx.y) * level.image_size + level.paste_y + py) * level.image_size +
      level.paste_x + px;
  reinterpret_cast<float4*>(level.pasted)[place] = {colors[0], colors[1], colors[2], colors[3]};
}

/// Flow, alpha and direct colours become the frame's pixel: blended = (1 - alpha) warped + alpha direct.
__device__ void write_body(const SirenLevel& level, int px, int py, const float* values) {
  const float4 sample = sample_image(level, centre_of(px, level.resolution) + values[0],
                                     centre_of(py, level.resolution) + values[1]);
  const float warped[4] = {sample.x, sample.y, sample.z, sample.w};
  float blended[4];
  for (int i = 0; i < 4; ++i) blended[i] = warped[i] + values[2] * (values[3 + i] - warped[i]);
  const Planes planes(level, px, py);
  planes.write<4>(level.blended, blended);
  planes.write<4>(level.warped, warped);
  planes.write<4>(level.direct, values + 3);
  planes.write<1>(level.alpha, values + 2);
  planes.write<2>(level.flow, values);
}
