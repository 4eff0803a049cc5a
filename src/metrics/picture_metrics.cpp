#include "tha4/metrics/picture_metrics.h"

#include <algorithm>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/metrics/psnr.h"
#include "tha4/metrics/ssim.h"

namespace tha4 {
namespace {

constexpr PictureMetric kMetrics[] = {PictureMetric::psnr, PictureMetric::ssim, PictureMetric::lpips};

PictureMetric parse_metric(std::string_view word) {
  for (const PictureMetric metric : kMetrics) {
    if (description_of(metric).key == word) return metric;
  }
  throw InputError("'" + std::string(word) +
                   "' is no metric; name some of psnr, ssim and lpips, with commas between them");
}

}  // namespace

std::vector<PictureMetric> parse_picture_metrics(std::string_view text) {
  std::vector<PictureMetric> metrics;
  for (bool is_last = false; !is_last;) {
    const std::size_t comma = text.find(',');
    is_last = comma == std::string_view::npos;
    const PictureMetric metric = parse_metric(text.substr(0, comma));
    if (std::find(metrics.begin(), metrics.end(), metric) != metrics.end()) {
      throw InputError("the metric " + description_of(metric).key + " is named twice");
    }
    metrics.push_back(metric);
    if (!is_last) text.remove_prefix(comma + 1);
  }
  return metrics;
}

MetricDescription description_of(PictureMetric metric) {
  switch (metric) {
    case PictureMetric::psnr:
      return {"psnr", description_of(ImagePsnr::seen).label, true, 2, kMaxPsnrInMean};
    case PictureMetric::ssim:
      return {"ssim", "SSIM", true};
    case PictureMetric::lpips:
      break;
  }
  return {"lpips", "LPIPS", false, 5};
}

PictureMetrics::PictureMetrics(std::vector<PictureMetric> metrics, std::optional<Lpips> lpips)
    : metrics_(std::move(metrics)), lpips_(std::move(lpips)) {
  if (!lpips_ && std::find(metrics_.begin(), metrics_.end(), PictureMetric::lpips) != metrics_.end()) {
    throw Error("LPIPS cannot be measured without its networks");
  }
}

at::Tensor PictureMetrics::measure(const at::Tensor& a, const at::Tensor& b) const {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> scores;
  for (const PictureMetric metric : metrics_) {
    switch (metric) {
      case PictureMetric::psnr:
        scores.push_back(psnr(a, b));
        break;
      case PictureMetric::ssim:
        scores.push_back(ssim(a, b));
        break;
      case PictureMetric::lpips:
        scores.push_back(lpips_->distance(a, b));
        break;
    }
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i].sizes() != at::IntArrayRef{a.size(0)} || scores[i].scalar_type() != torch::kFloat64) {
      throw Error("the metric " + description_of(metrics_[i]).key + " must give float64 [N]");
    }
  }
  return torch::stack(scores, 1).cpu();
}

}  // namespace tha4
