#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/metrics/picture_metrics.h"

namespace tha4 {

/// One metric of what was compared with the truth.
struct ScoreColumn {
  std::string subject;  ///< for example "student"; empty in a table that has but one
  MetricDescription metric;
};

/// The scores of one image.
struct ScoreRow {
  std::uint64_t index = 0;  ///< of the image among all that are measured, whichever process measured it
  std::string name;
  std::vector<double> scores;  ///< one for each column
};

/// Scores of many images. Kept image by image, so that anything can be made of them.
struct ScoreTable {
  std::vector<ScoreColumn> columns;
  std::vector<ScoreRow> rows;

  std::vector<double> values_of(std::size_t column) const;
};

/// The columns of \p metrics for one subject.
std::vector<ScoreColumn> columns_of(const std::string& subject, std::span<const MetricDescription> metrics);

/// What a column's values come to: NaN where one is or there are none.
struct ScoreSummary {
  double mean = 0;  ///< see mean_score()
  double median = 0;
  double min = 0;
  double max = 0;
};

/// \param max_in_mean  see mean_score()
ScoreSummary summary_of(std::vector<double> values,
                        double max_in_mean = std::numeric_limits<double>::infinity());

/// The numbers of the rows from the best to the worst of a column, NaN last; those alike keep their order.
std::vector<std::size_t> best_first(const ScoreTable& table, std::size_t column);

/// A line for each column with mean, median, least and most, under a heading: the cells of a table.
std::vector<std::vector<std::string>> summary_cells(const ScoreTable& table);

/// \p cells as aligned text, the first column to the left.
std::string to_text(const std::vector<std::vector<std::string>>& cells);

/// {"summary": {SUBJECT: {METRIC: {"mean", "median", "min", "max"}}}, "images": [{"name", SUBJECT: {METRIC:
/// value}}]}, without the level of the subjects where there is but one. Values that JSON has no number for
/// are "inf", "-inf" and "nan".
nlohmann::json to_json(const ScoreTable& table);

/// The rows as bytes, exactly, to be sent between processes; parse_rows() throws Error for other bytes.
std::string rows_text(const std::vector<ScoreRow>& rows);
std::vector<ScoreRow> parse_rows(const std::string& text);

}  // namespace tha4
