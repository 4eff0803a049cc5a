#include "tha4/evaluation/score_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <spdlog/fmt/fmt.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

std::string json_key(std::string subject) {
  std::replace(subject.begin(), subject.end(), ' ', '_');
  return subject;
}

nlohmann::json json_number(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

nlohmann::json to_json(const ScoreSummary& summary) {
  return {{"mean", json_number(summary.mean)},
          {"median", json_number(summary.median)},
          {"min", json_number(summary.min)},
          {"max", json_number(summary.max)}};
}

/// The place in \p json for a column.
nlohmann::json& place_of(nlohmann::json& json, const ScoreColumn& column) {
  nlohmann::json& subject = column.subject.empty() ? json : json[json_key(column.subject)];
  return subject[column.metric.key];
}

}  // namespace

std::vector<double> ScoreTable::values_of(std::size_t column) const {
  std::vector<double> values;
  for (const ScoreRow& row : rows) values.push_back(row.scores.at(column));
  return values;
}

std::vector<ScoreColumn> columns_of(const std::string& subject, std::span<const MetricDescription> metrics) {
  std::vector<ScoreColumn> columns;
  for (const MetricDescription& metric : metrics) columns.push_back({subject, metric});
  return columns;
}

ScoreSummary summary_of(std::vector<double> values, double max_in_mean) {
  const auto is_nan = [](double value) { return std::isnan(value); };
  if (values.empty() || std::any_of(values.begin(), values.end(), is_nan)) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    return {kNone, kNone, kNone, kNone};
  }
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  ScoreSummary summary;
  summary.mean = mean_score(values, max_in_mean);
  // An average of the two in the middle would be NaN for two infinities.
  summary.median = values.size() % 2 == 1 || values[middle - 1] == values[middle]
                       ? values[middle]
                       : (values[middle - 1] + values[middle]) / 2;
  summary.min = values.front();
  summary.max = values.back();
  return summary;
}

std::vector<std::size_t> best_first(const ScoreTable& table, std::size_t column) {
  std::vector<double> goodness = table.values_of(column);
  const bool higher_is_better = table.columns.at(column).metric.higher_is_better;
  for (double& value : goodness) {
    if (!higher_is_better) value = -value;
    if (std::isnan(value)) value = -std::numeric_limits<double>::infinity();
  }
  std::vector<std::size_t> order(goodness.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return goodness[a] > goodness[b]; });
  return order;
}

std::vector<std::vector<std::string>> summary_cells(const ScoreTable& table) {
  std::vector<std::vector<std::string>> cells = {
      {fmt::format("{} image{}", table.rows.size(), table.rows.size() == 1 ? "" : "s"), "mean", "median",
       "min", "max"}};
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& [subject, metric] = table.columns[i];
    const ScoreSummary summary = summary_of(table.values_of(i), metric.max_in_mean);
    std::vector<std::string>& line = cells.emplace_back();
    line.push_back(subject.empty() ? metric.label : subject + ": " + metric.label);
    for (const double value : {summary.mean, summary.median, summary.min, summary.max}) {
      line.push_back(fmt::format("{:.{}f}", value, metric.decimals));
    }
  }
  return cells;
}

std::string to_text(const std::vector<std::vector<std::string>>& cells) {
  std::vector<std::size_t> widths;
  for (const auto& line : cells) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : cells) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      text +=
          i == 0 ? fmt::format("{:<{}}", line[i], widths[i]) : fmt::format("  {:>{}}", line[i], widths[i]);
    }
    text += "\n";
  }
  return text;
}

nlohmann::json to_json(const ScoreTable& table) {
  nlohmann::json summary = nlohmann::json::object();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const ScoreColumn& column = table.columns[i];
    place_of(summary, column) = to_json(summary_of(table.values_of(i), column.metric.max_in_mean));
  }
  nlohmann::json images = nlohmann::json::array();
  for (const ScoreRow& row : table.rows) {
    nlohmann::json& image = images.emplace_back(nlohmann::json{{"name", row.name}});
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      place_of(image, table.columns[i]) = json_number(row.scores.at(i));
    }
  }
  return {{"summary", summary}, {"images", images}};
}

std::string rows_text(const std::vector<ScoreRow>& rows) {
  nlohmann::json json = nlohmann::json::array();
  for (const ScoreRow& row : rows) json.push_back({row.index, row.name, row.scores});
  // As JSON, infinities would be lost.
  std::string text;
  nlohmann::json::to_cbor(json, text);
  return text;
}

std::vector<ScoreRow> parse_rows(const std::string& text) {
  std::vector<ScoreRow> rows;
  try {
    for (const nlohmann::json& row : nlohmann::json::from_cbor(text)) {
      rows.push_back({row.at(0).get<std::uint64_t>(), row.at(1).get<std::string>(),
                      row.at(2).get<std::vector<double>>()});
    }
  } catch (const nlohmann::json::exception& error) {
    throw Error(std::string("the scores of another process cannot be read: ") + error.what());
  }
  return rows;
}

}  // namespace tha4
