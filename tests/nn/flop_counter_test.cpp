#include "tha4/nn/cost/flop_counter.h"

#include <functional>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/convolution.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

std::int64_t flops_of(const std::function<void()>& work) {
  const FlopCounter counter;
  work();
  return counter.flops();
}

TEST(FlopCounter, CountsConvolutions) {
  const torch::NoGradGuard no_grad;
  const auto image = torch::rand({2, 3, 10, 12});
  EXPECT_EQ(flops_of([&] {
              torch::conv2d(image, torch::rand({5, 3, 3, 3}), {}, 1, 1);
            }),
            2 * (2 * 10 * 12) * (5 * 3 * 9));
  EXPECT_EQ(flops_of([&] {
              torch::conv2d(image, torch::rand({5, 3, 3, 3}), torch::rand({5}), 1, at::IntArrayRef{0, 0}, 2);
            }),
            2 * (2 * 6 * 8) * (5 * 3 * 9))
      << "a kernel of 3 with dilation 2 reaches over 5 pixels";
  EXPECT_EQ(flops_of([&] {
              torch::conv2d(image, torch::rand({6, 1, 4, 4}), {}, 2, 1, 1, /*groups=*/3);
            }),
            2 * (2 * 5 * 6) * (6 * 1 * 16));
}

TEST(FlopCounter, CountsTransposedConvolutionsAtTheInputsPixels) {
  const torch::NoGradGuard no_grad;
  Convolution layer(
      ConvolutionOptions{.inputs = 3, .outputs = 5, .kernel = 4, .stride = 2, .transposed = true});
  EXPECT_EQ(flops_of([&] { layer->forward(torch::rand({2, 3, 10, 12})); }), 2 * (2 * 10 * 12) * (3 * 5 * 16));
}

TEST(FlopCounter, CountsMatrixProductsWhateverTheirTypeAndRank) {
  const torch::NoGradGuard no_grad;
  for (const auto type : {torch::kFloat, torch::kBFloat16, torch::kDouble}) {
    SCOPED_TRACE(torch::toString(type));
    const auto random = [&](std::vector<std::int64_t> sizes) { return torch::rand(sizes).to(type); };
    const auto weight = random({16, 8});
    const auto bias = random({16});
    EXPECT_EQ(flops_of([&] { torch::linear(random({6, 8}), weight, bias); }), 2 * 6 * 8 * 16);
    EXPECT_EQ(flops_of([&] { torch::linear(random({3, 6, 8}), weight, bias); }), 2 * 18 * 8 * 16);
    EXPECT_EQ(flops_of([&] { torch::linear(random({2, 3, 6, 8}), weight); }), 2 * 36 * 8 * 16);
    EXPECT_EQ(flops_of([&] { torch::matmul(random({3, 6, 8}), random({3, 8, 4})); }), 2 * 3 * 6 * 8 * 4);
    EXPECT_EQ(flops_of([&] { torch::matmul(random({6, 8}), random({8})); }), 2 * 6 * 8);
    EXPECT_EQ(flops_of([&] { torch::addmm(bias, random({6, 8}), weight.t()); }), 2 * 6 * 8 * 16);
    EXPECT_EQ(flops_of([&] {
                torch::einsum("bct,bcs->bts", {random({2, 5, 7}), random({2, 5, 9})});
              }),
              2 * 2 * 7 * 5 * 9);
  }
}

TEST(FlopCounter, CountsAttentionOnceHoweverItIsCalculated) {
  const torch::NoGradGuard no_grad;
  for (const auto type : {torch::kFloat, torch::kBFloat16}) {
    const auto query = torch::rand({2, 8, 64, 16}).to(type);
    const auto key = torch::rand({2, 8, 32, 16}).to(type);
    EXPECT_EQ(flops_of([&] { torch::scaled_dot_product_attention(query, key, key); }),
              2 * (2 * 8) * (64 * 32) * (16 + 16));
  }
}

