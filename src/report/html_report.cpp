#include "tha4/report/html_report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "html_text.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/json_text.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

constexpr int kMinShownWidth = 256;

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --page: #ffffff; --text: #1f2328; --muted: #59636e; --rule: #d9dee4;
  --stripe: #f5f7f9; --square: #e8ebef; --empty: #f8f9fa; --accent: #2f6fde; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15181c; --text: #e3e6ea; --muted: #99a2ad; --rule: #343a42; --stripe: #1c2025;
    --square: #2a2f36; --empty: #21252b; --accent: #6ea0ff; }
}
* { box-sizing: border-box; }
body { max-width: 960px; margin: 0 auto; padding: 40px 20px 64px; background: var(--page); color: var(--text);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0 0 20px; font-size: 1.8rem; line-height: 1.25; }
h2 { margin: 48px 0 14px; padding-bottom: 6px; border-bottom: 1px solid var(--rule); font-size: 1.25rem; }
h1, h2, p, td, th { overflow-wrap: anywhere; }
p { max-width: 46rem; margin: 12px 0; white-space: pre-line; }
p.notice { max-width: none; padding: 12px 16px; border-left: 4px solid var(--accent); background: var(--stripe);
  border-radius: 4px; }
.progress { height: 10px; margin: 18px 0; border-radius: 5px; background: var(--square); overflow: hidden; }
.progress div { height: 100%; border-radius: 5px; background: var(--accent); }
.keys { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 12px; margin: 20px 0; }
.keys div { padding: 12px 16px; border: 1px solid var(--rule); border-radius: 8px; }
.keys span { display: block; color: var(--muted); font-size: .875rem; }
.keys strong { display: block; font-size: 1.6rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.table { margin: 18px 0; overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 18px 6px 8px; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid var(--rule); color: var(--muted); font-size: .875rem; font-weight: 600; }
td { border-bottom: 1px solid var(--rule); }
th.figures, td.figures { padding: 6px 8px 6px 18px; text-align: right; white-space: nowrap; }
tbody tr:nth-child(even) { background: var(--stripe); }
figure { margin: 20px 0; }
figcaption { margin-top: 6px; color: var(--muted); font-size: .875rem; text-align: center; }
figure.single figcaption { text-align: left; }
figure.row > figcaption { margin: 0 0 8px; color: var(--text); font-size: .95rem; font-weight: 600; text-align: left; }
.images { display: grid; gap: 12px; }
.images figure { margin: 0; min-width: 0; }
.images img { width: 100%; }
img { display: block; max-width: 100%; height: auto; border: 1px solid var(--rule); border-radius: 4px;
  background: conic-gradient(var(--square) 25%, var(--empty) 0 50%, var(--square) 0 75%, var(--empty) 0) 0 0 / 16px 16px; }
img.enlarged { image-rendering: pixelated; }
figure.chart { margin: 28px 0; }
figure.chart svg { display: block; }
dl.settings { columns: 2 24rem; column-gap: 40px; margin: 16px 0; font-size: .875rem; }
dl.settings div { display: flex; justify-content: space-between; gap: 16px; padding: 3px 0;
  border-bottom: 1px solid var(--rule); break-inside: avoid; }
dl.settings dt { color: var(--muted); }
dl.settings dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
@media print { body { max-width: none; padding: 0; } figure, tr { break-inside: avoid; } }
)";

using Row = std::vector<std::string>;

bool is_placeholder(std::string_view cell) {
  constexpr std::array<std::string_view, 6> kPlaceholders = {"", "-", "–", "—", "n/a", "nan"};
  return std::find(kPlaceholders.begin(), kPlaceholders.end(), cell) != kPlaceholders.end();
}

/// "3", "-0.5 dB", "+2 %", "∞" and the like.
bool is_figure(std::string_view cell) {
  constexpr std::string_view kMinus = "−", kInfinity = "∞";
  if (cell.starts_with(kMinus)) {
    cell.remove_prefix(kMinus.size());
  } else if (cell.starts_with('-') || cell.starts_with('+')) {
    cell.remove_prefix(1);
  }
  if (cell.starts_with('.')) cell.remove_prefix(1);
  return cell.starts_with(kInfinity) || cell.starts_with("inf") ||
         (!cell.empty() && cell.front() >= '0' && cell.front() <= '9');
}

std::string cell_of(const Row& row, std::size_t column) {
  return column < row.size() ? row[column] : std::string();
}

bool is_column_of_figures(const std::vector<Row>& rows, std::size_t column) {
  bool has_figure = false;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::string cell = cell_of(rows[i], column);
    if (is_figure(cell)) {
      has_figure = true;
    } else if (!is_placeholder(cell)) {
      return false;
    }
  }
  return has_figure;
}

std::string row_html(const Row& row, const std::vector<bool>& figures, std::string_view tag) {
  std::string html = "<tr>";
  for (std::size_t column = 0; column < figures.size(); ++column) {
    html += fmt::format("<{0}{1}>{2}</{0}>", tag, figures[column] ? R"( class="figures")" : "",
                        escape_html(cell_of(row, column)));
  }
  return html + "</tr>\n";
}

