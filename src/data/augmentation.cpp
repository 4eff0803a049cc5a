#include "tha4/data/augmentation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "augmentation_limits.h"
#include "mirrored_poses.h"
#include "motion_view.h"
#include "picture_noise.h"
#include "sampling_grid.h"
#include <torch/types.h>

#include "tha4/image/color.h"
#include "tha4/pose/pose.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {
namespace {

constexpr std::size_t kBumps = 5;  ///< of a warp, on each side

/// What one triple draws.
struct Draws {
  float rest = 0;
  float mirror = 0;
  std::array<float, 4>
      turn{};  ///< of the sampling grid: cosine and sine, both times the scale; then the shift
  std::array<float, 2 * kBumps * kBumps> warp{};  ///< pixels, right and down
  std::array<float, 9> colors{};                  ///< matrix of the colours: hue and saturation
  float gain = 1;
  float contrast = 1;
  float exponent = 1;
  float sharpness = 0;
  float line_darkness = 0;
  std::array<float, 2> shading{};  ///< change of light over the picture, to the right and downwards
  float hard_rim = 0;
  float rim_fraction = 0;
  std::array<float, 3> rim_color{};
  /// Each one's middle in [-1, 1], direction, bend, and half its length and thickness; 0 thick if it is not
  /// there.
  std::array<float, 7 * kMaxStrands> strands{};
  std::array<float, 3 * kMaxStrands> strand_colors{};
  float jpeg = 0;
  float grain = 0;
  float grain_place = 0;
};

/// Turns colours by \p degrees about the axis of the greys, and stretches them from it by \p saturation.
std::array<float, 9> color_matrix(double degrees, double saturation) {
  const double angle = degrees * std::numbers::pi / 180;
  const double c = std::cos(angle) * saturation, s = std::sin(angle) * saturation / std::numbers::sqrt3;
  std::array<float, 9> matrix{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      double value = (1 - c) / 3 + (row == column ? c : 0);
      if (column == (row + 2) % 3) value += s;
      if (column == (row + 1) % 3) value -= s;
      matrix[row * 3 + column] = static_cast<float>(value);
    }
  }
  return matrix;
}

class Drawing {
 public:
  Drawing(const AugmentationSettings& settings, std::uint64_t seed)
      : settings_(settings), generator_(seed), noise_generator_(~seed) {}

  /// The draws are always made, all in the same order, whatever the settings.
  Draws next() {
    Draws draws;
    draws.rest = happens(settings_.rest) ? 1 : 0;
    draws.mirror = happens(settings_.mirror) ? 1 : 0;
    const double angle = either_side(settings_.rotation) * std::numbers::pi / 180;
    const double zoom = 1 / (1 + either_side(settings_.scale));
    const double right = either_side(settings_.shift), down = either_side(settings_.shift);
    draws.turn = {static_cast<float>(std::cos(angle) * zoom), static_cast<float>(std::sin(angle) * zoom),
                  static_cast<float>(right), static_cast<float>(down)};
    for (float& pixels : draws.warp) pixels = static_cast<float>(either_side(settings_.warp));
    draw_colors(draws);
    draw_strands(draws);
    const auto smaller = static_cast<float>(1 - uniform_unit(noise_generator_) * settings_.shrink);
    draws.turn[0] /= smaller;
    draws.turn[1] /= smaller;
    return draws;
  }

 private:
  double unit() { return uniform_unit(generator_); }
  bool happens(double probability) { return unit() < probability; }
  double either_side(double max) { return (2 * unit() - 1) * max; }

  void draw_colors(Draws& draws) {
    const double amount = happens(settings_.probability) ? 1 : 0;
    const double hue = either_side(settings_.hue) * amount;
    draws.colors = color_matrix(hue, 1 + either_side(settings_.saturation) * amount);
    draws.gain = static_cast<float>(1 + either_side(settings_.brightness) * amount);
    draws.contrast = static_cast<float>(1 + either_side(settings_.contrast) * amount);
    draws.exponent = static_cast<float>(std::pow(1 + settings_.gamma, either_side(amount)));
    draws.sharpness = static_cast<float>(either_side(settings_.sharpness) * amount);
    draws.line_darkness = static_cast<float>(unit() * settings_.line_darkness * amount);
    for (float& change : draws.shading) change = static_cast<float>(either_side(settings_.shading) * amount);
    draws.hard_rim = happens(settings_.hard_rim * amount) ? 1 : 0;
    draws.rim_fraction = happens(settings_.rim_color * amount) ? 1 : 0;
    // Black, white or any colour.
    const double kind = unit();
    for (float& channel : draws.rim_color) {
      const double value = unit();
      channel = static_cast<float>(kind < 0.4 ? 0 : kind < 0.8 ? 1 : value);
    }
    draw_noise(draws, amount);
  }

