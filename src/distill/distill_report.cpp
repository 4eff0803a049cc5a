#include "distill_report.h"

#include <spdlog/fmt/fmt.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/json_text.h"
#include "tha4/base/version.h"
#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/image/rest_image.h"
#include "tha4/metrics/psnr.h"
#include "tha4/report/html_report.h"

namespace tha4 {
namespace {

nlohmann::json report_json(const DistillReport& report) {
  const Character& character = report.result.character;
  nlohmann::json times = nlohmann::json::object();
  for (const DistillTime& time : report.times) times[time.work] = time.seconds;
  nlohmann::json json = {{"tha4_version", version()},
                         {"teacher", report.teacher},
                         {"face_morpher_kind", to_string(character.face_morpher_kind)},
                         {"body_rotator_kind", to_string(character.body_rotator_kind)},
                         {"opens_in_official_apps", character.is_official()},
                         {"held_out", to_json(report.result.score)},
                         {"seconds", times},
                         {"settings", to_json(report.job.config)}};
  if (report.gpu_bytes) json["peak_gpu_bytes"] = *report.gpu_bytes;
  return json;
}

std::string decibels(double value) {
  return fmt::format("{:.2f}", value);
}

void add_score(HtmlReport& page, const HeldOutScore& score) {
  page.add_heading("Held-out poses");
  page.add_text(fmt::format(
      "Means against the teacher over {} natural poses that training has not seen. Network PSNR: of "
      "RGBA, linear light, premultiplied, in [0, 1]. Seen PSNR: of sRGB on white. The rest image is what "
      "no movement at all would score.",
      score.poses));
  const auto row = [](const std::string& subject, const PsnrPair& psnr) -> std::vector<std::string> {
    return {subject, decibels(psnr.network), decibels(psnr.seen)};
  };
  page.add_table({{"", description_of(ImagePsnr::network).label, description_of(ImagePsnr::seen).label},
                  row("student, whole frame", score.student),
                  row("rest image, whole frame", score.rest),
                  row("student, face crop", score.face),
                  row("rest image, face crop", score.rest_face)});
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

  const Character& character = report.result.character;
  HtmlReport page("Distilled character: " + folder.filename().string());
  page.add_text(fmt::format("Teacher: {}. Face morpher: {}. Body rotator: {}.", report.teacher,
                            to_string(character.face_morpher_kind), to_string(character.body_rotator_kind)));
  page.add_text(
      character.is_official()
          ? "The official apps can open this character."
          : "The official apps cannot open this character: they know the paper's SIREN networks only.");
  add_score(page, report.result.score);
  add_frames(page, report.frames);
  page.add_heading("Losses");
  for (const TrainingCurves& course : report.curves) {
    page.add_svg(svg_line_chart({.title = course.training,
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
  page.add_settings(to_json(report.job.config));
  page.write(folder / "report.html");
}

}  // namespace tha4
