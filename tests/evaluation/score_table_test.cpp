#include "tha4/evaluation/score_table.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tha4/base/error.h"
#include "tha4/metrics/psnr.h"

namespace tha4 {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

ScoreTable table_of(std::vector<double> psnr, const std::string& subject = "") {
  ScoreTable table;
  table.columns = {{subject, description_of(PictureMetric::psnr)}};
  for (std::size_t i = 0; i < psnr.size(); ++i) {
    table.rows.push_back({i, "image " + std::to_string(i), {psnr[i]}});
  }
  return table;
}

TEST(ScoreTable, IsSummedUp) {
  const ScoreSummary odd = summary_of({3, 1, 8});
  EXPECT_EQ(odd.mean, 4);
  EXPECT_EQ(odd.median, 3);
  EXPECT_EQ(odd.min, 1);
  EXPECT_EQ(odd.max, 8);
  EXPECT_EQ(summary_of({4, 1, 2, 8}).median, 3);
}

TEST(ScoreTable, KeepsWhatIsNoFiniteNumberVisible) {
  EXPECT_EQ(summary_of({kInfinity, kInfinity}).median, kInfinity);
  EXPECT_EQ(summary_of({20, 30, kInfinity}).mean, kInfinity);
  EXPECT_EQ(summary_of({20, 30, kInfinity}).median, 30);
  EXPECT_TRUE(std::isnan(summary_of({1, kNan, 2}).min));
  EXPECT_TRUE(std::isnan(summary_of({}).mean));
  const nlohmann::json json = to_json(table_of({20, kInfinity, kNan}));
  EXPECT_EQ(json["images"][1]["psnr"], "inf");
  EXPECT_EQ(json["images"][2]["psnr"], "nan");
  EXPECT_EQ(json["summary"]["psnr"]["mean"], "nan");
}

TEST(ScoreTable, DoesNotLetAnExactImageHideTheOthers) {
  const nlohmann::json some = to_json(table_of({20, 30, kInfinity})), all = to_json(table_of({kInfinity}));
  EXPECT_EQ(some["summary"]["psnr"]["mean"], (20 + 30 + kMaxPsnrInMean) / 3);
  EXPECT_EQ(all["summary"]["psnr"]["mean"], "inf");
}

TEST(ScoreTable, PutsTheBestFirst) {
  EXPECT_EQ(best_first(table_of({20, kNan, 30, 20, kInfinity}), 0),
            (std::vector<std::size_t>{4, 2, 0, 3, 1}));
  ScoreTable distances = table_of({0.3, 0.1, kNan, 0.2});
  distances.columns[0].metric = description_of(PictureMetric::lpips);
  EXPECT_EQ(best_first(distances, 0), (std::vector<std::size_t>{1, 3, 0, 2}));
}

TEST(ScoreTable, IsShownAsAlignedText) {
  EXPECT_EQ(to_text(summary_cells(table_of({20, 30.126}))),
            "2 images         mean  median    min    max\n"
            "seen PSNR (dB)  25.06   25.06  20.00  30.13\n");
}

TEST(ScoreTable, NamesSubjectsInJson) {
  const nlohmann::json json = to_json(table_of({20}, "rest image"));
  EXPECT_EQ(json["summary"]["rest_image"]["psnr"]["max"], 20);
  EXPECT_EQ(json["images"][0]["rest_image"]["psnr"], 20);
  EXPECT_EQ(json["images"][0]["name"], "image 0");
}

TEST(ScoreTable, TravelsBetweenProcessesExactly) {
  const std::vector<ScoreRow> rows = {{7, "a \"quoted\" näme", {0.1, kInfinity, 1e-300}}, {8, "", {kNan}}};
  const std::vector<ScoreRow> parsed = parse_rows(rows_text(rows));
  ASSERT_EQ(parsed.size(), 2U);
  EXPECT_EQ(parsed[0].index, 7U);
  EXPECT_EQ(parsed[0].name, rows[0].name);
  EXPECT_EQ(parsed[0].scores, rows[0].scores);
  EXPECT_TRUE(std::isnan(parsed[1].scores.at(0)));
  EXPECT_THROW(parse_rows("no rows"), Error);
}

}  // namespace
}  // namespace tha4
