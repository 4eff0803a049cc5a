#include "report_sections.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <spdlog/fmt/fmt.h>

#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/metrics/psnr.h"
#include "tha4/report/chart.h"

namespace tha4 {
namespace {

constexpr int kNamedParameters = 4;

ChartSeries series_of(const std::vector<WatchedPsnr>& points, ImagePsnr kind) {
  ChartSeries series{description_of(kind).label, {}};
  for (const WatchedPsnr& point : points) {
    series.points.push_back({static_cast<double>(point.examples),
                             kind == ImagePsnr::network ? point.psnr.network : point.psnr.seen});
  }
  return series;
}

void add_psnr_course(HtmlReport& page, const std::string& training, const PsnrWatch& watch) {
  const std::vector<WatchedPsnr>& points = watch.course(training);
  if (points.empty()) return;
  page.add_svg(svg_line_chart(
      {.title = training + ": PSNR of a few held-out poses",
       .x_label = "examples seen",
       .y_label = "dB",
       .series = {series_of(points, ImagePsnr::network), series_of(points, ImagePsnr::seen)}}));
}

}  // namespace

std::string decibels(double value) {
  return std::isinf(value) && value > 0 ? "exact" : fmt::format("{:.2f}", value);
}

std::string strongest_parameters(const Pose& pose) {
  std::array<int, kPoseSize> order{};
  std::iota(order.begin(), order.end(), 0);
  // A range goes from rest to its far end.
  const auto strength = [&](int index) {
    const PoseParameter& parameter = pose_parameters()[static_cast<std::size_t>(index)];
    return std::abs(pose[static_cast<std::size_t>(index)]) / std::max(parameter.max, -parameter.min);
  };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return strength(a) > strength(b); });
  std::string text;
  for (int i = 0; i < kNamedParameters; ++i) {
    const auto index = static_cast<std::size_t>(order[static_cast<std::size_t>(i)]);
    if (strength(order[static_cast<std::size_t>(i)]) < 0.05) break;
    text += fmt::format("{}{} {:.2f}", text.empty() ? "" : ", ", pose_parameters()[index].name, pose[index]);
  }
  return text.empty() ? "at rest" : text;
}

void add_frames(HtmlReport& page, const std::vector<HeldOutFrame>& frames) {
  for (const HeldOutFrame& frame : frames) {
    page.add_image_row(
        fmt::format("{} dB: {}", decibels(frame.network_psnr), strongest_parameters(frame.pose)),
        {{"teacher", lay_over(to_rgba_image(frame.teacher), {})},
         {"student", lay_over(to_rgba_image(frame.student), {})},
         {"difference, four times", difference_image(frame.teacher, frame.student)}});
  }
}

void add_courses(HtmlReport& page, const std::vector<TrainingCurves>& curves, const PsnrWatch& watch) {
  for (const TrainingCurves& course : curves) {
    add_psnr_course(page, course.training, watch);
    const auto has_points = [](const ChartSeries& series) { return !series.points.empty(); };
    if (std::none_of(course.losses.begin(), course.losses.end(), has_points)) continue;
    page.add_svg(svg_line_chart({.title = course.training + ": losses",
                                 .x_label = "examples seen",
                                 .y_label = "loss",
                                 .log_y = true,
                                 .series = course.losses}));
  }
}

std::string page_title(const std::string& what, const std::filesystem::path& folder) {
  return what + ": " + folder.filename().string();
}

}  // namespace tha4
