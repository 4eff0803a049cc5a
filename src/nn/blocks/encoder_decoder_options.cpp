#include "tha4/nn/blocks/encoder_decoder_options.h"

namespace tha4 {

EncoderDecoderOptions EncoderDecoderOptions::from_shapes(const WeightShapes& shapes,
                                                         const std::string& prefix) {
  const WeightShapes body = shapes.under(prefix);
  EncoderDecoderOptions options;
  options.level_channels = {body.size("downsample_blocks.0.0.weight", 0)};
  const std::int64_t levels = body.count("downsample_blocks");
  for (std::int64_t level = 1; level < levels; ++level) {
    options.level_channels.push_back(
        body.size("downsample_blocks." + std::to_string(level) + ".0.weight", 0));
  }
  options.bottleneck_blocks = body.count("bottleneck_blocks");
  if (options.bottleneck_blocks == 0) body.fail("bottleneck_blocks", "is missing");
  return options;
}

}  // namespace tha4
