#include "training_record.h"

#include <string>

#include <spdlog/fmt/fmt.h>

namespace tha4 {

nlohmann::json to_json(const std::vector<TrainingCurves>& curves) {
  nlohmann::json json = nlohmann::json::array();
  for (const TrainingCurves& course : curves) {
    nlohmann::json losses = nlohmann::json::array();
    for (const ChartSeries& series : course.losses) {
      nlohmann::json points = nlohmann::json::array();
      for (const ChartPoint& point : series.points) points.push_back({point.x, point.y});
      losses.push_back({{"name", series.name}, {"points", points}});
    }
    json.push_back({{"fitting", course.training}, {"losses", losses}});
  }
  return json;
}

std::vector<TrainingCurves> curves_from_json(const nlohmann::json& json) {
  std::vector<TrainingCurves> curves;
  for (const auto& course : json) {
    TrainingCurves& training = curves.emplace_back();
    training.training = course.at("fitting").get<std::string>();
    for (const auto& losses : course.at("losses")) {
      ChartSeries& series = training.losses.emplace_back();
      series.name = losses.at("name").get<std::string>();
      for (const auto& point : losses.at("points")) series.points.push_back({point.at(0), point.at(1)});
    }
  }
  return curves;
}

nlohmann::json to_json(const std::vector<Measure>& measures) {
  nlohmann::json json = nlohmann::json::array();
  // As text: JSON has no number for what is not finite.
  for (const Measure& measure : measures) json.push_back({measure.name, fmt::format("{}", measure.value)});
  return json;
}

std::vector<Measure> measures_from_json(const nlohmann::json& json) {
  std::vector<Measure> measures;
  for (const auto& measure : json) {
    measures.push_back({measure.at(0).get<std::string>(), std::stod(measure.at(1).get<std::string>())});
  }
  return measures;
}

}  // namespace tha4
