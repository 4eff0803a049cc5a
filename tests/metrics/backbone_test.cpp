#include "tha4/metrics/backbone.h"

#include "metrics_fixtures.h"
#include <torch/types.h>

#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/weights/safetensors.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

void insert_convolution(StateDict& state, const std::string& prefix, std::int64_t outputs,
                        std::int64_t inputs, std::int64_t kernel) {
  state.insert(prefix + "weight", torch::randn({outputs, inputs, kernel, kernel}));
  state.insert(prefix + "bias", torch::randn({outputs}));
}

/// The first convolutions of a VGG16, narrower than it is.
StateDict narrow_vgg16(const std::vector<int>& indices, std::int64_t channels = 2) {
  torch::manual_seed(0);
  StateDict state;
  for (const int index : indices) {
    insert_convolution(state, "features." + std::to_string(index) + ".", channels, index == 0 ? 3 : channels,
                       3);
  }
  return state;
}

fs::path written(const StateDict& state, const std::string& name) {
  const fs::path file = fresh_folder(name) / "backbone.pt";
  write_weights(file, state);
  return file;
}

std::string error_of_loading(BackboneKind kind, const StateDict& state) {
  const fs::path file = written(state, "wrong");
  return input_error_message([&] { load_backbone(kind, file); });
}

TEST(Backbone, HasOnAGpuTheFeaturesAndTheGradientOfTheCpu) {
  c10::Device device(c10::kCPU);
  try {
    device = parse_device("cuda");
  } catch (const InputError& error) {
    GTEST_SKIP() << error.what();
  }
  constexpr std::size_t kLayers = 3;
  const StateDict state = narrow_vgg16({0, 2, 5, 7, 10, 12, 14}, 16);
  const Backbone backbone = load_backbone(BackboneKind::vgg16, written(state, "on_gpu"));
  const auto run = [&](const Backbone& network, const at::Tensor& image) {
    std::vector<at::Tensor> results = network.features(image, kLayers);
    at::Tensor sum = torch::zeros({}, image.options().requires_grad(false));
    for (const at::Tensor& feature : results) sum = sum + feature.pow(2).mean();
    sum.backward();
    results.push_back(image.grad());
    return results;
  };
  const at::Tensor image = torch::rand({2, 3, 32, 48});
  const auto expected = run(backbone, image.clone().set_requires_grad(true));
  const auto results = run(backbone.to(device, at::kFloat), image.to(device).set_requires_grad(true));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const at::Tensor difference = results[i].detach().cpu() - expected[i].detach();
    EXPECT_LT(difference.abs().max().item<double>(), 1e-3 * expected[i].abs().max().item<double>()) << i;
  }
}

TEST(Backbone, HasTheFeaturesOfPyTorch) {
  const auto& folder = made_backbones();
  if (!folder) {
    GTEST_SKIP() << python() << " cannot import torch and safetensors; name one that can with THA4_PYTHON";
  }
  const std::vector<std::tuple<std::string, BackboneKind, std::size_t>> cases = {
      {"vgg16", BackboneKind::vgg16, 5},
      {"alexnet", BackboneKind::alexnet, 5},
      {"squeezenet", BackboneKind::squeezenet, 7}};
  for (const auto& [name, kind, layers] : cases) {
    const StateDict expected = read_safetensors(*folder / (name + "_features.safetensors"));
    const Backbone backbone = load_backbone(kind, *folder / (name + ".pt"));
    ASSERT_EQ(backbone.layer_count(), layers) << name;
    const auto features = backbone.features(expected["image"], layers);
    for (std::size_t i = 0; i < layers; ++i) {
      const at::Tensor& feature = expected["feature_" + std::to_string(i)];
      ASSERT_EQ(features[i].sizes(), feature.sizes()) << name << i;
      EXPECT_EQ(backbone.channels(i), feature.size(1));
      EXPECT_LT((features[i] - feature).abs().max().item<double>(), 1e-5) << name << i;
    }
  }
}

