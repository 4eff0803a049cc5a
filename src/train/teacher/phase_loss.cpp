#include "tha4/train/teacher/phase_loss.h"

#include <algorithm>
#include <functional>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/appearance_flow.h"

namespace tha4 {
namespace {

const at::Tensor& image_of(const TaskOutput& output, const std::string& name) {
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

/// The terms of a phase, as they are added up.
class LossSum {
 public:
  LossSum(const TaskOutput& output, const PerceptualLoss* perceptual, std::uint64_t seed)
      : output_(output), perceptual_(perceptual), draws_(seed) {}

  void add_l1(const ImageLoss& l1) {
    for (const std::string& name : l1.images) {
      add("l1_" + name, l1.weight, torch::l1_loss(image_of(output_, name), output_.target));
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

  const TaskOutput& output_;
  const PerceptualLoss* perceptual_;
  std::mt19937_64 draws_;
  at::Tensor total_;
  std::vector<LossTerm> terms_;
};

}  // namespace

std::vector<LossTerm> phase_loss(const TaskOutput& output, const TrainingPhase& phase,
                                 const PerceptualLoss* perceptual, std::uint64_t seed) {
  if (phase.perceptual_weight > 0 && perceptual == nullptr) {
    throw Error("a phase with a perceptual loss needs its backbone");
  }
  LossSum sum(output, perceptual, seed);
  const double weight = phase.perceptual_weight;
  sum.add_l1(phase.l1);
  sum.add_perceptual("perceptual_", weight, phase.perceptual_images,
                     [](const at::Tensor& image) { return std::vector<at::Tensor>{image}; });
  sum.add_perceptual("perceptual_half_", weight, phase.perceptual_half_images,
                     [](const at::Tensor& image) { return std::vector<at::Tensor>{halved(image)}; });
  sum.add_perceptual("perceptual_quadrants_", weight, phase.perceptual_quadrant_images, quadrants);
  return std::move(sum).take();
}

}  // namespace tha4
