#include "tha4/teacher/test_set.h"

#include <algorithm>
#include <array>
#include <cmath>
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

constexpr std::int64_t kSampledTriples = 4;

/// A perfect image counts as this many dB in means: infinity would hide all others.
constexpr double kMostPsnr = 100;

double psnr_sum(const at::Tensor& a, const at::Tensor& b) {
  return network_psnr(a, b).clamp_max(kMostPsnr).sum().item<double>();
}

double ssim_sum(const at::Tensor& a, const at::Tensor& b) {
  return ssim(seen_pictures(a), seen_pictures(b)).sum().item<double>();
}

/// Squared errors of the pixels whose target differs from the input, and how many values those are.
std::array<double, 3> moved_errors(const TaskOutput& output) {
  constexpr double kDifference = 0.02;  // of [-1, 1]: two levels and a half of 8 bits
  const at::Tensor moved =
      ((output.target - output.input).abs().amax(1, true) > kDifference).to(torch::kFloat);
  const auto sum = [&](const at::Tensor& image) {
    return ((image - output.target).square() * moved).sum().item<double>();
  };
  return {sum(output.result), sum(output.input),
          moved.sum().item<double>() * static_cast<double>(output.target.size(1))};
}

/// PSNR of values in [-1, 1] from a sum of squared errors.
double psnr_of(double squared_errors, double count) {
  return std::min(kMostPsnr, 10 * std::log10(4 * count / std::max(squared_errors, 1e-12)));
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
  std::vector<Triple> triples;
  for (int i = group.rank(); i < images; i += group.size()) triples.push_back(source.next());
  constexpr std::size_t kAtOnce = 8;
  for (std::size_t first = 0; first < triples.size(); first += kAtOnce) {
    triples_.push_back(pack(std::span(triples).subspan(first, std::min(kAtOnce, triples.size() - first))));
  }
}

std::vector<Measure> TestSet::score(NetworkTask& task, const TrainingPhase& phase) const {
  const torch::NoGradGuard no_grad;
  constexpr std::array<const char*, 4> kNames = {"validation_psnr", "validation_ssim", "validation_rest_psnr",
                                                 "validation_rest_ssim"};
  std::array<double, 8> sums{};  // of the names, of moved_errors(), and the number of images
  for (const PackedTriples& triples : triples_) {
    const TaskOutput output = task.run(seen(unpack(triples, device_), task.view()), phase);
    sums[0] += psnr_sum(output.result, output.target);
    sums[1] += ssim_sum(output.result, output.target);
    sums[2] += psnr_sum(output.input, output.target);
    sums[3] += ssim_sum(output.input, output.target);
    const auto moved = moved_errors(output);
    for (std::size_t i = 0; i < moved.size(); ++i) sums[4 + i] += moved[i];
    sums[7] += static_cast<double>(triples.count());
  }
  std::array<double, 8> totals{};
  for (const std::string& text : group_.gather(nlohmann::json(sums).dump())) {
    const auto of_rank = nlohmann::json::parse(text);
    for (std::size_t i = 0; i < totals.size(); ++i) totals[i] += of_rank[i].get<double>();
  }
  std::vector<Measure> measures;
  const double count = totals[7];
  for (std::size_t i = 0; i < kNames.size() && count > 0; ++i)
    measures.push_back({kNames[i], totals[i] / count});
  if (totals[6] > 0) {
    measures.push_back({"validation_moved_psnr", psnr_of(totals[4], totals[6])});
    measures.push_back({"validation_rest_moved_psnr", psnr_of(totals[5], totals[6])});
  }
  return measures;
}

RgbaImage TestSet::sample_picture(NetworkTask& task, const TrainingPhase& phase) const {
  const torch::NoGradGuard no_grad;
  std::vector<RgbaImage> pictures;
  ContactSheetOptions options;
  for (std::int64_t i = 0; !triples_.empty() && i < std::min(kSampledTriples, triples_.front().count());
       ++i) {
    const std::size_t first = pictures.size();
    const auto add = [&](const char* label, RgbaImage picture) {
      pictures.push_back(std::move(picture));
      options.labels.emplace_back(label);
    };
    const PackedTriples& some = triples_.front();
    const PackedTriples triple{some.rest.narrow(0, i, 1), some.posed.narrow(0, i, 1),
                               some.poses.narrow(0, i, 1)};
    const TaskOutput output = task.run(seen(unpack(triple, device_), task.view()), phase);
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
