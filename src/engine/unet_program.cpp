#include "unet_program.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <torch/types.h>

namespace tha4 {
namespace {

std::vector<float> floats_of(const at::Tensor& tensor) {
  const at::Tensor floats = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
  return {floats.data_ptr<float>(), floats.data_ptr<float>() + floats.numel()};
}

at::Tensor float_tensor(const at::Tensor& tensor) {
  return tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
}

/// Packs weights, biases, the channels of the maps that are convolved, and whether pixels count as 2x2.
template <class Packed>
using Packing =
    std::function<Packed(const at::Tensor&, const at::Tensor&, const std::vector<std::int64_t>&, bool)>;

/// Reads the layers of a U-Net one after the other, by the names that they have in checkpoints.
template <class Packed>
class ProgramMaker {
 public:
  ProgramMaker(const UNetImpl& network, Packing<Packed> pack)
      : state_(state_dict_of(network)), options_(network.options()), pack_(std::move(pack)) {}

  UNetProgramOf<Packed> make(const Convolution& joined) {
    const torch::NoGradGuard no_grad;
    program_.fold = static_cast<int>(options_.fold);
    program_.heads = static_cast<int>(options_.attention_heads);
    time_ = embedded_time();
    for (int i = 0; i < 4; ++i) {
      const std::string layer = i < 2 ? "cond_embed.0" : "cond_embed.2";
      program_.pose_embedding[i] = float_tensor(get(layer + (i % 2 == 0 ? ".weight" : ".bias")));
    }
    make_first(joined);
    make_down();
    make_middle();
    make_up();
    program_.last_norm = norm("last.0");
    program_.last_conv = convolution("last.2", {last_channels_}, false);
    program_.outputs = static_cast<int>(get("last.2.weight").size(0));
    program_.conditions = torch::cat(condition_weights_, 0);
    program_.condition_biases = torch::cat(condition_biases_, 0);
    return std::move(program_);
  }

 private:
  const at::Tensor& get(const std::string& name) const { return state_[name]; }
  bool has(const std::string& name) const { return state_.contains(name + ".weight"); }

  at::Tensor linear(const std::string& layer, const at::Tensor& x) const {
    return torch::linear(x, float_tensor(get(layer + ".weight")), float_tensor(get(layer + ".bias")));
  }

  /// Of time 0, as UNetImpl has it, after its SiLU: [1, condition channels].
  at::Tensor embedded_time() const {
    const std::int64_t half = options_.model_channels / 2;
    const at::Tensor embedding = torch::cat({torch::ones({1, half}), torch::zeros({1, half})}, 1);
    return torch::silu(linear("time_embed.3", torch::silu(linear("time_embed.1", embedding))));
  }

  GroupNormWeights norm(const std::string& layer) const {
    GroupNormWeights weights{.gammas = floats_of(get(layer + ".weight")),
                             .betas = floats_of(get(layer + ".bias"))};
    weights.groups = static_cast<int>(std::min<std::size_t>(32, weights.gammas.size()));
    return weights;
  }

  Packed convolution(const std::string& layer, const std::vector<std::int64_t>& sources, bool doubles) const {
    return pack_(get(layer + ".weight"), get(layer + ".bias"), sources, doubles);
  }

  ResidualWeightsOf<Packed> residual(const std::string& block, const std::vector<std::int64_t>& sources,
                                     Resized resized) {
    ResidualWeightsOf<Packed> weights;
    weights.resized = resized;
    weights.norm0 = norm(block + ".norm0");
    weights.norm1 = norm(block + ".norm1");
    weights.conv0 = convolution(block + ".conv0", sources, resized == Resized::doubled);
    const std::int64_t outputs = get(block + ".conv0.weight").size(0);
    weights.outputs = static_cast<int>(outputs);
    weights.conv1 = convolution(block + ".conv1", {outputs}, false);
    if (has(block + ".skip")) add_skips(weights, block + ".skip", sources);
    const at::Tensor time = linear(block + ".cond0_layers.1", time_).flatten();
    weights.time_scales = floats_of(1 + time.narrow(0, 0, outputs));
    weights.time_shifts = floats_of(time.narrow(0, outputs, outputs));
    weights.first_condition = condition_count_;
    condition_weights_.push_back(float_tensor(get(block + ".cond1_layers.1.weight")));
    condition_biases_.push_back(float_tensor(get(block + ".cond1_layers.1.bias")));
    condition_count_ += static_cast<int>(2 * outputs);
    return weights;
  }

  void add_skips(ResidualWeightsOf<Packed>& weights, const std::string& layer,
                 const std::vector<std::int64_t>& sources) const {
    std::int64_t first = 0;
    for (const std::int64_t channels : sources) {
      const at::Tensor biases = first == 0 ? get(layer + ".bias") : at::Tensor();
      weights.skips.push_back(
          pack_(get(layer + ".weight").narrow(1, first, channels), biases, {channels}, false));
      first += channels;
    }
  }

