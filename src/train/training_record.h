#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/train/training_loop.h"

// Curves and scores as checkpoints keep them.

namespace tha4 {

nlohmann::json to_json(const std::vector<TrainingCurves>& curves);
std::vector<TrainingCurves> curves_from_json(const nlohmann::json& json);

nlohmann::json to_json(const std::vector<Measure>& measures);
std::vector<Measure> measures_from_json(const nlohmann::json& json);

}  // namespace tha4