  /// By a generator of its own, since the others' draws are what they were before there was noise.
  void draw_noise(Draws& draws, double amount) {
    const auto up_to = [&](double max) {
      return static_cast<float>(std::max(0.0, 2 * uniform_unit(noise_generator_) - 1) * max * amount);
    };
    draws.jpeg = up_to(settings_.jpeg);
    draws.grain = up_to(settings_.grain);
    draws.grain_place = static_cast<float>(uniform_unit(noise_generator_));
  }

  /// Strands of hair and the like, mostly from above downwards.
  void draw_strands(Draws& draws) {
    const double count = std::floor(unit() * (settings_.strands + 1));
    for (std::size_t i = 0; i < kMaxStrands; ++i) {
      const double angle = std::numbers::pi / 2 + either_side(1.2);
      const std::array<double, 7> numbers = {either_side(0.7),
                                             either_side(0.7),
                                             std::cos(angle),
                                             std::sin(angle),
                                             either_side(0.6),
                                             0.1 + 0.5 * unit(),
                                             0.004 + 0.03 * unit() * unit()};
      for (std::size_t k = 0; k < numbers.size(); ++k) {
        draws.strands[7 * i + k] = static_cast<float>(numbers[k]);
      }
      if (static_cast<double>(i) >= count) draws.strands[7 * i + 6] = 0;
      for (std::size_t k = 0; k < 3; ++k) draws.strand_colors[3 * i + k] = static_cast<float>(unit());
    }
  }

  const AugmentationSettings& settings_;
  std::mt19937_64 generator_;
  std::mt19937_64 noise_generator_;
};

/// The draws of a batch as tensors on its device, moved there together.
class BatchDraws {
 public:
  BatchDraws(const AugmentationSettings& settings, std::uint64_t seed, std::int64_t count, c10::Device device)
      : count_(count) {
    constexpr std::int64_t kNumbers = sizeof(Draws) / sizeof(float);
    static_assert(sizeof(Draws) == kNumbers * sizeof(float));
    Drawing drawing(settings, seed);
    std::vector<Draws> draws;
    for (std::int64_t i = 0; i < count; ++i) draws.push_back(drawing.next());
    numbers_ = torch::from_blob(draws.data(), {count, kNumbers}, torch::kFloat)
                   .clone()
                   .to(device, /*non_blocking=*/true);
  }

  /// A member of each triple's draws, for the pictures before and after: [2N, 1, 1, 1], or [2N, size, 1, 1].
  template <class Value>
  at::Tensor of(Value Draws::*member) const {
    const at::Tensor values = each(member);
    return torch::cat({values, values}, 0).view({2 * count_, -1, 1, 1});
  }

  /// Likewise, once for each triple: [N, size].
  template <class Value>
  at::Tensor each(Value Draws::*member) const {
    const Draws reference;
    const auto offset =
        reinterpret_cast<const char*>(&(reference.*member)) - reinterpret_cast<const char*>(&reference);
    return numbers_.narrow(1, offset / static_cast<std::ptrdiff_t>(sizeof(float)),
                           sizeof(Value) / sizeof(float));
  }

 private:
  std::int64_t count_;
  at::Tensor numbers_;  ///< [N, numbers of Draws]
};

at::Tensor kernel(std::initializer_list<float> weights, const at::Tensor& like, std::int64_t channels) {
  const at::Tensor row = torch::tensor(std::vector<float>(weights)).to(like.device(), /*non_blocking=*/true);
  return torch::outer(row, row).view({1, 1, row.size(0), row.size(0)}).expand({channels, 1, -1, -1});
}

/// Colours [N, 3, S, S] with the strands painted over them, each a bent line that thins out to its ends.
at::Tensor with_strands(at::Tensor colors, const BatchDraws& draws) {
  const std::int64_t side = colors.size(2);
  const at::Tensor axis = (torch::arange(side, colors.options()) * 2 + 1) / side - 1;
  const at::Tensor x = axis.view({1, 1, 1, side}), y = axis.view({1, 1, side, 1});
  const at::Tensor strands = draws.of(&Draws::strands), paints = draws.of(&Draws::strand_colors);
  for (std::size_t i = 0; i < kMaxStrands; ++i) {
    const auto number = [&](std::size_t k) {
      return strands.narrow(1, static_cast<std::int64_t>(7 * i + k), 1);
    };
    const at::Tensor right = x - number(0), down = y - number(1);
    const at::Tensor along = right * number(2) + down * number(3);
    const at::Tensor across = down * number(2) - right * number(3) - number(4) * along.square();
    const at::Tensor thickness = number(6) * (1 - (along / number(5)).square()).clamp(0, 1);
    const at::Tensor cover =
        ((thickness - across.abs()) * (static_cast<double>(side) / 2) + 0.5).clamp(0, 1) * (thickness > 0);
    colors = torch::lerp(colors, paints.narrow(1, static_cast<std::int64_t>(3 * i), 3), cover);
  }
  return colors;
}

