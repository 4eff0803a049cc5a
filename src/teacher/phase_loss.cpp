#include "tha4/teacher/phase_loss.h"

#include <algorithm>
#include <functional>

#include "motion_losses.h"
#include "multi_scale_ssim.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/appearance_flow.h"

namespace tha4 {
namespace {

const at::Tensor& image_of(const MadeImages& output, const std::string& name) {
  const auto found = std::find_if(output.images.begin(), output.images.end(),
                                  [&](const NamedImage& image) { return image.name == name; });
  if (found == output.images.end()) throw Error("the network makes no image '" + name + "'");
  return found->image;
}

/// The four quadrants of [N, C, H, W], [N, C, H / 2, W / 2] each.
std::vector<at::Tensor> quadrants(const at::Tensor& image) {
  std::vector<at::Tensor> parts;
  for (const at::Tensor& half : image.chunk(2, 2)) {
    for (const at::Tensor& quarter : half.chunk(2, 3)) parts.push_back(quarter);
  }
  return parts;
}

/// Weights [N, 1, H, W] of mean 1: \p moved where the target differs from the input within two pixels, else
/// in proportion to 1.
at::Tensor moved_pixel_weights(const MadeImages& output, double moved) {
  const torch::NoGradGuard no_grad;
  constexpr double kDifference = 0.02;  // of [-1, 1]: two levels and a half of 8 bits
  const at::Tensor differs =
      ((output.target - output.input).abs().amax(1, /*keepdim=*/true) > kDifference).to(torch::kFloat);
  const at::Tensor weights = torch::max_pool2d(differs, {5, 5}, {1, 1}, {2, 2}) * (moved - 1) + 1;
  return weights / weights.mean();
}

/// The sum of the mean absolute values of the bands of \p difference [N, C, H, W], the coarsest being what is
/// left: the pyramid of a difference is the difference of the pyramids.
at::Tensor laplacian_difference(at::Tensor difference, int levels) {
  at::Tensor sum;
  for (int level = 0; level < levels; ++level) {
    const at::Tensor coarse = torch::avg_pool2d(difference, {2, 2});
    const at::Tensor back = torch::upsample_bilinear2d(coarse, {difference.size(2), difference.size(3)},
                                                       /*align_corners=*/false);
    const at::Tensor band = (difference - back).abs().mean();
    sum = sum.defined() ? sum + band : band;
    difference = coarse;
  }
  return sum + difference.abs().mean();
}

/// The mean absolute values of the differences between neighbours in \p difference [N, C, H, W], across and
/// downwards, added up.
at::Tensor gradient_difference(const at::Tensor& difference) {
  const auto along = [&](std::int64_t dimension) {
    const std::int64_t steps = difference.size(dimension) - 1;
    return (difference.narrow(dimension, 1, steps) - difference.narrow(dimension, 0, steps)).abs().mean();
  };
  return along(3) + along(2);
}

/// The terms of a phase, as they are added up.
class LossSum {
 public:
  LossSum(const MadeImages& output, const PerceptualLoss* perceptual, std::uint64_t seed)
      : output_(output), perceptual_(perceptual), draws_(seed) {}

  void add_l1(const ImageLoss& l1, double moved_weight) {
    const at::Tensor weights = moved_weight == 1 ? at::Tensor() : moved_pixel_weights(output_, moved_weight);
    for (const std::string& name : l1.images) {
      const at::Tensor& image = image_of(output_, name);
      add("l1_" + name, l1.weight,
          weights.defined() ? ((image - output_.target).abs() * weights).mean()
                            : torch::l1_loss(image, output_.target));
    }
  }

  /// \param term  of an image and its target
  void add_each(const std::string& prefix, const ImageLoss& loss,
                const std::function<at::Tensor(const at::Tensor&, const at::Tensor&)>& term) {
    if (loss.weight == 0) return;
    for (const std::string& name : loss.images) {
      add(prefix + name, loss.weight, term(image_of(output_, name), output_.target));
    }
  }

