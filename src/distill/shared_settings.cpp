#include "shared_settings.h"

#include <string>
#include <variant>

#include <nlohmann/json.hpp>

namespace tha4 {
namespace {

template <class Siren>
void divide_batches(Siren& siren, int processes) {
  siren.batch /= processes;
  siren.steps.early_batch /= processes;
}

}  // namespace

DistillConfig with_batches_of_one(const DistillConfig& config, int processes) {
  if (processes == 1) return config;
  DistillConfig own = config;
  divide_batches(std::get<SirenFaceConfig>(own.face_morpher), processes);
  divide_batches(std::get<SirenBodyConfig>(own.body_rotator), processes);
  return own;
}

DistillConfig settings_of_first(ProcessGroup& group, const DistillConfig& config) {
  if (group.size() == 1) return config;
  const std::string text = group.broadcast(to_json(config).dump());
  return parse_distill_config(nlohmann::json::parse(text), "the settings of rank 0");
}

}  // namespace tha4
