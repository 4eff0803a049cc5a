#include "tha4/distill/local_basis.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace tha4 {
namespace {

TEST(PrincipalComponents, GiveBackSamplesOfTheirRank) {
  torch::manual_seed(1);
  const auto samples = torch::bmm(torch::randn({2, 20, 3}), torch::randn({2, 3, 50}));
  const LocalBasis local = principal_components(samples, 3);
  EXPECT_LT((torch::bmm(local.weights, local.basis) - samples).abs().max().item<double>(), 1e-4);
  const auto products = torch::bmm(local.basis, local.basis.transpose(1, 2));
  EXPECT_LT((products - torch::eye(3)).abs().max().item<double>(), 1e-4);
  // The most important first.
  const auto variance = local.weights.square().mean(1);
  EXPECT_TRUE((variance.narrow(1, 0, 2) >= variance.narrow(1, 1, 2)).all().item<bool>());
}

TEST(PrincipalComponents, OfManySamplesLeaveHardlyMoreThanTheBestWould) {
  torch::manual_seed(4);
  // As those of maps do, variances fall slowly.
  const auto falling = torch::arange(1, 201, torch::kFloat32).pow(-0.8);
  const auto samples = torch::bmm(torch::randn({2, 300, 200}) * falling, torch::randn({2, 200, 700}));
  const LocalBasis local = principal_components(samples, 12);
  const auto products = torch::bmm(local.basis, local.basis.transpose(1, 2));
  EXPECT_LT((products - torch::eye(12)).abs().max().item<double>(), 1e-4);
  const double left = (samples - torch::bmm(local.weights, local.basis)).square().sum().item<double>();
  const auto values = torch::linalg_svdvals(samples.to(torch::kFloat64));
  const double best = values.narrow(1, 12, values.size(1) - 12).square().sum().item<double>();
  EXPECT_LT(left, 1.01 * best);
}

TEST(PrincipalComponents, OfTooFewOrEqualSamplesAreFinite) {
  const auto few = principal_components(torch::randn({1, 4, 50}), 8);
  EXPECT_EQ(few.basis.size(1), 4);
  const auto none = principal_components(torch::zeros({1, 6, 50}), 3);
  EXPECT_EQ(none.basis.abs().max().item<double>(), 0);
}

TEST(FindMovingRegions, SeparatesPartsAndGivesAllPixelsOnce) {
  torch::manual_seed(2);
  auto crops = torch::zeros({30, 4, 128, 128});
  crops.narrow(2, 20, 6).narrow(3, 30, 8).copy_(torch::randn({30, 4, 6, 8}));
  crops.narrow(2, 80, 10).narrow(3, 60, 10).copy_(torch::randn({30, 4, 10, 10}));
  crops.index_put_({torch::indexing::Slice(), 0, 120, 5}, 0.01 * torch::randn({30}));
  const auto regions = find_moving_regions(crops, 0.005, 1, 0.004);
  ASSERT_EQ(regions.size(), 3);
  EXPECT_EQ(regions[0].size(0), 8 * 10);
  EXPECT_EQ(regions[1].size(0), 12 * 12);
  const auto all = std::get<0>(torch::cat(regions).sort());
  EXPECT_TRUE(torch::equal(all, torch::arange(128 * 128)));
}

TEST(FindMovingRegions, OfAFaceThatDoesNotMoveIsOneRegion) {
  EXPECT_EQ(find_moving_regions(torch::ones({5, 4, 128, 128}), 0.005, 2, 0.004).size(), 1);
}

}  // namespace
}  // namespace tha4
