// Compiled once for each instruction set: foreach_target.h includes this file again and again.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tile_kernels.cpp"
#include "tile_kernels.h"

#include <algorithm>
#include <type_traits>

// clang-format off
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace tha4::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;

/// Poses whose sums are in registers at once.
constexpr int kPoseBlock = 4;

int padded(int poses) {
  return (poses + kPoseBlock - 1) / kPoseBlock * kPoseBlock;
}

/// Calls work(first value, tag) for all values, vector by vector, the last ones one by one.
template <class Work>
HWY_INLINE void for_vectors(int values, const Work& work) {
  const Lanes d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int i = 0;
  for (; i + lanes <= values; i += lanes) work(i, d);
  for (; i < values; ++i) work(i, hn::CappedTag<float, 1>());
}

/// A row of cells from its channels, which lie a plane apart.
template <int kChannels>
HWY_INLINE void interleave(const float* planes, std::ptrdiff_t plane, int side, float* cells) {
  for_vectors(side, [&](int i, auto d) {
    const float* const from = planes + i;
    if constexpr (kChannels == 1) {
      hn::StoreU(hn::LoadU(d, from), d, cells + i);
    } else if constexpr (kChannels == 2) {
      hn::StoreInterleaved2(hn::LoadU(d, from), hn::LoadU(d, from + plane), d, cells + 2 * i);
    } else {
      hn::StoreInterleaved4(hn::LoadU(d, from), hn::LoadU(d, from + plane), hn::LoadU(d, from + 2 * plane),
                            hn::LoadU(d, from + 3 * plane), d, cells + 4 * i);
    }
  });
}

/// The other way round.
template <int kChannels>
HWY_INLINE void part(const float* cells, std::ptrdiff_t plane, int side, float* planes) {
  for_vectors(side, [&](int i, auto d) {
    float* const to = planes + i;
    if constexpr (kChannels == 1) {
      hn::StoreU(hn::LoadU(d, cells + i), d, to);
    } else if constexpr (kChannels == 2) {
      auto a = hn::Zero(d), b = hn::Zero(d);
      hn::LoadInterleaved2(d, cells + 2 * i, a, b);
      hn::StoreU(a, d, to);
      hn::StoreU(b, d, to + plane);
    } else {
      auto a = hn::Zero(d), b = hn::Zero(d), e = hn::Zero(d), f = hn::Zero(d);
      hn::LoadInterleaved4(d, cells + 4 * i, a, b, e, f);
      hn::StoreU(a, d, to);
      hn::StoreU(b, d, to + plane);
      hn::StoreU(e, d, to + 2 * plane);
      hn::StoreU(f, d, to + 3 * plane);
    }
  });
}

/// Calls work(channels as a constant, group, planes of the group) for each group of \p tile.
template <class Float, class Work>
HWY_INLINE void for_groups(const TunedTile& tile, Float* planes, const Work& work) {
  for (const CellGroup& group : tile.groups) {
    if (group.channels == 1) work(std::integral_constant<int, 1>(), group, planes);
    if (group.channels == 2) work(std::integral_constant<int, 2>(), group, planes);
    if (group.channels == 4) work(std::integral_constant<int, 4>(), group, planes);
    planes += static_cast<std::ptrdiff_t>(group.channels) * tile.side * tile.side;
  }
}

/// Puts the values of pose \p pose into its cells, and zeros into their gradients.
HWY_INLINE void put(const TunedTile& tile, int pose, const float* values) {
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(tile.side) * tile.side;
  for_groups(tile, values, [&](auto channels, const CellGroup& group, const float* planes) {
    for (int y = 0; y < tile.side; ++y) {
      const std::ptrdiff_t at = pose * group.pose + y * group.row;
      interleave<channels>(planes + y * tile.side, plane, tile.side, group.cells + at);
      std::fill_n(group.gradients + at, tile.side * channels, 0.0F);
    }
  });
}

