#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "command_files.h"
#include "command_line.h"
#include <nlohmann/json.hpp>

#include "tha4/evaluation/score_table.h"
#include "tha4/report/html_report.h"

namespace tha4::app {

/// What an evaluation found, and how it is shown.
struct EvaluationReport {
  std::string title;
  std::string text;  ///< what was compared with what, and how
  ScoreTable scores;
  nlohmann::json settings;  ///< what would have to be the same to get the same scores

  /// The pictures that were compared in a row, for example truth, student and difference.
  std::function<std::vector<CaptionedImage>(const ScoreRow&)> pictures;
};

/// Where a report goes, besides the terminal; empty: nowhere.
struct ReportFiles {
  JsonOutput json;
  std::string html;
};

/// Checks them, and that they are not what \p inputs are, before the work.
void check_files(const ReportFiles& files, CommandFiles inputs);

/// Prints the table and writes the files. Throws Error if one cannot be written.
void write_report(const EvaluationReport& report, const ReportFiles& files);

/// Some of the best rows by a column, of those in the middle, and of the worst, each with what it is: all of
/// them where there are few.
struct ShownRow {
  std::string place;  ///< "best", "median", "worst", or empty
  std::size_t row;
};
std::vector<ShownRow> rows_to_show(const ScoreTable& scores, std::size_t column);

}  // namespace tha4::app