TEST(FlopCounter, CountsTheGradientsOfWhatIsLearnt) {
  const auto image = torch::rand({2, 3, 8, 8});
  const auto weight = torch::rand({5, 3, 3, 3}, torch::requires_grad());
  const auto last = torch::rand({4, 5, 1, 1}, torch::requires_grad());
  const std::int64_t first_layer = 2 * (2 * 64) * (5 * 3 * 9);
  const std::int64_t last_layer = 2 * (2 * 64) * (4 * 5);
  EXPECT_EQ(flops_of([&] { torch::conv2d(torch::conv2d(image, weight, {}, 1, 1), last).sum().backward(); }),
            2 * first_layer + 3 * last_layer)
      << "the image itself needs no gradient";
}

TEST(FlopCounter, EndsWithItsLifeAndIsAlone) {
  const auto matrix = torch::rand({4, 4});
  {
    const FlopCounter counter;
    EXPECT_THROW(FlopCounter(), Error);
    torch::mm(matrix, matrix);
    EXPECT_EQ(counter.flops(), 2 * 64);
  }
  torch::mm(matrix, matrix);
  const FlopCounter counter;
  EXPECT_EQ(counter.flops(), 0);
}

/// Multiply-adds of a SIREN's layers at every pixel of \p size x \p size, the pose among their inputs.
std::int64_t multiply_adds_at(std::int64_t size, const std::vector<std::pair<int, int>>& layers) {
  std::int64_t of_pixel = 0;
  for (const auto& [inputs, outputs] : layers) of_pixel += inputs * outputs;
  return size * size * of_pixel;
}

// Counted by hand, there are 37.9 GFLOP for a frame of the published student, every layer at every pixel
// of its level, and 27.6 with the pose folded into biases and each level's first layer at the size of the
// level before. Three layers a level, as the checkpoints have them (state_dict_manifest.json).
TEST(FlopCounter, CountsTheStudentsFrameAsTheDesignDoes) {
  const std::int64_t face = multiply_adds_at(128, {{41, 128}, {128, 7 * 128}, {128, 4}});
  const std::int64_t published = face + multiply_adds_at(128, {{47, 360}, {360, 360}, {360, 180}}) +
                                 multiply_adds_at(256, {{227, 180}, {180, 180}, {180, 90}}) +
                                 multiply_adds_at(512, {{137, 90}, {90, 90}, {90, 90}, {90, 7}});
  EXPECT_NEAR(2e-9 * static_cast<double>(published), 37.9, 0.05);

  const std::int64_t positions = multiply_adds_at(128, {{2, 128 + 360}}) + multiply_adds_at(256, {{2, 180}}) +
                                 multiply_adds_at(512, {{2, 90}});
  const std::int64_t poses = 39 * 128 + 45 * (360 + 180 + 90);
  const std::int64_t hidden = multiply_adds_at(128, {{128, 7 * 128}, {360, 360}, {360, 180}, {180, 180}}) +
                              multiply_adds_at(256, {{180, 180}, {180, 90}, {90, 90}}) +
                              multiply_adds_at(512, {{90, 90}, {90, 90}});
  const std::int64_t outputs = multiply_adds_at(128, {{128, 4}}) + multiply_adds_at(512, {{90, 7}});
  const std::int64_t saved = positions + poses + hidden + outputs;
  EXPECT_NEAR(2e-9 * static_cast<double>(saved), 27.6, 0.05);

  // Ours calculates the output layers with 16 outputs, and every tile's terms of the poses again.
  const std::int64_t surplus = multiply_adds_at(128, {{128, 16 - 4}}) + multiply_adds_at(512, {{90, 16 - 7}});
  const std::int64_t tiles = (128 * 128 + 256 * 256 + 512 * 512) / 4096;
  const torch::NoGradGuard no_grad;
  SirenFaceMorpher face_morpher;
  SirenBodyRotator body_rotator;
  const std::int64_t counted = flops_of([&] {
    face_morpher->draw(torch::zeros({1, kFacePoseSize}));
    body_rotator->rotate(torch::zeros({1, 4, 512, 512}), torch::zeros({1, kPoseSize}), FrameWindow{});
  });
  EXPECT_GE(counted, 2 * (saved + surplus));
  EXPECT_LE(counted, 2 * (saved + surplus + tiles * poses));
}

}  // namespace
}  // namespace tha4