/// \param shown_width  in CSS pixels; 0: given by what the image stands in
std::string image_html(std::string_view caption, const RgbaImage& image, int shown_width) {
  const bool is_enlarged = image.width < kMinShownWidth;
  return fmt::format(R"(<img{} alt="{}" width="{}" height="{}"{} src="{}">)",
                     is_enlarged ? R"( class="enlarged")" : "", escape_html(caption), image.width,
                     image.height, shown_width > 0 ? fmt::format(R"( style="width:{}px")", shown_width) : "",
                     data_uri("image/png", png_bytes(image)));
}

std::string caption_html(std::string_view caption) {
  return caption.empty() ? std::string() : "<figcaption>" + escape_html(caption) + "</figcaption>\n";
}

/// Compact JSON; a list of numbers gets spaces where the line may break.
std::string setting_text(const nlohmann::json& value) {
  if (!value.is_array()) return json_text(value);
  std::string text;
  for (const auto& item : value) text += (text.empty() ? "" : ", ") + json_text(item);
  return "[" + text + "]";
}

using Setting = std::pair<std::string, std::string>;

/// Objects, and lists that hold any, are taken apart; plain lists stay together.
void collect_settings(const nlohmann::json& value, const std::string& key, std::vector<Setting>& settings) {
  const auto is_structured = [](const nlohmann::json& item) { return item.is_structured(); };
  const bool is_taken_apart =
      !value.empty() &&
      (value.is_object() || (value.is_array() && std::any_of(value.begin(), value.end(), is_structured)));
  if (!is_taken_apart) {
    settings.emplace_back(key, value.is_string() ? value.get<std::string>() : setting_text(value));
    return;
  }
  for (const auto& [name, item] : value.items()) {
    collect_settings(item, key.empty() ? name : key + "." + name, settings);
  }
}

}  // namespace

HtmlReport::HtmlReport(std::string_view title) : title_(title) {}

void HtmlReport::add_heading(std::string_view text) {
  body_ += "<h2>" + escape_html(text) + "</h2>\n";
}

void HtmlReport::add_notice(std::string_view text) {
  body_ += "<p class=\"notice\">" + escape_html(text) + "</p>\n";
}

void HtmlReport::add_progress(double fraction) {
  body_ += fmt::format("<div class=\"progress\"><div style=\"width:{:.1f}%\"></div></div>\n",
                       100 * std::clamp(fraction, 0.0, 1.0));
}

void HtmlReport::add_key_figures(const std::vector<KeyFigure>& figures) {
  body_ += "<div class=\"keys\">\n";
  for (const KeyFigure& figure : figures) {
    body_ += "<div><span>" + escape_html(figure.label) + "</span><strong>" + escape_html(figure.value) +
             "</strong><span>" + escape_html(figure.note) + "</span></div>\n";
  }
  body_ += "</div>\n";
}

void HtmlReport::add_text(std::string_view text) {
  body_ += "<p>" + escape_html(text) + "</p>\n";
}

void HtmlReport::add_table(const std::vector<Row>& rows) {
  if (rows.empty()) return;
  std::vector<bool> figures;
  for (const Row& row : rows) figures.resize(std::max(figures.size(), row.size()));
  for (std::size_t column = 0; column < figures.size(); ++column) {
    figures[column] = is_column_of_figures(rows, column);
  }
  body_ +=
      "<div class=\"table\"><table>\n<thead>" + row_html(rows.front(), figures, "th") + "</thead>\n<tbody>\n";
  for (std::size_t i = 1; i < rows.size(); ++i) body_ += row_html(rows[i], figures, "td");
  body_ += "</tbody></table></div>\n";
}

void HtmlReport::add_image(std::string_view caption, const RgbaImage& image) {
  const int width = std::max(image.width, 1);
  const int scale = (kMinShownWidth + width - 1) / width;
  body_ += "<figure class=\"single\">\n" + image_html(caption, image, width * scale) + "\n" +
           caption_html(caption) + "</figure>\n";
}

void HtmlReport::add_image_row(std::string_view caption, const std::vector<CaptionedImage>& images) {
  body_ += "<figure class=\"row\">\n" + caption_html(caption);
  body_ += fmt::format("<div class=\"images\" style=\"grid-template-columns:repeat({},minmax(0,1fr))\">\n",
                       std::max<std::size_t>(images.size(), 1));
  for (const CaptionedImage& image : images) {
    body_ += "<figure>" + image_html(image.caption, image.image, 0) + "\n" + caption_html(image.caption) +
             "</figure>\n";
  }
  body_ += "</div></figure>\n";
}

void HtmlReport::add_svg(std::string_view svg) {
  body_ += "<figure class=\"chart\">" + std::string(svg) + "</figure>\n";
}

void HtmlReport::add_settings(const nlohmann::json& settings) {
  std::vector<Setting> entries;
  collect_settings(settings, "", entries);
  body_ += "<dl class=\"settings\">\n";
  for (const auto& [key, value] : entries) {
    body_ += "<div><dt>" + escape_html(key) + "</dt><dd>" + escape_html(value) + "</dd></div>\n";
  }
  body_ += "</dl>\n";
}

std::string HtmlReport::html() const {
  const std::string title = escape_html(title_);
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  if (refresh_seconds_ > 0) {
    page += fmt::format("<meta http-equiv=\"refresh\" content=\"{}\">\n", refresh_seconds_);
  }
  page += "<title>" + title + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n";
  page += "<body>\n<h1>" + title + "</h1>\n" + body_ + "</body>\n</html>\n";
  return page;
}

void HtmlReport::write(const std::filesystem::path& file) const {
  write_text_file(file, html());
}

}  // namespace tha4
