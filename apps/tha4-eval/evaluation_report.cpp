#include "evaluation_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <spdlog/spdlog.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/version.h"
#include "tha4/report/chart.h"

namespace tha4::app {
namespace {

/// The column that says which pictures are best.
constexpr std::size_t kRankingColumn = 0;
constexpr std::size_t kShownOfEach = 2;

nlohmann::json report_json(const EvaluationReport& report) {
  nlohmann::json json = {{"tha4_version", version()},
                         {"title", report.title},
                         {"text", report.text},
                         {"settings", report.settings}};
  json.update(to_json(report.scores));
  return json;
}

/// A histogram for each metric, with all subjects in it.
void add_distributions(HtmlReport& page, const ScoreTable& scores) {
  page.add_heading("Distributions");
  std::vector<bool> is_done(scores.columns.size());
  for (std::size_t i = 0; i < scores.columns.size(); ++i) {
    if (is_done[i]) continue;
    const MetricDescription& metric = scores.columns[i].metric;
    Histogram histogram{.title = metric.label, .y_label = "images"};
    std::size_t infinite = 0;
    for (std::size_t k = i; k < scores.columns.size(); ++k) {
      if (scores.columns[k].metric.key != metric.key) continue;
      is_done[k] = true;
      histogram.series.push_back({scores.columns[k].subject, scores.values_of(k)});
      for (const double value : histogram.series.back().values) infinite += std::isfinite(value) ? 0 : 1;
    }
    if (histogram.series.size() == 1) histogram.series.front().name.clear();
    page.add_svg(svg_histogram(histogram));
    if (infinite > 0) page.add_text(fmt::format("Without {} values that are not finite.", infinite));
  }
}

std::string caption_of(const ScoreTable& scores, const ShownRow& shown) {
  const ScoreRow& row = scores.rows[shown.row];
  std::string caption = shown.place.empty() ? row.name : shown.place + ": " + row.name;
  for (std::size_t i = 0; i < scores.columns.size(); ++i) {
    const auto& [subject, metric] = scores.columns[i];
    if (subject != scores.columns.front().subject) continue;
    caption +=
        fmt::format("{} {} {:.{}f}", i == 0 ? " —" : ",", metric.label, row.scores[i], metric.decimals);
  }
  return caption;
}

void add_pictures(HtmlReport& page, const EvaluationReport& report) {
  const ScoreTable& scores = report.scores;
  const std::vector<ShownRow> rows = rows_to_show(scores, kRankingColumn);
  page.add_heading(rows.size() < scores.rows.size() ? "Best, median and worst" : "Pictures");
  if (rows.size() > 1)
    page.add_text("By " + scores.columns[kRankingColumn].metric.label + ", the best first.");
  for (const ShownRow& shown : rows) {
    page.add_image_row(caption_of(scores, shown), report.pictures(scores.rows[shown.row]));
  }
}

std::string report_html(const EvaluationReport& report) {
  HtmlReport page(report.title);
  page.add_text(report.text);
  page.add_heading("Scores");
  page.add_table(summary_cells(report.scores));
  if (report.scores.rows.size() > 1) add_distributions(page, report.scores);
  add_pictures(page, report);
  page.add_heading("Settings");
  page.add_settings(report.settings);
  return page.html();
}

}  // namespace

std::vector<ShownRow> rows_to_show(const ScoreTable& scores, std::size_t column) {
  const std::vector<std::size_t> order = best_first(scores, column);
  std::vector<ShownRow> shown;
  const auto show = [&](const char* place, std::size_t begin, std::size_t count) {
    for (std::size_t i = begin; i < begin + count; ++i) shown.push_back({place, order[i]});
  };
  if (order.size() <= 3 * kShownOfEach) {
    show("", 0, order.size());
    return shown;
  }
  show("best", 0, kShownOfEach);
  show("median", (order.size() - kShownOfEach) / 2, kShownOfEach);
  show("worst", order.size() - kShownOfEach, kShownOfEach);
  return shown;
}

void check_files(const ReportFiles& files, CommandFiles inputs) {
  inputs.writes("--json", files.json.file).writes("--html", files.html).check();
}

void write_report(const EvaluationReport& report, const ReportFiles& files) {
  std::fputs((report.text + "\n\n" + to_text(summary_cells(report.scores))).c_str(), stdout);
  files.json.write(report_json(report));
  if (!files.html.empty()) write_text_file(files.html, report_html(report));
  for (const std::string& file : {files.json.file, files.html}) {
    if (!file.empty()) spdlog::info("wrote {}", file);
  }
}

}  // namespace tha4::app