/// Colours and edges as they are drawn: \p pictures are sRGB and alpha in [0, 1], not premultiplied,
/// [2N, 4, S, S].
/// \param strands  whether any are to be painted
at::Tensor repainted(const at::Tensor& pictures, const BatchDraws& draws, bool strands) {
  at::Tensor alpha = pictures.narrow(1, 3, 1);
  at::Tensor colors = pictures.narrow(1, 0, 3);
  const at::Tensor matrix = draws.of(&Draws::colors).view({-1, 3, 3});
  colors = torch::matmul(matrix, colors.flatten(2)).view(colors.sizes());
  colors = ((colors * draws.of(&Draws::gain) - 0.5) * draws.of(&Draws::contrast) + 0.5).clamp(0, 1);
  colors = colors.clamp_min(1e-4).pow(draws.of(&Draws::exponent));
  const std::int64_t side = pictures.size(2);
  const at::Tensor axis = torch::linspace(-0.5, 0.5, side, pictures.options());
  const at::Tensor shading = draws.of(&Draws::shading);
  colors = colors * (1 + shading.narrow(1, 0, 1) * axis.view({1, 1, 1, side}) +
                     shading.narrow(1, 1, 1) * axis.view({1, 1, side, 1}));
  // The darkest neighbour, where what is transparent counts as light: lines grow, rims do not.
  const at::Tensor darkest = -torch::max_pool2d(-(colors + (1 - alpha)), {3, 3}, {1, 1}, {1, 1});
  colors = torch::minimum(colors, torch::lerp(colors, darkest, draws.of(&Draws::line_darkness)));
  if (strands) colors = with_strands(colors, draws);
  const at::Tensor rim = draws.of(&Draws::rim_fraction) * (1 - alpha);
  colors = torch::lerp(colors, draws.of(&Draws::rim_color).expand_as(colors), rim).clamp(0, 1);
  alpha = torch::lerp(alpha, (alpha > 0.5).to(alpha.scalar_type()), draws.of(&Draws::hard_rim));
  return torch::cat({colors, alpha}, 1);
}

/// Gives \p pictures, those before, [N, 4, S, S] as repainted() has them, the noise of files and scans.
void add_noise(const at::Tensor& pictures, const BatchDraws& draws) {
  const auto drawn = [&](float Draws::*member) { return draws.each(member).view({-1, 1, 1, 1}); };
  const at::Tensor colors = pictures.narrow(1, 0, 3);
  const at::Tensor grained = with_grain(colors, drawn(&Draws::grain), drawn(&Draws::grain_place));
  colors.copy_(with_jpeg_blocks(grained, drawn(&Draws::jpeg)));
}

/// \p images, premultiplied and linear in [0, 1], with more or less of their details.
at::Tensor sharpened(const at::Tensor& images, const at::Tensor& amount) {
  const at::Tensor padded = torch::replication_pad2d(images, {1, 1, 1, 1});
  const at::Tensor soft = torch::conv2d(padded, kernel({0.25F, 0.5F, 0.25F}, images, 4), {}, {1, 1},
                                        at::IntArrayRef{0, 0}, {1, 1}, 4);
  const at::Tensor changed = (images + (images - soft) * amount).clamp(0, 1);
  // No colour without as much alpha.
  const at::Tensor alpha = changed.narrow(1, 3, 1);
  return torch::cat({torch::minimum(changed.narrow(1, 0, 3), alpha), alpha}, 1);
}

