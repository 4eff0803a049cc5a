#include "tha4/evaluation/validation_set.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "tha4/evaluation/scorer.h"
#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/metrics/psnr.h"

namespace tha4 {
namespace {

constexpr std::int64_t kSampledTriples = 4;

Scorer make_scorer() {
  return Scorer({ImagePsnr::network}, PictureMetrics({PictureMetric::ssim}, {}));
}

/// The sums over the images of a batch of both scores of make_scorer().
std::array<double, 2> score_sums(const Scorer& scorer, const at::Tensor& target, const at::Tensor& images) {
  const at::Tensor scores = scorer.score(target, images).t().contiguous();
  return {scores[0].clamp_max(kMaxPsnrInMean).sum().item<double>(), scores[1].sum().item<double>()};
}

/// Squared errors of the pixels whose target differs from the input, and how many values those are.
std::array<double, 3> moved_errors(const MadeImages& made) {
  constexpr double kDifference = 0.02;  // of [-1, 1]: two levels and a half of 8 bits
  const at::Tensor moved = ((made.target - made.input).abs().amax(1, true) > kDifference).to(torch::kFloat);
  const auto sum = [&](const at::Tensor& image) {
    return ((image - made.target).square() * moved).sum().item<double>();
  };
  return {sum(made.result), sum(made.input),
          moved.sum().item<double>() * static_cast<double>(made.target.size(1))};
}

/// PSNR of values in [-1, 1] from a sum of squared errors.
double psnr_of(double squared_errors, double count) {
  return std::min(kMaxPsnrInMean, 10 * std::log10(4 * count / std::max(squared_errors, 1e-12)));
}

RgbaImage picture_of(const at::Tensor& image) {
  return to_rgba_image(image.squeeze(0).cpu().to(torch::kFloat32));
}

RgbaImage alpha_picture(const at::Tensor& alpha) {
  return grey_image(alpha.squeeze(0).mean(0).cpu().to(torch::kFloat32));
}

}  // namespace

ValidationSet::ValidationSet(TripleSource& source, int images, ProcessGroup& group, c10::Device device)
    : group_(group), device_(device) {
  std::vector<Triple> triples;
  for (int i = group.rank(); i < images; i += group.size()) triples.push_back(source.next());
  constexpr std::size_t kAtOnce = 8;
  for (std::size_t first = 0; first < triples.size(); first += kAtOnce) {
    triples_.push_back(pack(std::span(triples).subspan(first, std::min(kAtOnce, triples.size() - first))));
  }
}

std::vector<Measure> ValidationSet::score(const ImageMaker& make) const {
  const torch::NoGradGuard no_grad;
  const Scorer scorer = make_scorer();
  constexpr std::array<const char*, 4> kNames = {"validation_psnr", "validation_ssim", "validation_rest_psnr",
                                                 "validation_rest_ssim"};
  std::array<double, 8> sums{};  // of the names, of moved_errors(), and the number of images
  for (const PackedTriples& triples : triples_) {
    const MadeImages made = make(unpack(triples, device_));
    const auto of_result = score_sums(scorer, made.target, made.result);
    const auto of_input = score_sums(scorer, made.target, made.input);
    for (std::size_t i = 0; i < of_result.size(); ++i) {
      sums[i] += of_result[i];
      sums[2 + i] += of_input[i];
    }
    const auto moved = moved_errors(made);
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

RgbaImage ValidationSet::sample_picture(const ImageMaker& make) const {
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
    const MadeImages made = make(unpack(triple, device_));
    add("rest", picture_of(made.input));
    add("posed", picture_of(made.target));
    const NamedImage* result = nullptr;
    for (const NamedImage& image : made.images) {
      if (image.image.is_same(made.result)) {
        result = &image;
      } else {
        add(image.name.c_str(), picture_of(image.image));
      }
    }
    if (made.alpha.defined()) add("alpha", alpha_picture(made.alpha));
    if (result != nullptr) add(result->name.c_str(), picture_of(result->image));
    options.columns = static_cast<int>(pictures.size() - first);
  }
  if (pictures.empty()) return {};
  return contact_sheet(pictures, options);
}

}  // namespace tha4
