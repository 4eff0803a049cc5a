#include <fstream>

#include "input_error_message.h"
#include "teacher_fixtures.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

using testing::expect_mentions;

StateDict weights_of(const std::string& network) {
  return read_weights(data_file("random_teacher") / (network + ".pt"));
}

/// What load_network says about \p state, or that it says nothing.
template <class Network>
std::string complaint(const StateDict& state) {
  return input_error_message([&] { load_network<Network>(state, "some.pt"); });
}

TEST(TeacherLoading, KeepsEveryValue) {
  const auto state = weights_of("upscaler");
  const auto loaded = state_dict_of(*load_network<Editor>(state, "upscaler.pt"));
  ASSERT_EQ(loaded.size(), state.size());
  for (const auto& entry : state)
    EXPECT_TRUE(torch::equal(loaded[entry.key()], entry.value())) << entry.key();
}

TEST(TeacherLoading, ReadsTheFoldOffTheFirstConvolution) {
  UNetOptions options = testing::small_unet();
  options.fold = 2;
  const auto state = state_dict_of(*HalfResolutionRotator(options));
  const auto image = testing::random_images(1, 32);
  const auto rotator = load_network<HalfResolutionRotator>(state, "some.pt");
  EXPECT_EQ(HalfResolutionRotator(rotator)->forward(image, torch::zeros({1, 6})).flow.size(2), 32);
  auto odd = state_dict_of(*HalfResolutionRotator(options));
  odd["body.first_conv.weight"] = torch::zeros({16, 8, 3, 3});
  expect_mentions(complaint<HalfResolutionRotator>(odd), {"some.pt", "body.first_conv.weight", "8 channels"});
}

TEST(TeacherLoading, NamesTheFirstKeyOfAFileOfAnotherNetwork) {
  expect_mentions(complaint<EyebrowDecomposer>(weights_of("body_morpher")),
                  {"some.pt", "body.downsample_blocks.0.0.weight", "missing"});
  expect_mentions(complaint<Editor>(weights_of("face_morpher")), {"some.pt", "body.first_conv.weight"});
}

TEST(TeacherLoading, RefusesTheEyebrowNetworksInterchanged) {
  expect_mentions(complaint<EyebrowDecomposer>(weights_of("eyebrow_morphing_combiner")), {"some.pt"});
}

TEST(TeacherLoading, NamesAKeyWhoseShapeDoesNotFitTheOthers) {
  auto state = weights_of("body_morpher");
  state["body.up_blocks.1.resnet_blocks.0.conv0.weight"] = torch::zeros({16, 31, 3, 3});
  expect_mentions(complaint<HalfResolutionRotator>(state),
                  {"some.pt", "body.up_blocks.1.resnet_blocks.0.conv0.weight", "31", "32"});
}

TEST(TeacherLoading, RefusesWidthsBeyondAllReason) {
  auto state = weights_of("face_morpher");
  state["downsample_blocks.2.0.weight"] = torch::zeros({1}).expand({100'000, 8, 4, 4});
  expect_mentions(complaint<TeacherFaceMorpher>(state),
                  {"some.pt", "downsample_blocks.2.0.weight", "100000"});
  state["downsample_blocks.2.0.weight"] = torch::zeros({0, 8, 4, 4});
  expect_mentions(complaint<TeacherFaceMorpher>(state), {"downsample_blocks.2.0.weight", "size 0"});
  state["downsample_blocks.2.0.weight"] = torch::zeros({});
  expect_mentions(complaint<TeacherFaceMorpher>(state), {"downsample_blocks.2.0.weight", "0 dimensions"});
}

TEST(TeacherLoading, RefusesMoreBlocksThanAnyNetworkHas) {
  auto state = weights_of("face_morpher");
  for (int block = 6; block < 100; ++block) {
    state.insert("bottleneck_blocks." + std::to_string(block) + ".resnet_path.0.weight", torch::zeros({1}));
  }
  expect_mentions(complaint<TeacherFaceMorpher>(state), {"some.pt", "bottleneck_blocks", "more than"});
}

TEST(TeacherLoading, RefusesWidthsThatCannotBeNormalised) {
  auto state = weights_of("body_morpher");
  state["body.down_blocks.2.res_blocks.0.conv0.weight"] = torch::zeros({40, 16, 3, 3});
  expect_mentions(complaint<HalfResolutionRotator>(state), {"some.pt", "40 channels", "multiples of 32"});
  state["body.down_blocks.2.res_blocks.0.conv0.weight"] = torch::zeros({16, 16, 3, 3});
  state["body.down_blocks.4.res_blocks.0.conv0.weight"] = torch::zeros({12, 16, 3, 3});
  expect_mentions(complaint<HalfResolutionRotator>(state), {"some.pt", "12 channels", "8 heads"});
  state["body.first_conv.weight"] = torch::zeros({17, 4, 3, 3});
  expect_mentions(complaint<HalfResolutionRotator>(state), {"some.pt", "17 channels", "even"});
}

TEST(TeacherLoading, NamesAMissingFile) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "teacher_without_files";
  std::filesystem::create_directories(folder);
  expect_mentions(input_error_message([&] { load_teacher(folder); }), {"eyebrow_decomposer.pt"});
}

TEST(TeacherLoading, NamesTheOfficialFiles) {
  std::vector<std::string> names;
  for (const auto& [name, network] : load_teacher(data_file("random_teacher")).networks()) {
    names.push_back(name);
    EXPECT_GT(network->parameters().size(), 0U);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"eyebrow_decomposer", "eyebrow_morphing_combiner",
                                             "face_morpher", "body_morpher", "upscaler"}));
}

}  // namespace
}  // namespace tha4
