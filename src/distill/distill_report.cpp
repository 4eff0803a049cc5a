#include "distill_report.h"

#include <spdlog/fmt/fmt.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/json_text.h"
#include "tha4/base/version.h"
#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/image/rest_image.h"
#include "tha4/report/html_report.h"

namespace tha4 {
namespace {

nlohmann::json report_json(const DistillReport& report) {
  nlohmann::json times = nlohmann::json::object();
  for (const DistillTime& time : report.times) times[time.work] = time.seconds;
  return {{"tha4_version", version()},
          {"teacher", report.teacher},
          {"face_morpher_kind", report.face_morpher_kind},
          {"body_rotator_kind", report.body_rotator_kind},
          {"opens_in_official_apps", report.is_official},
          {"held_out", to_json(report.score)},
          {"seconds", times},
          {"settings", report.settings}};
}

std::string decibels(double value) {
  return fmt::format("{:.2f}", value);
}

void add_score(HtmlReport& page, const HeldOutScore& score) {
  page.add_heading("Held-out poses");
  page.add_text(
      fmt::format("Mean PSNR in dB against the teacher over {} natural poses that training has not seen. "
                  "\"Network\": RGBA, linear "
                  "light, premultiplied, in [0, 1]. \"Seen\": sRGB on white. The rest image is what no "
                  "movement at all would score.",
                  score.poses));
  page.add_table(
      {{"", "network", "seen"},
       {"student, whole frame", decibels(score.student_network), decibels(score.student_viewer)},
       {"rest image, whole frame", decibels(score.rest_network), decibels(score.rest_viewer)},
       {"student, face crop", decibels(score.face_network), decibels(score.face_viewer)},
       {"rest image, face crop", decibels(score.rest_face_network), decibels(score.rest_face_viewer)}});
}

void add_frames(HtmlReport& page, const std::vector<HeldOutFrame>& frames) {
  for (const HeldOutFrame& frame : frames) {
    page.add_image_row("", {{"teacher", lay_over(to_rgba_image(frame.teacher), {})},
                            {"student", lay_over(to_rgba_image(frame.student), {})},
                            {"difference, four times", difference_image(frame.teacher, frame.student)}});
  }
}

void add_times(HtmlReport& page, const std::vector<DistillTime>& times) {
  page.add_heading("Time");
  std::vector<std::vector<std::string>> rows = {{"work", "seconds"}};
  for (const DistillTime& time : times) rows.push_back({time.work, fmt::format("{:.1f}", time.seconds)});
  page.add_table(rows);
}

}  // namespace

void write_report(const DistillReport& report, const std::filesystem::path& folder) {
  write_text_file(folder / "report.json", json_text(report_json(report), 2) + "\n");

  HtmlReport page("Distilled character: " + folder.filename().string());
  page.add_text(fmt::format("Teacher: {}. Face morpher: {}. Body rotator: {}.", report.teacher,
                            report.face_morpher_kind, report.body_rotator_kind));
  page.add_text(
      report.is_official
          ? "The official apps can open this character."
          : "The official apps cannot open this character: they know the paper's SIREN networks only.");
  add_score(page, report.score);
  add_frames(page, report.frames);
  page.add_heading("Losses");
  for (const FittingCurves& course : report.curves) {
    page.add_svg(svg_line_chart({.title = course.fitting,
                                 .x_label = "examples seen",
                                 .y_label = "loss",
                                 .log_y = true,
                                 .series = course.losses}));
  }
  page.add_heading("Face mask");
  page.add_image("Where the face parameters move the face; also in face_mask.png",
                 face_mask_picture(report.mask));
  add_times(page, report.times);
  page.add_heading("Settings");
  page.add_settings(report.settings);
  page.write(folder / "report.html");
}

}  // namespace tha4
