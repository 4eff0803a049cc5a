#include "tha4/report/html_report.h"

#include <array>
#include <regex>
#include <string>
#include <vector>

#include "report/embedded_png.h"
#include "report/occurrences.h"
#include "test_files.h"
#include <gtest/gtest.h>

#include "tha4/base/atomic_file.h"
#include "tha4/image/image_io.h"
#include "tha4/report/chart.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// What is wrong with the nesting of the page's tags; empty if nothing is.
std::string nesting_fault(const std::string& page) {
  const std::regex tag(R"re(<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>"]|"[^"]*")*?)(/?)>)re");
  const std::regex style("<style>[^<]*</style>");
  std::vector<std::string> open;
  std::size_t tags = 0;
  const std::string text = std::regex_replace(page, style, "");
  for (std::sregex_iterator match(text.begin(), text.end(), tag), end; match != end; ++match, ++tags) {
    const std::string name = (*match)[2];
    if (name == "meta" || name == "img" || (*match)[4] == "/") continue;
    if ((*match)[1] != "/") {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> closes " + (open.empty() ? "nothing" : "<" + open.back() + ">");
    } else {
      open.pop_back();
    }
  }
  if (!open.empty()) return "<" + open.back() + "> is never closed";
  // Each "<" belongs to a tag, but for the document type.
  return tags + 1 == occurrences(text, "<") ? "" : "a stray <";
}

RgbaImage plain_image(int width, int height, std::array<std::uint8_t, 4> color) {
  RgbaImage image(width, height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = color[i % 4];
  return image;
}

HtmlReport full_report() {
  HtmlReport report("Title");
  report.add_heading("Figures");
  report.add_notice("Not <finished>.");
  report.add_progress(0.25);
  report.add_key_figures({{"PSNR", "36.2 dB", "rest image 18.2"}, {"time", "<5 min", ""}});
  report.add_text("One.\nTwo.");
  report.add_table({{"phase", "PSNR"}, {"1", "30.5 dB"}, {"2", "n/a"}});
  report.add_image("the mask", plain_image(40, 30, {1, 2, 3, 255}));
  report.add_image_row("pose 1", {{"teacher", plain_image(5, 5, {200, 0, 0, 255})},
                                  {"student", plain_image(6, 5, {0, 200, 0, 255})},
                                  {"difference", plain_image(7, 5, {0, 0, 200, 128})}});
  report.add_svg(svg_line_chart({.title = "Loss", .series = {{"train", {{0, 1}, {1, 2}}}}}));
  report.add_settings({{"batch", 8}});
  return report;
}

TEST(HtmlReport, LoadsItselfAnewOnlyWhereItIsAskedTo) {
  HtmlReport report("Title");
  EXPECT_EQ(occurrences(report.html(), "http-equiv"), 0U);
  report.refresh_every(7);
  EXPECT_NE(report.html().find("<meta http-equiv=\"refresh\" content=\"7\">"), std::string::npos);
}

TEST(HtmlReport, IsOneWellFormedPageThatRefersToNothingElse) {
  for (const std::string& page : {full_report().html(), HtmlReport("").html()}) {
    EXPECT_EQ(nesting_fault(page), "");
    EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
    EXPECT_EQ(page.find("http"), std::string::npos);
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_EQ(page.find("url("), std::string::npos);
    EXPECT_EQ(page.find("href"), std::string::npos);
  }
}

TEST(HtmlReport, HoldsItsImagesBitForBit) {
  const std::string page = full_report().html();
  EXPECT_EQ(occurrences(page, "<img"), 4U);
  EXPECT_EQ(occurrences(page, "src=\"data:image/png;base64,"), 4U);
  // Images of several sizes end in different lengths of the base64 padding.
  for (const std::size_t i : {1U, 2U, 3U}) {
    const RgbaImage image = decode_image(embedded_png(page, i), "embedded");
    EXPECT_EQ(image.width, static_cast<int>(4 + i));
    const std::vector<std::uint8_t> color(image.pixels.end() - 4, image.pixels.end());
    const std::vector<std::vector<std::uint8_t>> expected = {
        {200, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 200, 128}};
    EXPECT_EQ(color, expected[i - 1]);
  }
}

TEST(HtmlReport, EscapesEveryText) {
  const std::string evil = "<script>alert(\"x\")</script> & 'y'\x01";
  const std::string harmless = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;";
  HtmlReport report(evil);
  report.add_heading(evil);
  report.add_text(evil);
  report.add_table({{evil}, {evil}});
  report.add_image(evil, plain_image(1, 1, {}));
  report.add_image_row(evil, {{evil, plain_image(1, 1, {})}});
  report.add_svg(svg_line_chart({.title = evil, .x_label = evil, .y_label = evil, .series = {{evil, {}}}}));
  report.add_settings({{evil, evil}});
  const std::string page = report.html();
  EXPECT_EQ(nesting_fault(page), "");
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find('\x01'), std::string::npos);
  // Title twice; heading; text; two cells; captions and alternative texts of two images and a row's caption;
  // the chart's title twice, its labels and its series; a setting's name and value.
  EXPECT_EQ(occurrences(page, harmless), 2U + 1 + 1 + 2 + 5 + 5 + 2);
}

TEST(HtmlReport, AlignsColumnsOfFiguresToTheRight) {
  HtmlReport report("");
  report.add_table({{"name", "PSNR", "change", "note"},
                    {"pose 1", "30.25", "+0.5 dB", "3 of 4"},
                    {"pose 2", "–", "−1 dB", "worse"},
                    {"pose 3", "∞"}});
  const std::string page = report.html();
  EXPECT_NE(
      page.find("<th>name</th><th class=\"figures\">PSNR</th><th class=\"figures\">change</th><th>note</th>"),
      std::string::npos);
  EXPECT_NE(page.find("<td>pose 3</td><td class=\"figures\">∞</td><td class=\"figures\"></td><td></td>"),
            std::string::npos)
      << "a short row is filled up";
}

TEST(HtmlReport, TakesSettingsApart) {
  HtmlReport report("");
  report.add_settings({{"preset", "quick"},
                       {"face", {{"rate", 1e-4}, {"sizes", {128, 256}}}},
                       {"phases", {{{"examples", 10}}, {{"examples", 20}}}},
                       {"empty", nlohmann::json::object()}});
  const std::string page = report.html();
  for (const char* entry : {"<dt>preset</dt><dd>quick</dd>", "<dt>face.rate</dt><dd>0.0001</dd>",
                            "<dt>face.sizes</dt><dd>[128, 256]</dd>", "<dt>phases.1.examples</dt><dd>20</dd>",
                            "<dt>empty</dt><dd>{}</dd>"}) {
    EXPECT_NE(page.find(entry), std::string::npos) << entry;
  }
}

TEST(HtmlReport, IsWrittenToAFile) {
  const fs::path file = fresh_path("html") / "report.html";
  const HtmlReport report = full_report();
  report.write(file);
  EXPECT_EQ(read_text_file(file), report.html());
}

}  // namespace
}  // namespace tha4