/// The gradients of pose \p pose as values.
HWY_INLINE void take(const TunedTile& tile, int pose, float* values) {
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(tile.side) * tile.side;
  for_groups(tile, values, [&](auto channels, const CellGroup& group, float* planes) {
    for (int y = 0; y < tile.side; ++y) {
      part<channels>(group.gradients + pose * group.pose + y * group.row, plane, tile.side,
                     planes + y * tile.side);
    }
  });
}

/// The weights of kPoseBlock poses from \p first on: image by image, those of poses that are not there 0.
HWY_INLINE void gather_weights(const TunedTile& tile, int first, float* weights) {
  for (int image = 0; image < tile.images; ++image) {
    for (int n = 0; n < kPoseBlock; ++n) {
      const int pose = first + n;
      weights[image * kPoseBlock + n] =
          pose < tile.poses ? tile.weights[pose * tile.weights_of_pose + image] : 0;
    }
  }
}

void DrawTile(const TunedTile& tile, float* scratch) {
  const int values = tile.values();
  float* const weights = scratch;
  float* const drawn = scratch + static_cast<std::ptrdiff_t>(tile.images) * kPoseBlock;
  for (int first = 0; first < tile.poses; first += kPoseBlock) {
    gather_weights(tile, first, weights);
    for_vectors(values, [&](int i, auto d) {
      auto a = hn::LoadU(d, tile.mean + i), b = a, c = a, e = a;
      const float* of_image = weights;
      const float* image = tile.basis + i;
      for (int k = 0; k < tile.images; ++k, image += values, of_image += kPoseBlock) {
        const auto value = hn::LoadU(d, image);
        a = hn::MulAdd(hn::Set(d, of_image[0]), value, a);
        b = hn::MulAdd(hn::Set(d, of_image[1]), value, b);
        c = hn::MulAdd(hn::Set(d, of_image[2]), value, c);
        e = hn::MulAdd(hn::Set(d, of_image[3]), value, e);
      }
      hn::StoreU(a, d, drawn + i);
      hn::StoreU(b, d, drawn + values + i);
      hn::StoreU(c, d, drawn + 2 * static_cast<std::ptrdiff_t>(values) + i);
      hn::StoreU(e, d, drawn + 3 * static_cast<std::ptrdiff_t>(values) + i);
    });
    for (int pose = first; pose < std::min(first + kPoseBlock, tile.poses); ++pose) {
      put(tile, pose, drawn + static_cast<std::ptrdiff_t>(pose - first) * values);
    }
  }
}

/// Of an image and four poses: adds to the gradient of the image, and gives those of the weights.
HWY_INLINE void multiply(const float* gradients, int values, const float* image, const float* weights,
                         float* of_image, float* of_weights) {
  const Lanes d;
  auto a = hn::Zero(d), b = a, c = a, e = a;
  float rest[kPoseBlock] = {};
  const std::ptrdiff_t next = values;
  for_vectors(values, [&](int i, auto tag) {
    const float* const from = gradients + i;
    const auto value = hn::LoadU(tag, image + i);
    const auto p = hn::LoadU(tag, from), q = hn::LoadU(tag, from + next), r = hn::LoadU(tag, from + 2 * next),
               s = hn::LoadU(tag, from + 3 * next);
    auto sum = hn::MulAdd(p, hn::Set(tag, weights[0]), hn::LoadU(tag, of_image + i));
    sum = hn::MulAdd(q, hn::Set(tag, weights[1]), sum);
    sum = hn::MulAdd(r, hn::Set(tag, weights[2]), sum);
    hn::StoreU(hn::MulAdd(s, hn::Set(tag, weights[3]), sum), tag, of_image + i);
    if constexpr (std::is_same_v<decltype(tag), Lanes>) {
      a = hn::MulAdd(p, value, a);
      b = hn::MulAdd(q, value, b);
      c = hn::MulAdd(r, value, c);
      e = hn::MulAdd(s, value, e);
    } else {
      rest[0] += hn::GetLane(hn::Mul(p, value));
      rest[1] += hn::GetLane(hn::Mul(q, value));
      rest[2] += hn::GetLane(hn::Mul(r, value));
      rest[3] += hn::GetLane(hn::Mul(s, value));
    }
  });
  of_weights[0] = hn::GetLane(hn::SumOfLanes(d, a)) + rest[0];
  of_weights[1] = hn::GetLane(hn::SumOfLanes(d, b)) + rest[1];
  of_weights[2] = hn::GetLane(hn::SumOfLanes(d, c)) + rest[2];
  of_weights[3] = hn::GetLane(hn::SumOfLanes(d, e)) + rest[3];
}

