#include "cpu_student_losses.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <hwy/base.h>
#include <torch/types.h>

namespace tha4 {
namespace {

constexpr int kColorChannels = 4;

/// Results of a body rotator: flow, alpha, direct colours.
constexpr int kAlpha = 2, kDirect = 3;

struct PixelColors {
  float values[kColorChannels];
};

PixelColors colors_of(const std::uint8_t* bytes) {
  constexpr float kScale = 2.0F / 255;
  PixelColors colors{};
  for (int i = 0; i < kColorChannels; ++i) colors.values[i] = static_cast<float>(bytes[i]) * kScale - 1;
  return colors;
}

/// The rest image of a frame with the face in its place.
class FacedImage {
 public:
  FacedImage(const kernels::TeacherFrameStore& teacher, int frame)
      : teacher_(teacher),
        face_(static_cast<const std::uint8_t*>(teacher.faces) +
              static_cast<std::size_t>(frame) * static_cast<std::size_t>(teacher.face_size) *
                  static_cast<std::size_t>(teacher.face_size) * kColorChannels) {}

  HWY_INLINE PixelColors at(int x, int y) const {
    const int face_x = x - teacher_.face_x, face_y = y - teacher_.face_y, size = teacher_.face_size;
    if (face_x >= 0 && face_x < size && face_y >= 0 && face_y < size) {
      return colors_of(face_ + (static_cast<std::ptrdiff_t>(face_y) * size + face_x) * kColorChannels);
    }
    PixelColors colors{};
    std::copy_n(teacher_.image + (static_cast<std::ptrdiff_t>(y) * teacher_.size + x) * kColorChannels,
                kColorChannels, colors.values);
    return colors;
  }

  int size() const { return teacher_.size; }

 private:
  const kernels::TeacherFrameStore& teacher_;
  const std::uint8_t* face_;
};

/// Where an axis is sampled.
struct SampledAxis {
  int first, second;
  float fraction;
  bool moves;  ///< within the picture

  SampledAxis(float position, int size) {
    const float place = ((position + 1) * static_cast<float>(size) - 1) / 2;
    const float inside = std::min(std::max(0.0F, place), static_cast<float>(size - 1));
    moves = inside == place;
    first = static_cast<int>(inside);
    second = std::min(first + 1, size - 1);
    fraction = inside - static_cast<float>(first);
  }
};

/// A bilinear sample, and how it changes with the position in pixels.
struct BilinearSample {
  float color[kColorChannels], along_x[kColorChannels], along_y[kColorChannels];
  bool moves_x, moves_y;

  HWY_INLINE BilinearSample(const FacedImage& image, float x, float y) {
    const SampledAxis column(x, image.size()), row(y, image.size());
    moves_x = column.moves;
    moves_y = row.moves;
    const PixelColors a = image.at(column.first, row.first), b = image.at(column.second, row.first);
    const PixelColors c = image.at(column.first, row.second), d = image.at(column.second, row.second);
    for (int i = 0; i < kColorChannels; ++i) {
      const float above_step = b.values[i] - a.values[i], under_step = d.values[i] - c.values[i];
      const float above = a.values[i] + column.fraction * above_step,
                  under = c.values[i] + column.fraction * under_step;
      along_x[i] = above_step + row.fraction * (under_step - above_step);
      along_y[i] = under - above;
      color[i] = above + row.fraction * along_y[i];
    }
  }
};

/// What the teacher made of one pixel; nothing where no tile is kept.
struct TeacherPixel {
  bool is_kept = false;
  float flow[2] = {0, 0};
  PixelColors direct{{-1, -1, -1, -1}};
  float alpha = 0;

