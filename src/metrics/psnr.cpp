#include "tha4/metrics/psnr.h"

#include <torch/types.h>

#include "tha4/image/color.h"

namespace tha4 {

at::Tensor psnr(const at::Tensor& a, const at::Tensor& b) {
  const auto squared_error = (a - b).square().flatten(1).mean(1, /*keepdim=*/false, torch::kFloat64);
  return -10 * squared_error.log10();
}

at::Tensor network_psnr(const at::Tensor& a, const at::Tensor& b) {
  return psnr(a * 0.5 + 0.5, b * 0.5 + 0.5);
}

at::Tensor seen_psnr(const at::Tensor& a, const at::Tensor& b) {
  return psnr(srgb_on_white(a), srgb_on_white(b));
}

at::Tensor moved_psnr(const at::Tensor& truth, const at::Tensor& images, const at::Tensor& before) {
  constexpr double kTwoLevels = 2.5 / 255;
  const at::Tensor moved =
      ((truth - before).abs().amax(1, /*keepdim=*/true) > kTwoLevels).to(torch::kFloat64);
  const at::Tensor errors = ((truth - images).square() * moved).flatten(1).sum(1);
  return -10 * (errors / (moved.flatten(1).sum(1) * truth.size(1)).clamp_min(1)).log10();
}

MetricDescription description_of(ImagePsnr kind) {
  if (kind == ImagePsnr::network) return {"network_psnr", "network PSNR (dB)", true, 2, kMaxPsnrInMean};
  return {"seen_psnr", "seen PSNR (dB)", true, 2, kMaxPsnrInMean};
}

}  // namespace tha4
