#include "encoder_decoder_program.h"

#include <cstddef>
#include <string>

#include <torch/types.h>

#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

/// Reads an encoder-decoder's layers by the names that they have in checkpoints.
class LayerReader {
 public:
  explicit LayerReader(const PoseEncoderDecoderImpl& network) : state_(state_dict_of(network)) {}

  const at::Tensor& get(const std::string& name) const { return state_[name]; }

  /// How many blocks of \p list there are from \p first on.
  /// \param part  the first convolution of one
  std::size_t end_of(const std::string& list, std::size_t first, const std::string& part) const {
    std::size_t end = first;
    while (state_.contains(name(list, end) + part + ".weight")) ++end;
    return end;
  }

  NormedConvolution layer(const std::string& convolution, const std::string& norm, MapWeights kind) const {
    NormedConvolution layer{
        .weights = get(convolution + ".weight"),
        .kind = kind,
        .norm = {.gammas = floats_of(get(norm + ".weight")), .betas = floats_of(get(norm + ".bias"))}};
    layer.norm.groups = static_cast<int>(layer.norm.gammas.size());
    return layer;
  }

  static std::string name(const std::string& list, std::size_t index) {
    return list + "." + std::to_string(index);
  }

 private:
  static std::vector<float> floats_of(const at::Tensor& tensor) {
    const at::Tensor floats = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
    return {floats.data_ptr<float>(), floats.data_ptr<float>() + floats.numel()};
  }

  StateDict state_;
};

}  // namespace

EncoderDecoderProgram make_encoder_decoder_program(const PoseEncoderDecoderImpl& network) {
  const torch::NoGradGuard no_grad;
  const LayerReader reader(network);
  EncoderDecoderProgram program;
  for (std::size_t i = 0; i < reader.end_of("downsample_blocks", 0, ".0"); ++i) {
    const std::string block = LayerReader::name("downsample_blocks", i);
    program.down.push_back(
        reader.layer(block + ".0", block + ".1", i == 0 ? MapWeights::plain : MapWeights::halving));
  }
  const std::string bottleneck = "bottleneck_blocks";
  program.bottleneck = reader.layer(bottleneck + ".0.0", bottleneck + ".0.1", MapWeights::plain);
  for (std::size_t i = 1; i < reader.end_of(bottleneck, 1, ".resnet_path.0"); ++i) {
    const std::string path = LayerReader::name(bottleneck, i) + ".resnet_path";
    program.blocks.push_back({.first = reader.layer(path + ".0", path + ".1", MapWeights::plain),
                              .second = reader.layer(path + ".3", path + ".4", MapWeights::plain)});
  }
  for (std::size_t i = 0; i < reader.end_of("upsample_blocks", 0, ".0"); ++i) {
    const std::string block = LayerReader::name("upsample_blocks", i);
    program.up.push_back(reader.layer(block + ".0", block + ".1", MapWeights::transposed));
  }
  program.inputs = program.down.front().weights.size(1);
  program.parameters = program.bottleneck.weights.size(1) - program.bottleneck.weights.size(0);
  return program;
}

}  // namespace tha4
