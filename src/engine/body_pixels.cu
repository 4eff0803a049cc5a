// The pixels of a body rotator: the image is sampled, blended with what was drawn, and written.

/// Where one pixel goes in the planes of a region.
struct Planes {
  __device__ Planes(int width, int height, int column, int row)
      : plane(static_cast<size_t>(width) * height), place(static_cast<size_t>(row) * width + column) {}
  template <int Channels>
  __device__ void write(float* planes, const float* values) const {
    if (planes == nullptr) return;
#pragma unroll
    for (int i = 0; i < Channels; ++i) planes[(blockIdx.y * Channels + i) * plane + place] = values[i];
  }
  size_t plane, place;
};

/// Of [-1, 1] all over the frame.
__device__ float centre_of(int pixel, int resolution) {
  return (2.0f * static_cast<float>(pixel) + 1.0f) / static_cast<float>(resolution) - 1.0f;
}

/// Colours of an image at a position, the border going on for ever; what is no number counts as its begin.
__device__ float4 sample_image(const BodyPixels& body, float x, float y) {
  const int size = body.image_size;
  const float limit = static_cast<float>(size - 1);
  const float column = fminf(fmaxf(0.0f, ((x + 1) * static_cast<float>(size) - 1) / 2), limit);
  const float row = fminf(fmaxf(0.0f, ((y + 1) * static_cast<float>(size) - 1) / 2), limit);
  const int left = static_cast<int>(column), top = static_cast<int>(row);
  const int right = min(left + 1, size - 1), bottom = min(top + 1, size - 1);
  const float right_fraction = column - static_cast<float>(left),
              lower_fraction = row - static_cast<float>(top);
  const float4* const image =
      reinterpret_cast<const float4*>(body.image) + static_cast<size_t>(blockIdx.y) * size * size;
  const float4 corners[4] = {image[top * size + left], image[top * size + right], image[bottom * size + left],
                             image[bottom * size + right]};
  const auto mix = [](float a, float b, float fraction) { return a + fraction * (b - a); };
  const auto sample = [&](float a, float b, float c, float d) {
    return mix(mix(a, b, right_fraction), mix(c, d, right_fraction), lower_fraction);
  };
  return {sample(corners[0].x, corners[1].x, corners[2].x, corners[3].x),
          sample(corners[0].y, corners[1].y, corners[2].y, corners[3].y),
          sample(corners[0].z, corners[1].z, corners[2].z, corners[3].z),
          sample(corners[0].w, corners[1].w, corners[2].w, corners[3].w)};
}

/// The level of 8-bit sRGB nearest to a linear value, as image/srgb.h finds it; 0 for what is no number.
__device__ unsigned level_of(const float* next_levels, float linear) {
  const float value = linear > 0 ? fminf(linear, 1.0f) : 0.0f;
  const float srgb = value <= 0.0031308f ? value * 12.92f : 1.055f * __powf(value, 1 / 2.4f) - 0.055f;
  int level = min(static_cast<int>(srgb * 255 + 0.5f), 255);
  while (value >= next_levels[level]) ++level;
  while (level > 0 && value < next_levels[level - 1]) --level;
  return level;
}

/// An 8-bit pixel of an image tensor's colours, as rgba_pixel() makes it.
__device__ unsigned picture_pixel(const BodyPixels& body, const float* colors) {
  constexpr float kMinAlpha = 0.5f / 255;
  const float alpha = fminf(colors[3] * 0.5f + 0.5f, 1.0f);
  if (!(alpha >= kMinAlpha)) return 0;
  const unsigned alpha_level = static_cast<unsigned>(__fadd_rn(__fmul_rn(alpha, 255), 0.5f));
  unsigned pixel = alpha_level << 24;
#pragma unroll
  for (int i = 0; i < 3; ++i) {
    unsigned level = level_of(body.next_levels, __fdiv_rn(colors[i] * 0.5f + 0.5f, alpha));
    if (body.premultiplied) level = (level * alpha_level + 127) / 255;
    pixel |= level << 8 * i;
  }
  return pixel;
}

/// What a body rotator makes of one pixel.
struct BodyPixel {
  float flow[2];
  float alpha;
  float direct[4];
  float blended[4];
};

__device__ Planes planes_of(const BodyPixels& body, int px, int py) {
  return Planes(body.width, body.height, px - body.x, py - body.y);
}

__device__ float4 warped_at(const BodyPixels& body, int px, int py, const float* flow) {
  return sample_image(body, centre_of(px, body.resolution) + flow[0],
                      centre_of(py, body.resolution) + flow[1]);
}

__device__ void write_pixel(const BodyPixels& body, int px, int py, const BodyPixel& pixel,
                            const float* warped) {
  const Planes planes = planes_of(body, px, py);
  planes.write<4>(body.blended, pixel.blended);
  planes.write<4>(body.warped, warped);
  planes.write<4>(body.direct, pixel.direct);
  planes.write<1>(body.alpha, &pixel.alpha);
  planes.write<2>(body.flow, pixel.flow);
  if (body.picture != nullptr) {
    body.picture[blockIdx.y * planes.plane + planes.place] = picture_pixel(body, pixel.blended);
  }
}
