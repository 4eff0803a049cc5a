#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/metrics/metric_description.h"

// Images have two PSNRs, which go by two names everywhere. The *network PSNR* is of the values that networks
// see: RGBA, linear light, premultiplied, mapped to [0, 1]; the figure of the paper's tables 5 to 7. The
// *seen PSNR* is of pictures as seen: sRGB, laid over white.
//
// Files keep the keys that they always had. Of the network PSNR: "network_psnr" (tha4-eval), "network"
// (report.json of a distillation), "validation_psnr" (training of teachers). Of the seen PSNR: "psnr"
// (tha4-eval, of pictures rounded to 8 bits, over the colour that is asked for) and "srgb_on_white"
// (report.json of a distillation).

namespace tha4 {

/// What the PSNR of an image counts as at most in a mean, see mean_score(): 0.003 levels of 8 bits off.
constexpr double kMaxPsnrInMean = 100;

/// Peak signal-to-noise ratio in dB of each image of a batch, for a peak of 1, over all channels and pixels.
/// \param a, b  [N, C, H, W], values in [0, 1]
/// \return float64 [N]; infinite where the images are equal
at::Tensor psnr(const at::Tensor& a, const at::Tensor& b);

/// The network PSNR of image tensors [N, 4, H, W]: float64 [N].
at::Tensor network_psnr(const at::Tensor& a, const at::Tensor& b);

/// The seen PSNR of image tensors [N, 4, H, W]: float64 [N]. Of values that are not rounded to 8 bits, unlike
/// PictureMetric::psnr, which is of whole pictures as files hold them.
at::Tensor seen_psnr(const at::Tensor& a, const at::Tensor& b);

/// psnr() of those pixels alone in which \p truth differs from \p before by more than two levels of 8 bits in
/// a channel: float64 [N]; infinite where there are none.
/// \param truth, images, before  seen pictures [N, 3, H, W]
at::Tensor moved_psnr(const at::Tensor& truth, const at::Tensor& images, const at::Tensor& before);

/// The two PSNRs of an image.
enum class ImagePsnr { network, seen };

/// What they are called: network_psnr and seen_psnr.
MetricDescription description_of(ImagePsnr kind);

}  // namespace tha4
