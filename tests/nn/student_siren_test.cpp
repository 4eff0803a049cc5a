#include <fstream>

#include "input_error_message.h"
#include "tensor_difference.h"
#include <nlohmann/json.hpp>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/nn/student/student_kind.h"

namespace tha4 {
namespace {

using torch::indexing::Slice;

nlohmann::json manifest(const std::string& network) {
  std::ifstream stream(std::filesystem::path(THA4_FIXTURES_DIR) / "state_dict_manifest.json");
  return nlohmann::json::parse(stream).at(network);
}

void expect_manifest(const torch::nn::Module& module, const std::string& network) {
  const auto expected = manifest(network);
  const StateDict state = state_dict_of(module);
  EXPECT_EQ(state.size(), expected.size());
  for (const auto& item : state) {
    ASSERT_TRUE(expected.contains(item.key())) << item.key();
    EXPECT_EQ(item.value().sizes().vec(), expected[item.key()][0].get<std::vector<std::int64_t>>())
        << item.key();
  }
}

TEST(SirenStudent, HasTheKeysAndShapesOfTheOfficialCheckpoints) {
  expect_manifest(*SirenFaceMorpher(), "student_face_morpher");
  expect_manifest(*SirenBodyRotator(), "student_body_morpher");
}

TEST(SirenStudent, StartsWithThePapersInitialisation) {
  torch::manual_seed(1);
  const StateDict face = state_dict_of(*SirenFaceMorpher());
  const auto largest = [&](const char* key) { return face[key].abs().max().item<double>(); };
  EXPECT_NEAR(largest("siren.sine_layers.0.linear.weight"), 1.0 / 41, 1e-3 / 41);
  EXPECT_NEAR(largest("siren.sine_layers.3.linear.weight"), std::sqrt(6.0 / 128) / 30, 1e-5);
  EXPECT_NEAR(face["siren.last_linear.weight"].std().item<double>(), std::sqrt(2.0 / 128), 0.015);

  const StateDict body = state_dict_of(*SirenBodyRotator());
  EXPECT_NEAR(body["siren_layers.0.0.linear.weight"].abs().max().item<double>(), 1.0 / 47, 1e-3 / 47);
  // Only the very first layer of the network is a SIREN's first layer.
  EXPECT_NEAR(body["siren_layers.1.0.linear.weight"].abs().max().item<double>(), std::sqrt(6.0 / 227) / 30,
              1e-5);
}

/// The definition of the multi-resolution SIREN (paper, figure 5), layer by layer as written, in float64.
torch::Tensor body_by_definition(const StateDict& state, const std::vector<int>& sizes,
                                 const torch::Tensor& poses, int layers) {
  const auto layer = [&](const std::string& name, const torch::Tensor& x) {
    return torch::conv2d(x, state[name + ".weight"].to(torch::kFloat64),
                         state[name + ".bias"].to(torch::kFloat64));
  };
  torch::Tensor x;
  for (std::size_t level = 0; level < sizes.size(); ++level) {
    const int size = sizes[level];
    const auto positions = torch::affine_grid_generator(torch::eye(2, 3, torch::kFloat64).unsqueeze(0),
                                                        {1, 1, size, size}, false)
                               .permute({0, 3, 1, 2})
                               .expand({poses.size(0), 2, size, size});
    const auto pose_image = poses.to(torch::kFloat64)
                                .view({poses.size(0), -1, 1, 1})
                                .expand({poses.size(0), poses.size(1), size, size});
    std::vector<torch::Tensor> inputs = {positions, pose_image};
    if (level > 0) {
      inputs.insert(inputs.begin(), torch::upsample_bilinear2d(x, {size, size}, false));
    }
    x = torch::cat(inputs, 1);
    for (int i = 0; i < layers; ++i) {
      x = torch::sin(30 *
                     layer("siren_layers." + std::to_string(level) + "." + std::to_string(i) + ".linear", x));
    }
  }
  return layer("last_linear", x);
}

SirenBodyRotatorOptions small_body() {
  return {.levels = {{8, 12}, {16, 10}, {32, 6}}, .sine_layers = 3};
}

/// Small weights at the end keep the flow within the image.
SirenBodyRotator seeded_small_body() {
  torch::manual_seed(3);
  SirenBodyRotator body(small_body());
  torch::NoGradGuard no_grad;
  state_dict_of(*body)["last_linear.weight"].mul_(0.1);
  return body;
}

TEST(SirenBodyRotator, EqualsItsDefinition) {
  SirenBodyRotator body = seeded_small_body();
  const auto poses = torch::rand({2, 45});
  const auto image = torch::rand({2, 4, 512, 512}) * 2 - 1;
  const auto expected = body_by_definition(state_dict_of(*body), {8, 16, 32}, poses, 3);
  torch::NoGradGuard no_grad;
  const RotatorOutput drawn = body->rotate(image, poses, FrameWindow::whole(32));
  EXPECT_LT(largest_difference(drawn.flow, expected.narrow(1, 0, 2)), 1e-5);
  EXPECT_LT(largest_difference(drawn.alpha, expected.narrow(1, 2, 1)), 1e-5);
  EXPECT_LT(largest_difference(drawn.direct, expected.narrow(1, 3, 4)), 1e-5);
  EXPECT_LT(largest_difference(drawn.blended, (1 - drawn.alpha) * drawn.warped + drawn.alpha * drawn.direct),
            1e-5);
}

TEST(SirenBodyRotator, RoundsItsResultAloneWithoutGradients) {
  SirenBodyRotator body = seeded_small_body();
  {
    torch::NoGradGuard no_grad;
    state_dict_of(*body)["siren_layers.0.0.linear.weight"].mul_(20);  // float32 sums would be off by 1e-6
  }
  const auto poses = torch::rand({1, 45});
  const auto expected = body_by_definition(state_dict_of(*body), {8, 16, 32}, poses, 3);
  torch::NoGradGuard no_grad;
  const RotatorOutput drawn = body->rotate(torch::zeros({1, 4, 512, 512}), poses, FrameWindow::whole(32));
  EXPECT_LT(largest_difference(drawn.flow, expected.narrow(1, 0, 2)), 6e-8);
  EXPECT_LT(largest_difference(drawn.direct, expected.narrow(1, 3, 4)), 6e-8);
}

TEST(SirenBodyRotator, DrawsTheSameWithAndWithoutGradients) {
  SirenBodyRotator body = seeded_small_body();
  const auto poses = torch::rand({2, 45});
  const auto image = torch::rand({2, 4, 512, 512}) * 2 - 1;
  const RotatorOutput with = body->rotate(image, poses, FrameWindow{});
  torch::NoGradGuard no_grad;
  const RotatorOutput without = body->rotate(image, poses, FrameWindow{});
  EXPECT_LT(largest_difference(with.flow.detach(), without.flow), 1e-5);
  EXPECT_LT(largest_difference(with.direct.detach(), without.direct), 1e-5);
}

void expect_regions_are_crops(StudentBodyRotator& body, const std::vector<int>& resolutions) {
  const auto poses = torch::rand({1, 45});
  // A picture that changes gradually: in white noise, the last bit of the flow alone makes a difference of
  // 1e-4.
  const auto image = torch::upsample_bilinear2d(torch::rand({1, 4, 32, 32}) * 2 - 1, {512, 512}, false);
  torch::NoGradGuard no_grad;
  for (const int resolution : resolutions) {
    const RotatorOutput whole = body.rotate(image, poses, FrameWindow::whole(resolution));
    for (const Region region :
         {Region{0, 0, 1, 1}, Region{3, 5, 17, 11}, Region{resolution - 9, resolution - 4, 9, 4}}) {
      const RotatorOutput part = body.rotate(image, poses, {resolution, region});
      const auto same = [&](const torch::Tensor& frame, const torch::Tensor& window) {
        const auto cut = frame.narrow(2, region.y, region.height).narrow(3, region.x, region.width);
        return largest_difference(cut, window);
      };
      EXPECT_LT(same(whole.flow, part.flow), 1e-6) << resolution;
      EXPECT_LT(same(whole.direct, part.direct), 1e-5) << resolution;
      EXPECT_LT(same(whole.warped, part.warped), 1e-5) << resolution;
      EXPECT_LT(same(whole.blended, part.blended), 1e-5) << resolution;
    }
  }
}

TEST(SirenBodyRotator, DrawsAnyRegionAsTheCropOfTheWholeFrame) {
  expect_regions_are_crops(*seeded_small_body(), {512, 96, 33});
}

TEST(SirenBodyRotator, GradientsAreRightInDoublePrecision) {
  torch::manual_seed(5);
  SirenBodyRotator body(SirenBodyRotatorOptions{.levels = {{2, 3}, {4, 3}, {8, 2}}, .sine_layers = 2});
  body->to(torch::kFloat64);
  const auto poses = torch::rand({1, 45}, torch::kFloat64);
  const auto image = torch::rand({1, 4, 512, 512}, torch::kFloat64);
  const auto probe = torch::randn({1, 7, 4, 3}, torch::kFloat64);
  const auto loss = [&] {
    const RotatorOutput drawn = body->rotate(image, poses, {8, {2, 1, 3, 4}});
    return (torch::cat({drawn.flow, drawn.alpha, drawn.direct}, 1) * probe).sum();
  };
  body->zero_grad();
  loss().backward();
  constexpr double kStep = 1e-6;
  for (auto& item : body->named_parameters()) {
    torch::Tensor& parameter = item.value();
    const auto index = parameter.numel() / 2;
    const double gradient = parameter.grad().flatten()[index].item<double>();
    torch::NoGradGuard no_grad;
    auto element = parameter.view({-1})[index];
    element += kStep;
    const double above = loss().item<double>();
    element -= 2 * kStep;
    const double below = loss().item<double>();
    element += kStep;
    EXPECT_NEAR(gradient, (above - below) / (2 * kStep), 1e-6 * (1 + std::abs(gradient))) << item.key();
  }
}

TEST(SingleResolutionSiren, DrawsEveryLevelAtEveryPixel) {
  torch::manual_seed(7);
  SirenBodyRotator body(SirenBodyRotatorOptions{.levels = {{16, 6}, {16, 5}, {16, 4}}, .sine_layers = 2});
  const auto poses = torch::rand({1, 45});
  const auto expected = body_by_definition(state_dict_of(*body), {16, 16, 16}, poses, 2);
  torch::NoGradGuard no_grad;
  const RotatorOutput drawn = body->rotate(torch::zeros({1, 4, 512, 512}), poses, FrameWindow::whole(16));
  EXPECT_LT(largest_difference(drawn.direct, expected.narrow(1, 3, 4)), 1e-5);
}

TEST(SingleResolutionSiren, DrawsAnyRegionAsTheCropOfTheWholeFrame) {
  torch::manual_seed(8);
  SirenBodyRotator body(SirenBodyRotatorOptions{.levels = {{64, 6}, {64, 5}, {64, 4}}, .sine_layers = 2});
  torch::NoGradGuard no_grad;
  state_dict_of(*body)["last_linear.weight"].mul_(0.1);
  expect_regions_are_crops(*body, {96, 64, 33});
}

TEST(VanillaSiren, DrawsAnyRegionAsTheCropOfTheWholeFrame) {
  torch::manual_seed(10);
  VanillaSirenBodyRotator body(SirenOptions{.pose_size = 45, .width = 8, .sine_layers = 2, .outputs = 4});
  expect_regions_are_crops(*body, {512, 33});
}

TEST(VanillaSiren, DrawsTheImageDirectly) {
  torch::manual_seed(9);
  VanillaSirenBodyRotator body(SirenOptions{.pose_size = 45, .width = 8, .sine_layers = 2, .outputs = 4});
  torch::NoGradGuard no_grad;
  const auto image = torch::rand({1, 4, 512, 512});
  const RotatorOutput drawn = body->rotate(image, torch::rand({1, 45}), FrameWindow::whole(64));
  EXPECT_TRUE(torch::equal(drawn.blended, drawn.direct));
  EXPECT_EQ(drawn.alpha.min().item<double>(), 1);
  EXPECT_EQ(drawn.flow.abs().max().item<double>(), 0);
}

TEST(StudentKind, ReadsSizesFromTheCheckpointAndRefusesOtherNetworks) {
  torch::manual_seed(11);
  SirenBodyRotator narrow(SirenBodyRotatorOptions{.levels = {{128, 12}, {256, 10}, {512, 6}}});
  EXPECT_NO_THROW(make_body_rotator(BodyRotatorKind::siren, state_dict_of(*narrow), "body.pt"));
  EXPECT_THROW(make_face_morpher(FaceMorpherKind::siren, state_dict_of(*narrow), "body.pt"), InputError);
  EXPECT_THROW(make_body_rotator(BodyRotatorKind::blendshape, state_dict_of(*narrow), "body.pt"), InputError);
  EXPECT_EQ(input_error_message([] { parse_body_rotator_kind("blendshap"); }),
            "'blendshap' is not a kind of body rotator; did you mean 'blendshape'?");
}

}  // namespace
}  // namespace tha4