  void add_motion(const TrainingPhase& phase, const Motion& motion) {
    if (phase.flow_weight > 0) add("flow", phase.flow_weight, flow_distance(output_.flow, motion));
    if (phase.disocclusion_weight > 0) {
      add("disocclusion", phase.disocclusion_weight, disocclusion_entropy(output_.alpha, motion));
    }
  }

  /// \param views  the parts of an image that Φ is evaluated at, one after the other, and added up over
  void add_perceptual(const std::string& prefix, double weight, const std::vector<std::string>& names,
                      const std::function<std::vector<at::Tensor>(const at::Tensor&)>& views) {
    if (names.empty() || weight == 0) return;
    std::vector<std::vector<at::Tensor>> views_of_images;
    for (const std::string& name : names) views_of_images.push_back(views(image_of(output_, name)));
    const std::vector<at::Tensor> targets = views(output_.target);
    std::vector<at::Tensor> sums(names.size());
    for (std::size_t view = 0; view < targets.size(); ++view) {
      std::vector<at::Tensor> images;
      for (const auto& of_image : views_of_images) images.push_back(of_image[view]);
      const std::vector<at::Tensor> losses = (*perceptual_)(images, targets[view], draws_);
      for (std::size_t i = 0; i < names.size(); ++i) {
        sums[i] = sums[i].defined() ? sums[i] + losses[i] : losses[i];
      }
    }
    for (std::size_t i = 0; i < names.size(); ++i) add(prefix + names[i], weight, sums[i]);
  }

  std::vector<LossTerm> take() && {
    terms_.insert(terms_.begin(), {"loss", total_});
    return std::move(terms_);
  }

 private:
  void add(const std::string& name, double weight, const at::Tensor& value) {
    const at::Tensor weighted = value * weight;
    total_ = total_.defined() ? total_ + weighted : weighted;
    terms_.push_back({name, value});
  }

  const MadeImages& output_;
  const PerceptualLoss* perceptual_;
  std::mt19937_64 draws_;
  at::Tensor total_;
  std::vector<LossTerm> terms_;
};

}  // namespace

std::vector<LossTerm> phase_loss(const MadeImages& output, const TrainingPhase& phase,
                                 const PerceptualLoss* perceptual, std::uint64_t seed, const Motion& motion) {
  if (phase.perceptual_weight > 0 && perceptual == nullptr) {
    throw Error("a phase with a perceptual loss needs its backbone");
  }
  if (phase.needs_motion() && !motion.is_known()) {
    throw Error("a phase with the losses flow or disocclusion needs triples with their motion");
  }
  LossSum sum(output, perceptual, seed);
  const double weight = phase.perceptual_weight;
  sum.add_l1(phase.l1, phase.moved_weight);
  sum.add_each("laplacian_", phase.laplacian.on, [&](const at::Tensor& image, const at::Tensor& target) {
    return laplacian_difference(image - target, phase.laplacian.levels);
  });
  sum.add_each("gradient_", phase.gradient, [](const at::Tensor& image, const at::Tensor& target) {
    return gradient_difference(image - target);
  });
  sum.add_each("ms_ssim_", phase.ms_ssim.on, [&](const at::Tensor& image, const at::Tensor& target) {
    return 1 - multi_scale_ssim(image, target, phase.ms_ssim.levels);
  });
  sum.add_motion(phase, motion);
  sum.add_perceptual("perceptual_", weight, phase.perceptual_images,
                     [](const at::Tensor& image) { return std::vector<at::Tensor>{image}; });
  sum.add_perceptual("perceptual_half_", weight, phase.perceptual_half_images,
                     [](const at::Tensor& image) { return std::vector<at::Tensor>{halved(image)}; });
  sum.add_perceptual("perceptual_quadrants_", weight, phase.perceptual_quadrant_images, quadrants);
  return std::move(sum).take();
}

}  // namespace tha4
