#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/image/compositing.h"
#include "tha4/metrics/metric_description.h"
#include "tha4/metrics/picture_metrics.h"
#include "tha4/metrics/psnr.h"

namespace tha4 {

/// Compares images with what they should be, one by one. All that is scored, held-out poses, test images and
/// the validation of a training, is scored by one.
class Scorer {
 public:
  /// \param psnrs       scores that come first
  /// \param pictures    of seen pictures, laid over \p background; the scores that follow
  explicit Scorer(std::vector<ImagePsnr> psnrs, PictureMetrics pictures = {}, SrgbColor background = {});

  /// What is measured, in the order of the scores.
  std::vector<MetricDescription> metrics() const;

  /// Throws InputError for images that are too small for one of the metrics.
  /// \param truth, images  image tensors [N, 4, H, W] on one device: where LPIPS is measured, its backbone's
  /// \return float64 [N, M] on the CPU: the metrics in their order
  at::Tensor score(const at::Tensor& truth, const at::Tensor& images) const;

 private:
  std::vector<ImagePsnr> psnrs_;
  PictureMetrics pictures_;
  SrgbColor background_;
};

}  // namespace tha4
