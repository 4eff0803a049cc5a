#include "tha4/metrics/picture_metrics.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <vector>

#include "metrics_fixtures.h"
#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "tha4/image/color.h"
#include "tha4/image/image_io.h"
#include "tha4/metrics/psnr.h"
#include "tha4/metrics/seen_picture.h"
#include "tha4/metrics/ssim.h"

namespace tha4 {
namespace {

TEST(MovedPsnr, IsOfThePixelsThatMoveAlone) {
  const at::Tensor before = torch::full({1, 3, 8, 8}, 0.5);
  at::Tensor truth = before.clone(), image = before.clone();
  truth[0].slice(1, 0, 2).fill_(0.9);   // two rows move,
  truth[0].slice(1, 4, 5).add_(0.004);  // another does not count as moved,
  image[0].slice(1, 0, 2).fill_(0.8);   // and of what moves all is wrong by 0.1,
  image[0].slice(1, 6, 8).fill_(0);     // while errors elsewhere are not looked at
  EXPECT_NEAR(moved_psnr(truth, image, before).item<double>(), 20, 1e-3);
  EXPECT_NEAR(moved_psnr(truth, before, before).item<double>(), -20 * std::log10(0.4), 1e-3);
}

TEST(MeanScore, CountsEachAsSoMuchAtMost) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto mean = [](std::vector<double> scores) { return mean_score(scores, 100); };
  EXPECT_EQ(mean({20, 30}), 25);
  EXPECT_EQ(mean({20, 140}), 60);
  EXPECT_EQ(mean({20, kInfinity}), 60);
  EXPECT_EQ(mean({kInfinity, kInfinity}), kInfinity);
  EXPECT_EQ(mean({-kInfinity, 10}), -kInfinity);
  EXPECT_TRUE(std::isnan(mean({20, std::nan("")})));
  EXPECT_TRUE(std::isnan(mean({})));
}

TEST(PictureMetrics, AreThoseOfTheReference) {
  std::ifstream stream(data_file("metrics/expected.json"));
  const nlohmann::json expected = nlohmann::json::parse(stream);
  const PictureMetrics metrics({PictureMetric::psnr, PictureMetric::ssim}, {});
  for (const nlohmann::json& pair : expected["pairs"]) {
    const auto picture = [&](const char* key) {
      return seen_picture(read_image(data_file("metrics") / pair[key].get<std::string>()));
    };
    const at::Tensor scores = metrics.measure(picture("a"), picture("b"));
    const double psnr = scores[0][0].item<double>();
    if (pair["psnr"].is_string()) {
      EXPECT_TRUE(std::isinf(psnr) && psnr > 0) << psnr;
    } else {
      EXPECT_NEAR(psnr, pair["psnr"].get<double>(), 1e-5);
    }
    EXPECT_NEAR(scores[0][1].item<double>(), pair["ssim"].get<double>(), 1e-6);
  }
}

/// By its definition, pixel by pixel.
TEST(Ssim, IsTheMeanOverWindows) {
  torch::manual_seed(0);
  const at::Tensor a = torch::rand({2, 3, 13, 12}), b = (a + 0.2 * torch::rand_like(a)).clamp(0, 1);
  const at::Tensor x = a.to(torch::kFloat64), y = b.to(torch::kFloat64);
  const at::Tensor taps = torch::exp(-torch::arange(-5, 6, torch::kFloat64).square() / (2 * 1.5 * 1.5));
  const at::Tensor window = taps.unsqueeze(1) * taps / taps.sum().square();
  for (int n = 0; n < 2; ++n) {
    double sum = 0;
    for (int c = 0; c < 3; ++c) {
      for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 2; ++column) {
          const auto part = [&](const at::Tensor& t) {
            return t[n][c].narrow(0, row, 11).narrow(1, column, 11);
          };
          const auto mean = [&](const at::Tensor& t) { return (t * window).sum().item<double>(); };
          const double mx = mean(part(x)), my = mean(part(y));
          const double xx = mean((part(x) - mx).square()), yy = mean((part(y) - my).square());
          const double xy = mean((part(x) - mx) * (part(y) - my));
          sum += (2 * mx * my + 1e-4) * (2 * xy + 9e-4) / ((mx * mx + my * my + 1e-4) * (xx + yy + 9e-4));
        }
      }
    }
    EXPECT_NEAR(ssim(a, b)[n].item<double>(), sum / 18, 1e-12);
  }
}

TEST(Ssim, RefusesPicturesThatAreTooSmall) {
  const at::Tensor tiny = torch::rand({1, 3, 10, 40});
  EXPECT_NE(input_error_message([&] { ssim(tiny, tiny); }).find("11x11 pixels, not 40x10"),
            std::string::npos);
}

TEST(SeenPicture, LaysTransparencyOverTheBackground) {
  RgbaImage image(2, 1);
  image.pixels = {255, 0, 0, 255, 0, 200, 0, 0};
  const at::Tensor on_white = seen_picture(image);
  EXPECT_TRUE(at::equal(on_white[0].flatten(1).t(), torch::tensor({{1.F, 0.F, 0.F}, {1.F, 1.F, 1.F}})));
  const at::Tensor on_color = seen_picture(image, SrgbColor{10, 20, 30});
  EXPECT_TRUE(
      at::allclose(on_color[0].flatten(1).t() * 255, torch::tensor({{255.F, 0.F, 0.F}, {10.F, 20.F, 30.F}})));
}

TEST(SeenPicture, OfAnImageAndOfItsTensorAreTheSame) {
  RgbaImage image(16, 16);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(i * 37 % 256);
  const at::Tensor seen = seen_picture(image, SrgbColor{200, 10, 90});
  const at::Tensor of_tensor = seen_pictures(to_image_tensor(image).unsqueeze(0), SrgbColor{200, 10, 90});
  // A half-transparent level may lie so near to the middle of two that single precision decides.
  EXPECT_LE((seen - of_tensor).abs().max().item<double>(), 1.01 / 255);
  EXPECT_LT((seen - of_tensor).ne(0).to(torch::kFloat64).mean().item<double>(), 0.01);
  EXPECT_EQ(to_opaque_image(seen[0]).pixels, lay_over(image, SrgbColor{200, 10, 90}).pixels);
}

TEST(SeenPicture, DifferenceIsMagnified) {
  const at::Tensor a = torch::full({3, 1, 1}, 100.F / 255), b = torch::full({3, 1, 1}, 110.F / 255);
  EXPECT_EQ(seen_difference(a, b).pixels, (std::vector<std::uint8_t>{40, 40, 40, 255}));
}

TEST(PictureMetrics, AreNamedInAList) {
  EXPECT_EQ(parse_picture_metrics("ssim,psnr"), (std::vector{PictureMetric::ssim, PictureMetric::psnr}));
  EXPECT_NE(input_error_message([] { parse_picture_metrics("psnr,mse"); }).find("'mse' is no metric"),
            std::string::npos);
  EXPECT_NE(input_error_message([] { parse_picture_metrics(""); }).find("'' is no metric"),
            std::string::npos);
  EXPECT_NE(input_error_message([] { parse_picture_metrics("psnr,psnr"); }).find("twice"), std::string::npos);
}

}  // namespace
}  // namespace tha4
