#include "tha4/metrics/backbone.h"

#include <algorithm>
#include <string>

#include "backbone_layers.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/kernels/rectified_convolution.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

using Kind = BackboneStep::Kind;

struct Weights {
  at::Tensor weight;
  at::Tensor bias;
};

/// A step with its weights: none of a pool, one of a convolution, squeeze, expand1x1 and expand3x3 of a fire
/// module.
struct Step {
  BackboneStep shape;
  std::vector<Weights> weights;
};

struct Stage {
  std::vector<Step> steps;
  std::int64_t channels = 0;
};

/// Reads the tensors of one file and says what is wrong with it.
class BackboneFile {
 public:
  BackboneFile(const BackboneDescription& description, const std::filesystem::path& file)
      : description_(description), file_(file.string()), state_(read_weights(file)) {}

  /// The stages that are there.
  std::vector<Stage> stages() const {
    std::vector<Stage> stages;
    std::int64_t channels = 3;
    for (const BackboneStage& steps : description_.stages) {
      if (!stages.empty() && !has_any_of(steps)) break;
      Stage& stage = stages.emplace_back();
      for (const BackboneStep& step : steps) stage.steps.push_back(read(step, channels));
      stage.channels = channels;
    }
    return stages;
  }

 private:
  [[noreturn]] void fail(const std::string& key, const std::string& problem) const {
    throw InputError(file_ + ": " + key + " " + problem + ": this is not torchvision's " +
                     std::string(description_.name) + "; " + where_to_get(description_.kind));
  }

  static std::string prefix_of(const BackboneStep& step) {
    return "features." + std::to_string(step.index) + ".";
  }

  bool has_any_of(const BackboneStage& steps) const {
    for (const BackboneStep& step : steps) {
      if (step.kind == Kind::pool) continue;
      for (const auto& item : state_) {
        if (item.key().starts_with(prefix_of(step))) return true;
      }
    }
    return false;
  }

  const at::Tensor& tensor(const std::string& key, std::int64_t dimensions) const {
    const at::Tensor* tensor = state_.find(key);
    if (tensor == nullptr) fail(key, "is missing");
    if (tensor->dim() != dimensions || !tensor->is_floating_point()) {
      fail(key, "has not the shape or type that it should");
    }
    return *tensor;
  }

  /// \param channels  of the input; becomes that of the output
  Weights read_convolution(const std::string& prefix, int kernel, std::int64_t& channels) const {
    const std::string key = prefix + "weight";
    const at::Tensor& weight = tensor(key, 4);
    const at::Tensor& bias = tensor(prefix + "bias", 1);
    if (weight.size(1) != channels || weight.size(2) != kernel || weight.size(3) != kernel ||
        weight.size(0) < 1) {
      fail(key, "does not take " + std::to_string(channels) + " channels by a kernel of " +
                    std::to_string(kernel) + "x" + std::to_string(kernel));
    }
    if (bias.size(0) != weight.size(0)) fail(prefix + "bias", "has not the size that it should");
    channels = weight.size(0);
    return {weight.to(torch::kFloat32), bias.to(torch::kFloat32)};
  }

  Step read(const BackboneStep& step, std::int64_t& channels) const {
    const std::string prefix = prefix_of(step);
    if (step.kind == Kind::pool) return {step, {}};
    if (step.kind == Kind::convolution) return {step, {read_convolution(prefix, step.kernel, channels)}};
    const Weights squeeze = read_convolution(prefix + "squeeze.", 1, channels);
    std::int64_t narrow = channels, wide = channels;
    const Weights expand1x1 = read_convolution(prefix + "expand1x1.", 1, narrow);
    const Weights expand3x3 = read_convolution(prefix + "expand3x3.", 3, wide);
    channels = narrow + wide;
    return {step, {squeeze, expand1x1, expand3x3}};
  }

  const BackboneDescription& description_;
  std::string file_;
  StateDict state_;
};

at::Tensor rectified(const at::Tensor& x, const Weights& weights, int stride, int padding) {
  return rectified_convolution(x, weights.weight, weights.bias, stride, padding);
}

at::Tensor apply(const Step& step, const at::Tensor& x, bool pools_reach_out) {
  const BackboneStep& shape = step.shape;
  if (std::min(x.size(2), x.size(3)) + 2 * shape.padding < shape.kernel) {
    throw InputError("the images are too small for these features; scale them up");
  }
  switch (shape.kind) {
    case Kind::pool:
      return torch::max_pool2d(x, shape.kernel, shape.stride, 0, 1, pools_reach_out);
    case Kind::convolution:
      return rectified(x, step.weights[0], shape.stride, shape.padding);
    case Kind::fire:
      break;
  }
  const at::Tensor squeezed = rectified(x, step.weights[0], 1, 0);
  return torch::cat({rectified(squeezed, step.weights[1], 1, 0), rectified(squeezed, step.weights[2], 1, 1)},
                    1);
}

}  // namespace

std::string where_to_get(BackboneKind kind) {
  return "get https://download.pytorch.org/models/" + std::string(backbone_description(kind).file);
}

struct Backbone::Layers {
  std::vector<Stage> stages;
  bool pools_reach_out = false;
};

std::vector<at::Tensor> Backbone::features(const at::Tensor& image, std::size_t layers) const {
  if (layers > layer_count()) {
    throw Error("the backbone has " + std::to_string(layer_count()) + " feature layers, not " +
                std::to_string(layers));
  }
  std::vector<at::Tensor> features;
  at::Tensor x = image;
  for (std::size_t i = 0; i < layers; ++i) {
    for (const Step& step : layers_->stages[i].steps) x = apply(step, x, layers_->pools_reach_out);
    features.push_back(x);
  }
  return features;
}

std::size_t Backbone::layer_count() const {
  return layers_->stages.size();
}

std::int64_t Backbone::channels(std::size_t layer) const {
  return layers_->stages.at(layer).channels;
}

Backbone Backbone::to(c10::Device device, at::ScalarType type) const {
  auto layers = std::make_shared<Layers>(*layers_);
  for (Stage& stage : layers->stages) {
    for (Step& step : stage.steps) {
      for (Weights& weights : step.weights) {
        weights = {weights.weight.to(device, type), weights.bias.to(device, type)};
      }
    }
  }
  return Backbone(std::move(layers));
}

Backbone load_backbone(BackboneKind kind, const std::filesystem::path& file) {
  const BackboneDescription description = backbone_description(kind);
  auto layers = std::make_shared<Backbone::Layers>();
  layers->stages = BackboneFile(description, file).stages();
  layers->pools_reach_out = description.pools_reach_out;
  return Backbone(std::move(layers));
}

at::Tensor imagenet_normalized(const at::Tensor& image) {
  const auto colors = [&](const std::vector<float>& values) {
    return torch::tensor(values, image.options().requires_grad(false)).view({1, 3, 1, 1});
  };
  return (image - colors({0.485F, 0.456F, 0.406F})) / colors({0.229F, 0.224F, 0.225F});
}

}  // namespace tha4
