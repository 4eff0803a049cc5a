#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/metrics/lpips.h"
#include "tha4/metrics/metric_description.h"

namespace tha4 {

/// How alike two seen pictures (see seen_picture.h) are.
enum class PictureMetric { psnr, ssim, lpips };

/// Reads a list such as "psnr,ssim,lpips". Throws InputError for other words, repetitions and an empty list.
std::vector<PictureMetric> parse_picture_metrics(std::string_view text);

/// The PSNR of seen pictures goes by the name of the seen PSNR (see psnr.h), and in files by "psnr".
MetricDescription description_of(PictureMetric metric);

/// Some of the metrics, ready to measure.
class PictureMetrics {
 public:
  PictureMetrics() = default;  ///< none of them

  /// \param lpips  must be there if it is one of the metrics, else Error
  PictureMetrics(std::vector<PictureMetric> metrics, std::optional<Lpips> lpips);

  const std::vector<PictureMetric>& metrics() const { return metrics_; }

  /// Throws InputError for pictures that are too small for one of the metrics.
  /// \param a, b  seen pictures [N, 3, H, W] of one size, on the device of LPIPS' backbone
  /// \return float64 [N, M] on the CPU: the metrics in their order
  at::Tensor measure(const at::Tensor& a, const at::Tensor& b) const;

 private:
  std::vector<PictureMetric> metrics_;
  std::optional<Lpips> lpips_;
};

}  // namespace tha4
