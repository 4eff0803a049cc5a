#include "tha4/engine/engine.h"

#include <string>

#include "tha4/base/error.h"
#include "tha4/engine/fused_student.h"
#include "tha4/engine/gpu_student_poser.h"

namespace tha4 {

std::string_view engine_name(Engine engine) {
  return engine == Engine::fused ? "fused" : "reference";
}

Engine parse_engine(std::string_view text) {
  for (const Engine engine : {Engine::fused, Engine::reference}) {
    if (text == engine_name(engine)) return engine;
  }
  throw ValueError(std::string(text) + " is not an engine; use fused or reference");
}

std::optional<std::string_view> why_not_fused(const Character& character, c10::Device device,
                                              Precision precision) {
  if (precision != Precision::fp32) return "the kernels have a precision of their own";
  if (!device.is_cpu()) return why_not_on_gpu(character, device);
  if (fused_student_target() == "SCALAR") return "the kernels know no vector instructions of this processor";
  return std::nullopt;
}

}  // namespace tha4
