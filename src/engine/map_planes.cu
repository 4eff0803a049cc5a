// Between images, whose channels are planes, and maps: see map_planes_arguments.h.

constexpr int kThreads = 256,
              kPlaces = 32;  // of a block: kPlaces places beside each other, by turns of channels

/// A place or pixel, and its image.
struct Location {
  __device__ Location(long long number, int height, int width)
      : image(number / (static_cast<long long>(height) * width)) {
    const int rest = static_cast<int>(number - image * height * width);
    y = rest / width;
    x = rest - y * width;
  }
  long long image;
  int y, x;
};

__device__ __forceinline__ float plane_number(const ReadPlanes& work, const Location& place, int channel) {
  const int pixels = work.fold * work.fold, plane = channel / pixels;
  if (plane >= work.channels) return 0;
  const int part = channel - plane * pixels, y = place.y * work.fold + part / work.fold,
            x = place.x * work.fold + part % work.fold;
  const long long at = place.image * work.image + plane * work.channel + y * work.row + x * work.column;
  if (work.are_floats) return static_cast<const float*>(work.planes)[at];
  return unpack(static_cast<const unsigned short*>(work.planes)[at]).x;
}

extern "C" __global__ void __launch_bounds__(kThreads) read_planes(const __grid_constant__ ReadPlanes work) {
  let_next_launch_begin();
  wait_for_last_launch();
  const long long number = static_cast<long long>(blockIdx.x) * kPlaces + threadIdx.x % kPlaces;
  if (number >= work.places) return;
  const Location place(number, work.height, work.width);
  uint4* const to = static_cast<uint4*>(work.to) + number * (work.to_channels / 8);
  for (int column = threadIdx.x / kPlaces; column < work.to_channels / 8; column += kThreads / kPlaces) {
    Results numbers;
#pragma unroll
    for (int i = 0; i < 8; ++i) numbers.of[i] = plane_number(work, place, column * 8 + i);
    to[column] = numbers.packed();
  }
}

extern "C" __global__ void __launch_bounds__(kThreads)
    write_planes(const __grid_constant__ WritePlanes work) {
  let_next_launch_begin();
  wait_for_last_launch();
  const long long number = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x;
  if (number >= work.pixels) return;
  const int height = work.height * work.fold, width = work.width * work.fold;
  const Location pixel(number, height, width);
  const int part = pixel.y % work.fold * work.fold + pixel.x % work.fold;
  const long long place =
      (pixel.image * work.height + pixel.y / work.fold) * work.width + pixel.x / work.fold;
  const float* const from = work.map + place * work.map_channels + part;
  float* const to = work.planes + (pixel.image * work.channels * height + pixel.y) * width + pixel.x;
  const long long plane = static_cast<long long>(height) * width;
  for (int c = 0; c < work.channels; ++c) to[c * plane] = from[c * work.fold * work.fold];
}
