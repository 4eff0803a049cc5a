#include "tha4/train/teacher/test_set.h"

#include <algorithm>
#include <array>
#include <span>

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/metrics/psnr.h"
#include "tha4/metrics/seen_picture.h"
#include "tha4/metrics/ssim.h"

namespace tha4 {
namespace {

constexpr std::size_t kSampledTriples = 4;

/// A perfect image counts as this many dB in means: infinity would hide all others.
constexpr double kMostPsnr = 100;

double mean_psnr(const at::Tensor& a, const at::Tensor& b) {
  return network_psnr(a, b).clamp_max(kMostPsnr).mean().item<double>();
}

double mean_ssim(const at::Tensor& a, const at::Tensor& b) {
  return ssim(seen_pictures(a), seen_pictures(b)).mean().item<double>();
}

RgbaImage picture_of(const at::Tensor& image) {
  return to_rgba_image(image.squeeze(0).cpu().to(torch::kFloat32));
}

RgbaImage alpha_picture(const at::Tensor& alpha) {
  return grey_image(alpha.squeeze(0).mean(0).cpu().to(torch::kFloat32));
}

}  // namespace

TestSet::TestSet(TripleSource& source, int images, ProcessGroup& group, c10::Device device)
    : group_(group), device_(device) {
  for (int i = group.rank(); i < images; i += group.size()) {
    const Triple triple = source.next();
    triples_.push_back(pack(std::span(&triple, 1)));
  }
}

std::vector<Measure> TestSet::score(NetworkTask& task, const TrainingPhase& phase) const {
  const torch::NoGradGuard no_grad;
  constexpr std::array<const char*, 4> kNames = {"validation_psnr", "validation_ssim", "validation_rest_psnr",
                                                 "validation_rest_ssim"};
  std::array<double, 4> sums{};
  for (const PackedTriples& triple : triples_) {
    const TaskOutput output = task.run(unpack(triple, device_), phase);
    sums[0] += mean_psnr(output.result, output.target);
    sums[1] += mean_ssim(output.result, output.target);
    sums[2] += mean_psnr(output.input, output.target);
    sums[3] += mean_ssim(output.input, output.target);
  }
  std::array<double, 4> totals{};
  double count = 0;
  for (const std::string& text : group_.gather(nlohmann::json{sums, triples_.size()}.dump())) {
    const auto of_rank = nlohmann::json::parse(text);
    for (std::size_t i = 0; i < totals.size(); ++i) totals[i] += of_rank[0][i].get<double>();
    count += of_rank[1].get<double>();
  }
  std::vector<Measure> measures;
  for (std::size_t i = 0; i < totals.size() && count > 0; ++i)
    measures.push_back({kNames[i], totals[i] / count});
  return measures;
}

RgbaImage TestSet::sample_picture(NetworkTask& task, const TrainingPhase& phase) const {
  const torch::NoGradGuard no_grad;
  std::vector<RgbaImage> pictures;
  ContactSheetOptions options;
  for (std::size_t i = 0; i < std::min(kSampledTriples, triples_.size()); ++i) {
    const std::size_t first = pictures.size();
    const auto add = [&](const char* label, RgbaImage picture) {
      pictures.push_back(std::move(picture));
      options.labels.emplace_back(label);
    };
    const TaskOutput output = task.run(unpack(triples_[i], device_), phase);
    add("rest", picture_of(output.input));
    add("posed", picture_of(output.target));
    const NamedImage* result = nullptr;
    for (const NamedImage& image : output.images) {
      if (image.image.is_same(output.result)) {
        result = &image;
      } else {
        add(image.name.c_str(), picture_of(image.image));
      }
    }
    if (output.alpha.defined()) add("alpha", alpha_picture(output.alpha));
    if (result != nullptr) add(result->name.c_str(), picture_of(result->image));
    options.columns = static_cast<int>(pictures.size() - first);
  }
  if (pictures.empty()) return {};
  return contact_sheet(pictures, options);
}

}  // namespace tha4