  std::optional<AttentionWeights> attention(const std::string& block) const {
    if (!has(block + ".qkv")) return std::nullopt;
    const auto matrix = [&](const std::string& name) {
      return float_tensor(get(name + ".weight").flatten(1).t());
    };
    return AttentionWeights{.norm = norm(block + ".norm"),
                            .qkv = matrix(block + ".qkv"),
                            .qkv_biases = float_tensor(get(block + ".qkv.bias")),
                            .conv = matrix(block + ".conv"),
                            .conv_biases = float_tensor(get(block + ".conv.bias"))};
  }

  void make_first(const Convolution& joined) {
    at::Tensor weights = get("first_conv.weight"), biases = get("first_conv.bias");
    if (joined) {
      weights = torch::cat({weights.to(torch::kFloat), joined->weight().to(torch::kFloat)}, 1);
      biases = biases + joined->bias();
    }
    program_.first_conv = pack_(weights, biases, {weights.size(1)}, false);
    program_.inputs = static_cast<int>(weights.size(1) / (options_.fold * options_.fold));
    program_.first_channels = static_cast<int>(weights.size(0));
    kept_.push_back(weights.size(0));
  }

  void make_down() {
    for (int level = 0; has(name("down_blocks", level) + ".res_blocks.0.conv0"); ++level) {
      const std::string at = name("down_blocks", level);
      for (int i = 0; has(name(at + ".res_blocks", i) + ".conv0"); ++i) {
        program_.down.push_back(
            {.residual = residual(name(at + ".res_blocks", i), {kept_.back()}, Resized::none),
             .attention = attention(name(at + ".attention_blocks", i))});
        kept_.push_back(program_.down.back().residual.outputs);
      }
      if (!has(at + ".downsample.conv0")) continue;
      program_.down.push_back(
          {.residual = residual(at + ".downsample", {kept_.back()}, Resized::halved), .attention = {}});
      kept_.push_back(kept_.back());
    }
    last_channels_ = kept_.back();
  }

  void make_middle() {
    for (int i = 0; has(name("middle_blocks", i) + ".conv0"); i += 2) {
      program_.middle.push_back(
          {.residual = residual(name("middle_blocks", i), {last_channels_}, Resized::none),
           .attention = attention(name("middle_blocks", i + 1) + ".module")});
    }
  }

  void make_up() {
    for (int level = 0; has(name("up_blocks", level) + ".resnet_blocks.0.conv0"); ++level) {
      const std::string at = name("up_blocks", level);
      for (int i = 0; has(name(at + ".resnet_blocks", i) + ".conv0"); ++i) {
        const std::vector<std::int64_t> sources{last_channels_, kept_.back()};
        kept_.pop_back();
        program_.up.push_back({.residual = residual(name(at + ".resnet_blocks", i), sources, Resized::none),
                               .attention = attention(name(at + ".attention_blocks", i))});
        last_channels_ = program_.up.back().residual.outputs;
      }
      if (!has(at + ".upsample.conv0")) continue;
      program_.up.push_back(
          {.residual = residual(at + ".upsample", {last_channels_}, Resized::doubled), .attention = {}});
    }
  }

  static std::string name(const std::string& list, int index) { return list + "." + std::to_string(index); }

  StateDict state_;
  UNetOptions options_;
  Packing<Packed> pack_;
  UNetProgramOf<Packed> program_;
  at::Tensor time_;
  std::vector<std::int64_t> kept_;  ///< channels of the maps for the way up
  std::int64_t last_channels_ = 0;
  std::vector<at::Tensor> condition_weights_, condition_biases_;
  int condition_count_ = 0;
};

}  // namespace

UNetProgram make_unet_program(const UNetImpl& network, const Convolution& joined, MapType type) {
  const auto pack = [type](const at::Tensor& weights, const at::Tensor& biases,
                           const std::vector<std::int64_t>& sources, bool doubles) {
    return pack_convolution(weights, biases, sources, doubles ? MapWeights::doubled : MapWeights::plain,
                            type);
  };
  return ProgramMaker<PackedConvolution>(network, pack).make(joined);
}

PlainUNetProgram make_plain_unet_program(const UNetImpl& network, const Convolution& joined) {
  const auto pack = [](const at::Tensor& weights, const at::Tensor& biases, const std::vector<std::int64_t>&,
                       bool doubles) {
    return PlainConvolution{.weights = float_tensor(weights),
                            .biases = biases.defined() ? float_tensor(biases) : at::Tensor(),
                            .doubles = doubles};
  };
  return ProgramMaker<PlainConvolution>(network, pack).make(joined);
}

}  // namespace tha4
