#include "tha4/opening/open_painter.h"

#include <spdlog/spdlog.h>

#include "tha4/engine/gpu_student_poser.h"
#include "tha4/poser/character.h"

namespace tha4 {
namespace {

/// Whether \p choice names a character and nothing that kernels would not go with; what goes with nothing is
/// told by open_poser().
bool may_be_fused(const PoserChoice& choice) {
  return choice.engine != Engine::reference && choice.image.empty() && !choice.fit && !choice.architecture &&
         choice.kind.value_or(PoserKind::character) == PoserKind::character && is_character(choice.name);
}

}  // namespace

std::unique_ptr<FramePainter> open_painter(const PoserChoice& choice) {
  if (may_be_fused(choice)) {
    const Character character = load_character(choice.name);
    if (!why_not_fused(character, choice.device, choice.precision.value_or(Precision::fp32))) {
      if (!choice.device.is_cpu()) return make_painter(character, choice.device);
      auto workers = std::make_shared<TileWorkers>(usual_threads());
      const Context context{.logger = spdlog::default_logger()};
      const EmptyCells empty = cells_to_skip(choice.skipping, choice.name, character, *workers, context);
      return make_painter(character, std::move(workers), empty);
    }
  }
  return make_painter(open_poser(choice));
}

}  // namespace tha4