HWY_INLINE void step_image(const TileStep& step, int values, const float* gradient, float* image,
                           float* first_moments, float* second_moments) {
  for_vectors(values, [&](int i, auto d) {
    const auto g = hn::LoadU(d, gradient + i);
    const auto first = hn::LoadU(d, first_moments + i), second = hn::LoadU(d, second_moments + i);
    const auto m = hn::MulAdd(hn::Sub(g, first), hn::Set(d, 1 - step.beta1), first);
    const auto v =
        hn::MulAdd(hn::Mul(g, g), hn::Set(d, 1 - step.beta2), hn::Mul(second, hn::Set(d, step.beta2)));
    const auto size = hn::MulAdd(hn::Sqrt(v), hn::Set(d, 1 / step.correction), hn::Set(d, step.epsilon));
    const auto kept = hn::Mul(hn::LoadU(d, image + i), hn::Set(d, step.kept));
    hn::StoreU(m, d, first_moments + i);
    hn::StoreU(v, d, second_moments + i);
    hn::StoreU(hn::NegMulAdd(hn::Set(d, step.rate), hn::Div(m, size), kept), d, image + i);
  });
}

void TuneTile(const TunedTile& tile, const TileStep& step, float* scratch) {
  const int values = tile.values(), poses = padded(tile.poses);
  const std::ptrdiff_t block_weights = static_cast<std::ptrdiff_t>(tile.images) * kPoseBlock;
  float* const weights = scratch;
  float* const of_image = weights + tile.images * static_cast<std::ptrdiff_t>(poses);
  float* const gradients = of_image + values;
  for (int pose = 0; pose < tile.poses; ++pose) {
    take(tile, pose, gradients + static_cast<std::ptrdiff_t>(pose) * values);
  }
  std::fill(gradients + static_cast<std::ptrdiff_t>(tile.poses) * values,
            gradients + static_cast<std::ptrdiff_t>(poses) * values, 0.0F);
  for (int first = 0; first < poses; first += kPoseBlock) {
    gather_weights(tile, first, weights + first / kPoseBlock * block_weights);
  }
  for (int image = 0; image < tile.images; ++image) {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(image) * values;
    std::fill_n(of_image, values, 0.0F);
    for (int first = 0; first < poses; first += kPoseBlock) {
      float of_weights[kPoseBlock];
      multiply(gradients + static_cast<std::ptrdiff_t>(first) * values, values, tile.basis + at,
               weights + first / kPoseBlock * block_weights + image * kPoseBlock, of_image, of_weights);
      for (int pose = first; pose < std::min(first + kPoseBlock, tile.poses); ++pose) {
        tile.weight_gradients[pose * tile.weights_of_pose + image] = of_weights[pose - first];
      }
    }
    step_image(step, values, of_image, tile.basis + at, tile.first_moments + at, tile.second_moments + at);
  }
}

}  // namespace
}  // namespace tha4::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace tha4 {

HWY_EXPORT(DrawTile);
HWY_EXPORT(TuneTile);

std::size_t tile_scratch_floats(int poses, int values, int images) {
  const auto rows = static_cast<std::size_t>(poses) + 4;
  return rows * (static_cast<std::size_t>(images) + static_cast<std::size_t>(values)) +
         static_cast<std::size_t>(values);
}

void draw_tile(const TunedTile& tile, float* scratch) {
  HWY_DYNAMIC_DISPATCH(DrawTile)(tile, scratch);
}

void tune_tile(const TunedTile& tile, const TileStep& step, float* scratch) {
  HWY_DYNAMIC_DISPATCH(TuneTile)(tile, step, scratch);
}

}  // namespace tha4

#endif
