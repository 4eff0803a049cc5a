#include "choices.h"
#include "seeded_random.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/rig/generator.h"

namespace tha4 {
namespace {

/// To be raised with every change of what the same choices look like.
constexpr int kPaintingVersion = 7;

}  // namespace

std::string generator_version() {
  return fmt::format("{}-{:016x}", kPaintingVersion,
                     generator::SeededRandom(0, generator::choices_json()).bits());
}

}  // namespace tha4
