#include "tha4/metrics/lpips.h"

#include <cstdlib>
#include <fstream>

#include "metrics_fixtures.h"
#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "tha4/image/image_io.h"
#include "tha4/metrics/seen_picture.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

fs::path heads_file(const std::string& net) {
  return fs::path(THA4_SOURCE_DIR) / "data" / "lpips" / (net + ".pth");
}

/// Compares with the published implementation, which used the same random backbone.
void expect_published_distances(const std::string& net, const fs::path& backbone) {
  const Lpips lpips = load_lpips(parse_lpips_net(net), backbone, heads_file(net));
  const torch::NoGradGuard no_grad;
  const auto picture = [](const nlohmann::json& file) {
    return seen_picture(read_image(data_file("metrics") / file.get<std::string>()));
  };
  std::ifstream stream(data_file("metrics/expected.json"));
  const nlohmann::json expected = nlohmann::json::parse(stream);
  for (const nlohmann::json& pair : expected["pairs"]) {
    const at::Tensor distance = lpips.distance(picture(pair["a"]), picture(pair["b"]));
    EXPECT_NEAR(distance.item<double>(), pair["lpips_" + net + "_random_backbone"].get<double>(), 1e-6)
        << pair.dump();
  }
}

TEST(Lpips, OfSqueezeNetIsThatOfThePublishedImplementation) {
  expect_published_distances("squeeze", data_file("metrics/squeeze_features_random.pt"));
}

TEST(Lpips, OfAlexNetIsThatOfThePublishedImplementation) {
  const fs::path backbone = reference_file("metrics/alex_features_random.pt");
  if (!fs::exists(backbone)) {
    GTEST_SKIP() << backbone << " is not there (10 MB); name its folder's folder with THA4_REFERENCE_DIR";
  }
  expect_published_distances("alex", backbone);
}

TEST(Lpips, IsAsPyTorchComputesItByItsDefinition) {
  const auto& folder = made_backbones();
  if (!folder) {
    GTEST_SKIP() << python() << " cannot import torch and safetensors; name one that can with THA4_PYTHON";
  }
  const std::vector<std::pair<LpipsNet, std::string>> nets = {
      {LpipsNet::vgg, "vgg16"}, {LpipsNet::alex, "alexnet"}, {LpipsNet::squeeze, "squeezenet"}};
  for (const auto& [net, name] : nets) {
    const StateDict expected = read_safetensors(*folder / (name + "_features.safetensors"));
    const Lpips lpips = load_lpips(net, *folder / (name + ".pt"), *folder / (name + "_heads.pt"));
    const at::Tensor distance = lpips.distance(expected["a"], expected["b"]);
    EXPECT_LT((distance - expected["lpips"]).abs().max().item<double>(), 1e-6) << name << distance;
    EXPECT_GT(distance.min().item<double>(), 1e-3) << "a test of nothing";
  }
}

/// The published heads are in the format of PyTorch before 1.6, as Python 2 wrote it.
TEST(Lpips, HasAHeadForEachOfTheBackbonesLayers) {
  const std::vector<std::pair<std::string, std::vector<std::int64_t>>> nets = {
      {"alex", {64, 192, 384, 256, 256}},
      {"squeeze", {64, 128, 256, 384, 384, 512, 512}},
      {"vgg", {64, 128, 256, 512, 512}}};
  for (const auto& [net, channels] : nets) {
    const StateDict heads = read_weights(heads_file(net));
    ASSERT_EQ(heads.size(), channels.size());
    for (std::size_t i = 0; i < channels.size(); ++i) {
      EXPECT_EQ(heads[i].key(), "lin" + std::to_string(i) + ".model.1.weight");
      EXPECT_EQ(heads[i].value().sizes(), (std::vector<std::int64_t>{1, channels[i], 1, 1}));
      EXPECT_GE(heads[i].value().min().item<float>(), 0) << "distances cannot be negative";
    }
  }
}

TEST(Lpips, SaysWhichFileDoesNotFit) {
  const fs::path folder = fresh_folder("lpips_wrong");
  const fs::path squeeze = data_file("metrics/squeeze_features_random.pt");
  const auto message = [&](const fs::path& backbone, const fs::path& heads) {
    return input_error_message([&] { load_lpips(LpipsNet::squeeze, backbone, heads); });
  };
  EXPECT_NE(message(squeeze, squeeze).find("lin0.model.1.weight is missing"), std::string::npos);
  EXPECT_NE(message(squeeze, heads_file("alex")).find("not made for"), std::string::npos);
  StateDict first = read_weights(squeeze);
  StateDict part;
  for (const char* key : {"features.0.weight", "features.0.bias"}) part.insert(key, first[key]);
  write_weights(folder / "part.pt", part);
  const std::string too_few = message(folder / "part.pt", heads_file("squeeze"));
  EXPECT_NE(too_few.find("has 1 of the 7 layers"), std::string::npos) << too_few;
  EXPECT_NE(too_few.find("squeezenet1_1-b8a52dc0.pth"), std::string::npos) << too_few;
  EXPECT_NE(input_error_message([] { parse_lpips_net("resnet"); }).find("alex, squeeze or vgg"),
            std::string::npos);
}

TEST(Lpips, RefusesPicturesThatAreTooSmall) {
  const Lpips lpips =
      load_lpips(LpipsNet::squeeze, data_file("metrics/squeeze_features_random.pt"), heads_file("squeeze"));
  const at::Tensor tiny = torch::rand({1, 3, 4, 40});
  EXPECT_NE(input_error_message([&] { lpips.distance(tiny, tiny); }).find("too small"), std::string::npos);
}

}  // namespace
}  // namespace tha4