TEST(Backbone, OfAFileThatEndsEarlyHasTheLayersThatAreThere) {
  const Backbone backbone =
      load_backbone(BackboneKind::vgg16, written(narrow_vgg16({0, 2, 5, 7, 10, 12, 14}), "short_vgg16"));
  ASSERT_EQ(backbone.layer_count(), 3U);
  const auto features = backbone.features(torch::rand({1, 3, 32, 24}), 3);
  EXPECT_EQ(features[2].sizes(), (std::vector<std::int64_t>{1, 2, 8, 6}));
  EXPECT_THROW(backbone.features(torch::rand({1, 3, 32, 24}), 4), Error);
}

TEST(Backbone, PassesGradientsToTheImageAlone) {
  const Backbone backbone =
      load_backbone(BackboneKind::vgg16, written(narrow_vgg16({0, 2, 5, 7}), "gradients"))
          .to(c10::Device(c10::kCPU), torch::kFloat64);
  const at::Tensor image = torch::rand({1, 3, 8, 8}, torch::kFloat64).requires_grad_(true);
  const auto loss = [&](const at::Tensor& x) { return backbone.features(x, 2)[1].square().sum(); };
  loss(image).backward();
  const torch::NoGradGuard no_grad;
  const at::Tensor direction = torch::randn_like(image);
  const double step = 1e-6;
  const double numeric =
      (loss(image + step * direction) - loss(image - step * direction)).item<double>() / (2 * step);
  const double analytic = (image.grad() * direction).sum().item<double>();
  EXPECT_NEAR(analytic, numeric, 1e-6 * std::abs(numeric));
}

TEST(Backbone, SaysWhatIsWrongWithAFileAndWhichToGet) {
  const auto expect = [](const std::string& message, const std::vector<std::string>& parts) {
    for (const std::string& part : parts) EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  expect(error_of_loading(BackboneKind::vgg16, narrow_vgg16({0, 2, 5})),
         {"backbone.pt", "features.7.weight is missing", "VGG16", "vgg16-397923af.pth"});
  expect(error_of_loading(BackboneKind::alexnet, narrow_vgg16({0, 2})),
         {"features.0.weight", "11x11", "alexnet-owt-7be5be79.pth"});
  StateDict no_features;
  no_features.insert("classifier.1.weight", torch::zeros({2, 2}));
  expect(error_of_loading(BackboneKind::squeezenet, no_features),
         {"features.0.weight is missing", "squeezenet1_1-b8a52dc0.pth"});
  StateDict wrong_bias = narrow_vgg16({0});
  insert_convolution(wrong_bias, "features.2.", 2, 2, 3);
  wrong_bias["features.2.bias"] = torch::zeros({5});
  expect(error_of_loading(BackboneKind::vgg16, wrong_bias), {"features.2.bias", "size"});
  StateDict flat = narrow_vgg16({0});
  flat["features.0.weight"] = torch::zeros({4});
  expect(error_of_loading(BackboneKind::vgg16, flat), {"features.0.weight", "shape"});
  expect(input_error_message([] { load_backbone(BackboneKind::vgg16, "/nowhere/vgg16.pth"); }),
         {"/nowhere/vgg16.pth"});
}

TEST(Backbone, RefusesImagesThatAreTooSmall) {
  const Backbone backbone = load_backbone(BackboneKind::vgg16, written(narrow_vgg16({0, 2, 5, 7}), "small"));
  EXPECT_NE(input_error_message([&] {
              backbone.features(torch::rand({1, 3, 1, 1}), 2);
            }).find("too small"),
            std::string::npos);
}

TEST(Backbone, NormalizesByImageNetsColors) {
  const at::Tensor mean = torch::tensor({0.485F, 0.456F, 0.406F}).view({1, 3, 1, 1});
  EXPECT_LT(imagenet_normalized(mean).abs().max().item<double>(), 1e-6);
  EXPECT_NEAR(imagenet_normalized(mean + 0.224F)[0][1].item<double>(), 1, 1e-5);
}

}  // namespace
}  // namespace tha4
