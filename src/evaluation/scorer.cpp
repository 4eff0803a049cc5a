#include "tha4/evaluation/scorer.h"

#include <utility>

#include <torch/types.h>

#include "tha4/metrics/seen_picture.h"

namespace tha4 {

Scorer::Scorer(std::vector<ImagePsnr> psnrs, PictureMetrics pictures, SrgbColor background)
    : psnrs_(std::move(psnrs)), pictures_(std::move(pictures)), background_(background) {}

std::vector<MetricDescription> Scorer::metrics() const {
  std::vector<MetricDescription> metrics;
  for (const ImagePsnr psnr : psnrs_) metrics.push_back(description_of(psnr));
  for (const PictureMetric metric : pictures_.metrics()) metrics.push_back(description_of(metric));
  return metrics;
}

at::Tensor Scorer::score(const at::Tensor& truth, const at::Tensor& images) const {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> scores;
  for (const ImagePsnr psnr : psnrs_) {
    const auto measure = psnr == ImagePsnr::network ? network_psnr : seen_psnr;
    scores.push_back(measure(truth, images).cpu().unsqueeze(1));
  }
  if (!pictures_.metrics().empty()) {
    scores.push_back(
        pictures_.measure(seen_pictures(truth, background_), seen_pictures(images, background_)));
  }
  return torch::cat(scores, 1);
}

}  // namespace tha4
