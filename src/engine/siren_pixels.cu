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

/// Colours are written, and pasted into the image of the same pose.
__device__ void write_colors(const SirenLevel& level, int px, int py, const float* colors) {
  Planes(level.width, level.height, px - level.x, py - level.y).write<4>(level.colors, colors);
  if (level.pasted == nullptr) return;
  const size_t place =
      (static_cast<size_t>(blockIdx.y) * level.pasted_size + level.paste_y + py) * level.pasted_size +
      level.paste_x + px;
  reinterpret_cast<float4*>(level.pasted)[place] = {colors[0], colors[1], colors[2], colors[3]};
}

/// Flow, alpha and direct colours become the frame's pixel: blended = (1 - alpha) warped + alpha direct.
__device__ void write_body(const BodyPixels& body, int px, int py, const float* values) {
  const float4 sample = warped_at(body, px, py, values);
  const float warped[4] = {sample.x, sample.y, sample.z, sample.w};
  BodyPixel pixel{{values[0], values[1]}, values[2]};
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    pixel.direct[i] = values[3 + i];
    pixel.blended[i] = warped[i] + values[2] * (values[3 + i] - warped[i]);
  }
  write_pixel(body, px, py, pixel, warped);
}

/// Colours that are the frame's: nothing moves, and the image is not seen.
__device__ void write_frame(const BodyPixels& body, int px, int py, const float* colors) {
  BodyPixel pixel{{0, 0}, 1};
#pragma unroll
  for (int i = 0; i < 4; ++i) pixel.direct[i] = pixel.blended[i] = colors[i];
  float4 sample{};
  if (body.warped != nullptr) sample = warped_at(body, px, py, pixel.flow);
  const float warped[4] = {sample.x, sample.y, sample.z, sample.w};
  write_pixel(body, px, py, pixel, warped);
}
