#include "small_teacher.h"

#include <torch/types.h>

#include "tha4/weights/state_dict.h"

namespace tha4 {

Teacher small_compact_teacher() {
  UNetOptions options;
  options.model_channels = 16;
  options.levels = {{16}, {16}, {16}, {16}, {16, true}};
  options.middle_blocks = 1;
  options.condition_channels = 16;
  return {Architecture::compact, UNetFaceMorpher(options),
          CompactBodyNetworks{.half_resolution_rotator = HalfResolutionRotator(options),
                              .editor = ResidualEditor(options)}};
}

void perturb_weights(const Teacher& teacher) {
  const torch::NoGradGuard no_grad;
  for (const NamedNetwork& named : teacher.networks()) {
    for (auto& parameter : named.network->parameters()) parameter.add_(torch::randn_like(parameter) * 0.05);
  }
}

void write_teacher(const Teacher& teacher, const std::filesystem::path& folder,
                   const std::string& extension) {
  std::filesystem::create_directories(folder);
  for (const NamedNetwork& named : teacher.networks()) {
    write_weights(folder / (named.name + "." + extension), state_dict_of(*named.network));
  }
}

}  // namespace tha4