  TeacherPixel(const kernels::TeacherFrameStore& store, int frame, int x, int y) {
    using kernels::kChunkTiles, kernels::kTileBytes, kernels::kTileSide;
    constexpr int kPixels = kTileSide * kTileSide;
    const std::ptrdiff_t across = store.size / kTileSide;
    const int tile = store.tiles[(frame * across + y / kTileSide) * across + x / kTileSide];
    is_kept = tile >= 0;
    if (!is_kept) return;
    const std::uint8_t* const bytes =
        store.chunks[tile / kChunkTiles] + static_cast<std::ptrdiff_t>(tile % kChunkTiles) * kTileBytes;
    const std::ptrdiff_t at = y % kTileSide * kTileSide + x % kTileSide;
    const auto* const flows = reinterpret_cast<const c10::Half*>(bytes) + 2 * at;
    flow[0] = flows[0];
    flow[1] = flows[1];
    direct = colors_of(bytes + 4 * kPixels + kColorChannels * at);
    alpha = static_cast<float>(bytes[8 * kPixels + at]) / 255;
  }
};

float sign(float value) {
  return static_cast<float>(value > 0) - static_cast<float>(value < 0);
}

float centre_of(int pixel, int size) {
  return (2 * static_cast<float>(pixel) + 1) / static_cast<float>(size) - 1;
}

/// The loss of a pixel of a body: its results become their gradient.
void differentiate_pixel(const kernels::SirenStep& step, const kernels::TeacherFrameStore& teacher,
                         const FacedImage& image, const TeacherPixel& target, const LossPixels& pixels,
                         int index, float* sums) {
  float* const results = pixels.planes + index;
  const std::ptrdiff_t stride = pixels.stride;
  const float x = centre_of(pixels.x[index], teacher.size), y = centre_of(pixels.y[index], teacher.size);
  const float alpha = results[kAlpha * stride];
  const BilinearSample warped(image, x + results[0], y + results[stride]);
  const BilinearSample expected(image, x + target.flow[0], y + target.flow[1]);
  const auto fraction = static_cast<float>(pixels.fraction);
  const float of_final = step.final * fraction / 4, of_warp = step.warped * fraction / 4,
              of_direct = step.direct * fraction / 4, of_square = 2 * step.squared * fraction / 4;
  float of_alpha = 0, along[2] = {0, 0};
  for (int i = 0; i < kColorChannels; ++i) {
    float& direct = results[(kDirect + i) * stride];
    const float blended = warped.color[i] + alpha * (direct - warped.color[i]);
    const float blended_target =
        expected.color[i] + target.alpha * (target.direct.values[i] - expected.color[i]);
    const float warp_error = warped.color[i] - expected.color[i],
                direct_error = direct - target.direct.values[i];
    sums[1] += std::abs(warp_error);
    sums[2] += std::abs(direct_error);
    sums[3] += std::abs(blended - blended_target);
    const float error = blended - blended_target;
    const float to_blended = of_final * sign(error) + of_square * error;
    const float to_warped = of_warp * sign(warp_error) + (1 - alpha) * to_blended;
    of_alpha += to_blended * (direct - warped.color[i]);
    direct = of_direct * sign(direct_error) + alpha * to_blended;
    along[0] += to_warped * warped.along_x[i];
    along[1] += to_warped * warped.along_y[i];
  }
  results[kAlpha * stride] = of_alpha;
  const float pixels_of_flow = static_cast<float>(teacher.size) / 2;
  const bool moves[2] = {warped.moves_x, warped.moves_y};
  for (int i = 0; i < 2; ++i) {
    const float error = target.is_kept ? results[i * stride] - target.flow[i] : 0;
    sums[0] += std::abs(error);
    results[i * stride] = step.flow * fraction / 2 * sign(error) + (moves[i] ? along[i] * pixels_of_flow : 0);
  }
}

}  // namespace

void CpuBodyLoss::differentiate(const kernels::SirenStep& step, const LossPixels& pixels,
                                std::array<double, kTerms>& terms) const {
  const FacedImage image(teacher_, pixels.frame);
  float sums[kTerms] = {};
  for (int i = 0; i < pixels.count; ++i) {
    const TeacherPixel target(teacher_, pixels.frame, pixels.x[i], pixels.y[i]);
    differentiate_pixel(step, teacher_, image, target, pixels, i, sums);
  }
  terms[0] += static_cast<double>(sums[0]) * pixels.fraction / 2;
  for (std::size_t i = 1; i < kTerms; ++i)
    terms[i] += static_cast<double>(sums[i]) * pixels.fraction / kColorChannels;
}

CpuFaceLoss::CpuFaceLoss(const TeacherStore& store, const at::Tensor& mask)
    : teacher_(store.view()), mask_(mask.to(torch::kCPU, torch::kFloat32).contiguous()) {}

void CpuFaceLoss::differentiate(const kernels::SirenStep& step, const LossPixels& pixels,
                                std::array<double, kTerms>& terms) const {
  const std::ptrdiff_t size = teacher_.face_size;
  const auto* const face =
      static_cast<const std::uint8_t*>(teacher_.faces) + pixels.frame * size * size * kColorChannels;
  const auto fraction = static_cast<float>(pixels.fraction / kColorChannels);
  float whole = 0, masked = 0;
  for (int i = 0; i < pixels.count; ++i) {
    const std::ptrdiff_t at = pixels.y[i] * size + pixels.x[i];
    const PixelColors target = colors_of(face + at * kColorChannels);
    const float mask = mask_.data_ptr<float>()[at];
    for (int color = 0; color < kColorChannels; ++color) {
      float& result = pixels.planes[color * pixels.stride + i];
      const float difference = result - target.values[color];
      whole += std::abs(difference);
      masked += mask * std::abs(difference);
      result = fraction * (1 + step.masked * mask) * (sign(difference) + 2 * step.squared * difference);
    }
  }
  terms[0] += static_cast<double>(whole) * fraction;
  terms[1] += static_cast<double>(masked) * fraction;
}

}  // namespace tha4
