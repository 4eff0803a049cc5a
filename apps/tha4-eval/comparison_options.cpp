#include "comparison_options.h"

#include <algorithm>
#include <charconv>

#include "command_line.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/error.h"

namespace tha4::app {
namespace {

bool has_lpips(const std::vector<PictureMetric>& metrics) {
  return std::find(metrics.begin(), metrics.end(), PictureMetric::lpips) != metrics.end();
}

std::vector<PictureMetric> metrics_of(const ComparisonOptions& options) {
  if (!options.metrics.empty()) return parse_picture_metrics(options.metrics);
  std::vector<PictureMetric> metrics = {PictureMetric::psnr, PictureMetric::ssim};
  if (!options.lpips_backbone.empty()) metrics.push_back(PictureMetric::lpips);
  return metrics;
}

Lpips open_lpips(const ComparisonOptions& options, c10::Device device) {
  const LpipsNet net = parse_lpips_net(options.lpips_net);
  if (options.lpips_backbone.empty()) {
    throw InputError("lpips needs a network's weights: " + where_to_get(backbone_of(net)) +
                     " and name the file by --lpips-backbone (--lpips-net " + options.lpips_net + ")");
  }
  return load_lpips(net, options.lpips_backbone, data_file("lpips/" + options.lpips_net + ".pth")).to(device);
}

std::string background_text(SrgbColor color) {
  if (color == SrgbColor{}) return "white";
  if (color == SrgbColor{0, 0, 0}) return "black";
  return fmt::format("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue);
}

}  // namespace

void ComparisonOptions::add_to(CLI::App& app) {
  app.add_option(
      "--metrics", metrics,
      "Some of psnr,ssim,lpips; if it is not given, psnr,ssim, and lpips where its backbone is given");
  app.add_option(
      "--lpips-backbone", lpips_backbone,
      "torchvision's file of the network that LPIPS compares by, for example alexnet-owt-7be5be79.pth");
  app.add_option("--lpips-net", lpips_net, "Which network that is: alex, squeeze or vgg")
      ->check(one_of({"alex", "squeeze", "vgg"}))
      ->capture_default_str();
  app.add_option("--background", background, "What transparency is laid over: white, black or #rrggbb")
      ->capture_default_str();
}

SrgbColor parse_background(const std::string& text) {
  if (text == "white") return {};
  if (text == "black") return {0, 0, 0};
  std::uint32_t color = 0;
  const char* const end = text.data() + text.size();
  const bool is_color =
      text.size() == 7 && text.front() == '#' && std::from_chars(text.data() + 1, end, color, 16).ptr == end;
  if (!is_color) {
    throw InputError("--background " + text +
                     " is no colour; use white, black or #rrggbb, for example #80c0ff");
  }
  return {static_cast<std::uint8_t>(color >> 16), static_cast<std::uint8_t>(color >> 8),
          static_cast<std::uint8_t>(color)};
}

Evaluation make_evaluation(const ComparisonOptions& options, c10::Device device) {
  std::vector<PictureMetric> metrics = metrics_of(options);
  const SrgbColor background = parse_background(options.background);
  std::optional<Lpips> lpips;
  if (has_lpips(metrics)) {
    lpips = open_lpips(options, device);
  } else if (!options.lpips_backbone.empty()) {
    throw InputError(
        "--lpips-backbone is given, but --metrics does not name lpips; add it, or leave the file out");
  }
  return {PictureMetrics(std::move(metrics), std::move(lpips)), background};
}

std::string describe(const Evaluation& evaluation, const ComparisonOptions& options) {
  std::string text = "Pictures are compared as 8-bit sRGB, transparency laid over " +
                     background_text(evaluation.background) + ".";
  if (has_lpips(evaluation.metrics.metrics())) text += " LPIPS 0.1 by the net " + options.lpips_net + ".";
  return text;
}

nlohmann::json to_json(const Evaluation& evaluation, const ComparisonOptions& options) {
  nlohmann::json json = {{"background", background_text(evaluation.background)}};
  if (has_lpips(evaluation.metrics.metrics())) {
    json["lpips"] = {{"net", options.lpips_net}, {"backbone", options.lpips_backbone}};
  }
  return json;
}

}  // namespace tha4::app
