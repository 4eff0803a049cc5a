// What lies between the networks that rotate a body, as single passes: upsampling, warping, blending, and
// putting the next network's inputs beside each other. The arguments are declared in
// rotated_pixels_arguments.h.

using namespace tha4::kernels;

constexpr int kThreads = 256;

/// A pixel, and its image.
struct Place {
  __device__ Place(long long number, int height, int width)
      : image(number / (static_cast<long long>(height) * width)) {
    const int rest = static_cast<int>(number - image * height * width);
    y = rest / width;
    x = rest - y * width;
  }
  long long image;
  int y, x;
};

__device__ long long thread_number() {
  return static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x;
}

/// One image of a source.
struct Image {
  __device__ Image(const PixelSource& from, long long image)
      : values(from.values + image * from.image), channel(from.channel), row(from.row), column(from.column) {}
  __device__ float operator()(int c, int y, int x) const {
    return values[c * channel + y * row + x * column];
  }

  const float* values;
  long long channel, row, column;
};

/// Where between four pixels something lies, bilinearly; the border's beyond the edges.
struct Sample {
  __device__ Sample(float x, float y, int width, int height) {
    x = fminf(fmaxf(x, 0.0f), static_cast<float>(width - 1));
    y = fminf(fmaxf(y, 0.0f), static_cast<float>(height - 1));
    x0 = static_cast<int>(x);
    y0 = static_cast<int>(y);
    x1 = min(x0 + 1, width - 1);
    y1 = min(y0 + 1, height - 1);
    right = x - x0;
    below = y - y0;
  }
  /// \p at gives the number at (y, x).
  template <class At>
  __device__ float of(const At& at) const {
    const float above = at(y0, x0) * (1 - right) + at(y0, x1) * right;
    const float under = at(y1, x0) * (1 - right) + at(y1, x1) * right;
    return above * (1 - below) + under * below;
  }
  __device__ float of(const Image& image, int channel) const {
    return of([&](int y, int x) { return image(channel, y, x); });
  }

  int x0, x1, y0, y1;
  float right, below;
};

/// Where a pixel lies in an image of half the size.
__device__ Sample half_sample(int y, int x, int height, int width) {
  return Sample((x + 0.5f) * 0.5f - 0.5f, (y + 0.5f) * 0.5f - 0.5f, width / 2, height / 2);
}

/// Where a flow leads to, from the pixel (y, x): flows are in half pictures.
__device__ Sample warped_sample(int y, int x, float flow_x, float flow_y, int height, int width) {
  return Sample(x + flow_x * (0.5f * width), y + flow_y * (0.5f * height), width, height);
}

__device__ float sigmoid(float value) {
  return 1 / (1 + expf(-value));
}

/// Warps, blends, and writes a pixel.
__device__ void write_pixel(const RotatedPixels& to, const Image& image, const Place& place, int height,
                            int width, const float* direct, float flow_x, float flow_y, float alpha) {
  const long long pixels = static_cast<long long>(height) * width;
  const long long pixel = static_cast<long long>(place.y) * width + place.x;
  const Sample sample = warped_sample(place.y, place.x, flow_x, flow_y, height, width);
#pragma unroll
  for (int c = 0; c < 4; ++c) {
    const long long at = (place.image * 4 + c) * pixels + pixel;
    const float warped = sample.of(image, c);
    to.direct[at] = direct[c];
    to.warped[at] = warped;
    to.blended[at] = direct[c] * alpha + warped * (1 - alpha);
  }
  to.flow[place.image * 2 * pixels + pixel] = flow_x;
  to.flow[(place.image * 2 + 1) * pixels + pixel] = flow_y;
  to.alpha[place.image * pixels + pixel] = alpha;
}

extern "C" __global__ void __launch_bounds__(kThreads) rotate_pixels(const RotatePixels args) {
  const long long number = thread_number();
  if (number >= args.count) return;
  const Place place(number, args.height, args.width);
  const Image channels(args.channels, place.image);
  float direct[4];
#pragma unroll
  for (int c = 0; c < 4; ++c) direct[c] = channels(c, place.y, place.x);
  write_pixel(args.to, Image(args.image, place.image), place, args.height, args.width, direct,
              channels(4, place.y, place.x), channels(5, place.y, place.x),
              sigmoid(channels(6, place.y, place.x)));
}