/// Where the pixels of \p wanted, which lies in the middle of \p kept, come from.
SamplingGrid sampling_grid(const PictureView& kept, const PictureView& wanted, const BatchDraws& draws,
                           const at::Tensor& mirror, bool warps) {
  const at::Tensor turn = draws.each(&Draws::turn).view({-1, 4, 1, 1});
  const double fraction = static_cast<double>(wanted.region.width) / kept.region.width;
  const at::Tensor centres = (torch::arange(wanted.size(), turn.options()) * 2 + 1) / wanted.size() - 1;
  SamplingGrid grid;
  grid.side = mirror.view({-1, 1, 1, 1}) * -2 + 1;
  grid.cosine = turn.narrow(1, 0, 1) * fraction;
  grid.sine = turn.narrow(1, 1, 1) * fraction;
  const at::Tensor x = centres.view({1, 1, 1, -1}) * grid.side;
  const at::Tensor y = centres.view({1, 1, -1, 1});
  const double pixel = 2.0 / kept.region.width;
  const at::Tensor from_x = grid.cosine * x - grid.sine * y + turn.narrow(1, 2, 1) * pixel;
  const at::Tensor from_y = grid.sine * x + grid.cosine * y + turn.narrow(1, 3, 1) * pixel;
  grid.places = torch::stack({from_x.squeeze(1), from_y.squeeze(1)}, -1);
  if (warps) {
    const at::Tensor bumps = draws.each(&Draws::warp).view({-1, 2, kBumps, kBumps}) * pixel;
    grid.bumps = torch::upsample_bicubic2d(bumps, {wanted.size(), wanted.size()}, /*align_corners=*/true);
    grid.places = grid.places + grid.bumps.permute({0, 2, 3, 1});
  }
  return grid;
}

/// Images before and after, [2N, 4, S, S], as \p grid has them.
at::Tensor moved(const at::Tensor& images, const SamplingGrid& grid) {
  return torch::grid_sampler(images, torch::cat({grid.places, grid.places}, 0), /*bilinear*/ 0, /*border*/ 1,
                             /*align_corners=*/false);
}

/// The motion of \p triples, which is none in those that \p rests: a bool for each, [N, 1].
Motion motion_of(const PackedTriples& triples, const at::Tensor& rests) {
  Motion motion = unpack(triples.motion, triples.poses.device());
  if (!motion.is_known()) return motion;
  const at::Tensor where = rests.view({-1, 1, 1, 1});
  const at::Tensor shown = (triples.rest.select(3, 3) >= 128).unsqueeze(1).to(torch::kFloat);
  motion.flow = torch::where(where, torch::zeros_like(motion.flow), motion.flow);
  motion.visible = torch::where(where, shown, motion.visible);
  motion.hidden = torch::where(where, torch::zeros_like(motion.hidden), motion.hidden);
  return motion;
}

}  // namespace

int margin_of(const AugmentationSettings& settings, const PictureView& view) {
  const double half = view.region.width / 2.0;
  const double angle = settings.rotation * std::numbers::pi / 180;
  const double reach =
      half * (std::cos(angle) + std::sin(angle)) / ((1 - settings.scale) * (1 - settings.shrink)) +
      settings.shift + settings.warp;
  return static_cast<int>(std::ceil(reach - half));
}

TripleBatch augmented(const PackedTriples& triples, const PictureView& kept, const PictureView& wanted,
                      const AugmentationSettings& settings, std::uint64_t seed) {
  const BatchDraws draws(settings, seed, triples.count(), triples.poses.device());
  const at::Tensor rests = draws.each(&Draws::rest) > 0;
  const at::Tensor posed = torch::where(rests.view({-1, 1, 1, 1}), triples.rest, triples.posed);
  const at::Tensor poses = torch::where(rests, torch::zeros_like(triples.poses), triples.poses);
  // A smirk has no mirrored parameter.
  static const auto smirk = pose_parameter_index("mouth_smirk");
  const at::Tensor mirror = draws.each(&Draws::mirror) * (poses.narrow(1, smirk, 1) == 0).to(torch::kFloat);
  at::Tensor images = torch::cat({triples.rest, posed}, 0).permute({0, 3, 1, 2}).to(torch::kFloat) / 255;
  images = repainted(images.contiguous(), draws, settings.strands > 0);
  if (settings.jpeg > 0 || settings.grain > 0) add_noise(images.chunk(2, 0)[0], draws);
  const at::Tensor alpha = images.narrow(1, 3, 1);
  images = torch::cat({srgb_to_linear(images.narrow(1, 0, 3)) * alpha, alpha}, 1);
  images = sharpened(images, draws.of(&Draws::sharpness));
  const SamplingGrid grid = sampling_grid(kept, wanted, draws, mirror, settings.warp > 0);
  images = moved(images, grid) * 2 - 1;
  const auto pair = images.chunk(2, 0);
  return {.rest = pair[0],
          .posed = pair[1],
          .poses = mirrored_poses(poses, mirror),
          .motion = moved(motion_of(triples, rests), grid)};
}

}  // namespace tha4
