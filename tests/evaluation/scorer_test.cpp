#include "tha4/evaluation/scorer.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/metrics/seen_picture.h"
#include "tha4/metrics/ssim.h"

namespace tha4 {
namespace {

at::Tensor random_images(std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::rand({2, 4, 16, 16}) * 2 - 1;
}

TEST(Scorer, GivesEachImageTheScoresOfItsMetricsInTheirOrder) {
  const Scorer scorer({ImagePsnr::network, ImagePsnr::seen},
                      PictureMetrics({PictureMetric::ssim, PictureMetric::psnr}, {}));
  std::vector<std::string> keys;
  for (const MetricDescription& metric : scorer.metrics()) keys.push_back(metric.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"network_psnr", "seen_psnr", "ssim", "psnr"}));

  const at::Tensor truth = random_images(1), images = random_images(2);
  const at::Tensor scores = scorer.score(truth, images);
  ASSERT_EQ(scores.sizes(), (std::vector<std::int64_t>{2, 4}));
  EXPECT_TRUE(torch::equal(scores.select(1, 0), network_psnr(truth, images)));
  EXPECT_TRUE(torch::equal(scores.select(1, 1), seen_psnr(truth, images)));
  const at::Tensor a = seen_pictures(truth), b = seen_pictures(images);
  EXPECT_TRUE(torch::equal(scores.select(1, 2), ssim(a, b)));
  EXPECT_TRUE(torch::equal(scores.select(1, 3), psnr(a, b)));
}

TEST(Scorer, LaysPicturesOverTheBackgroundThatIsAskedFor) {
  const PictureMetrics pictures({PictureMetric::psnr}, {});
  const at::Tensor truth = random_images(1), images = random_images(2);
  const double on_white = Scorer({}, pictures).score(truth, images)[0][0].item<double>();
  const double on_black = Scorer({}, pictures, {0, 0, 0}).score(truth, images)[0][0].item<double>();
  EXPECT_NE(on_white, on_black);
  // What is rounded to 8 bits differs a little from what is not.
  EXPECT_NEAR(on_white, seen_psnr(truth, images)[0].item<double>(), 0.02);
}

TEST(ImagePsnr, PeopleReadOneNameOfPicturesAsSeen) {
  EXPECT_EQ(description_of(PictureMetric::psnr).label, description_of(ImagePsnr::seen).label);
  EXPECT_NE(description_of(ImagePsnr::network).label, description_of(ImagePsnr::seen).label);
}

}  // namespace
}  // namespace tha4