extern "C" __global__ void __launch_bounds__(kThreads) edit_pixels(const EditPixels args) {
  const long long number = thread_number();
  if (number >= args.count) return;
  const Place place(number, args.height, args.width);
  const Sample half = half_sample(place.y, place.x, args.height, args.width);
  const Image change(args.change, place.image), coarse_direct(args.coarse_direct, place.image),
      coarse_alpha(args.coarse_alpha, place.image), coarse_flow(args.coarse_flow, place.image);
  const int quarter = place.y % 2 * 2 + place.x % 2;
  const auto changed = [&](int c) { return change(c * 4 + quarter, place.y / 2, place.x / 2); };
  float direct[4], flow[2];
#pragma unroll
  for (int c = 0; c < 4; ++c) direct[c] = half.of(coarse_direct, c) + changed(c);
#pragma unroll
  for (int c = 0; c < 2; ++c)
    flow[c] =
        half.of(coarse_flow, c) + fminf(fmaxf(changed(4 + c), -args.max_flow_change), args.max_flow_change);
  const float before_sigmoid = half.of([&](int y, int x) {
    const float alpha = fminf(fmaxf(coarse_alpha(0, y, x), args.min_alpha), 1 - args.min_alpha);
    return logf(alpha / (1 - alpha));
  });
  write_pixel(args.to, Image(args.image, place.image), place, args.height, args.width, direct, flow[0],
              flow[1], sigmoid(before_sigmoid + changed(6)));
}

extern "C" __global__ void __launch_bounds__(kThreads) gather_coarse(const GatherCoarse args) {
  constexpr int kChannels = 14;
  const long long number = thread_number();
  if (number >= args.count) return;
  const Place place(number, args.height, args.width);
  const Image image(args.image, place.image), posed(args.coarse_posed, place.image),
      flow(args.coarse_flow, place.image);
  const float flow_x = flow(0, place.y, place.x), flow_y = flow(1, place.y, place.x);
  const Sample sample = warped_sample(place.y, place.x, flow_x, flow_y, args.height, args.width);
  const long long pixels = static_cast<long long>(args.height) * args.width;
  Stored* const to = static_cast<Stored*>(args.to) + place.image * kChannels * pixels +
                     static_cast<long long>(place.y) * args.width + place.x;
#pragma unroll
  for (int c = 0; c < 4; ++c) {
    to[c * pixels] = to_stored(image(c, place.y, place.x));
    to[(4 + c) * pixels] = to_stored(posed(c, place.y, place.x));
    to[(8 + c) * pixels] = to_stored(sample.of(image, c));
  }
  to[12 * pixels] = to_stored(flow_x);
  to[13 * pixels] = to_stored(flow_y);
}

extern "C" __global__ void __launch_bounds__(kThreads) gather_folded(const GatherFolded args) {
  constexpr int kFolded = 16, kChannels = 2 * kFolded + 11;  // of an image of four channels; all
  const long long number = thread_number();
  if (number >= args.count) return;
  const Place place(number, args.height, args.width);
  const Image image(args.image, place.image), flow(args.coarse_flow, place.image);
  const int height = 2 * args.height, width = 2 * args.width;
  const long long places = static_cast<long long>(args.height) * args.width;
  Stored* const to = static_cast<Stored*>(args.to) + place.image * kChannels * places +
                     static_cast<long long>(place.y) * args.width + place.x;
#pragma unroll
  for (int quarter = 0; quarter < 4; ++quarter) {
    const int y = 2 * place.y + quarter / 2, x = 2 * place.x + quarter % 2;
    const Sample half = half_sample(y, x, height, width);
    const Sample sample = warped_sample(y, x, half.of(flow, 0), half.of(flow, 1), height, width);
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      to[(c * 4 + quarter) * places] = to_stored(image(c, y, x));
      to[(kFolded + c * 4 + quarter) * places] = to_stored(sample.of(image, c));
    }
  }
  const Image blended(args.coarse_blended, place.image), direct(args.coarse_direct, place.image),
      alpha(args.coarse_alpha, place.image);
  Stored* const rest = to + 2 * kFolded * places;
#pragma unroll
  for (int c = 0; c < 4; ++c) {
    rest[c * places] = to_stored(blended(c, place.y, place.x));
    rest[(4 + c) * places] = to_stored(direct(c, place.y, place.x));
  }
  rest[8 * places] = to_stored(alpha(0, place.y, place.x));
  rest[9 * places] = to_stored(flow(0, place.y, place.x));
  rest[10 * places] = to_stored(flow(1, place.y, place.x));
}
