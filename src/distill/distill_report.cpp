#include "distill_report.h"

#include "report_sections.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/duration_text.h"
#include "tha4/base/json_text.h"
#include "tha4/base/version.h"
#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/image/rest_image.h"
#include "tha4/metrics/psnr.h"
#include "tha4/report/html_report.h"

namespace tha4 {
namespace {

nlohmann::json pose_json(const Pose& pose) {
  nlohmann::json json = nlohmann::json::object();
  for (std::size_t i = 0; i < pose.size(); ++i) {
    if (pose[i] != 0) json[std::string(pose_parameters()[i].name)] = pose[i];
  }
  return json;
}

nlohmann::json report_json(const DistillReport& report) {
  const Character& character = report.result.character;
  nlohmann::json times = nlohmann::json::object(), worst = nlohmann::json::array();
  for (const DistillTime& time : report.times) times[time.work] = time.seconds;
  for (const HeldOutFrame& frame : report.held_out.worst) {
    worst.push_back({{"network", frame.network_psnr}, {"pose", pose_json(frame.pose)}});
  }
  nlohmann::json json = {{"tha4_version", version()},
                         {"teacher", report.teacher},
                         {"finished", true},
                         {"face_morpher_kind", to_string(character.face_morpher_kind)},
                         {"body_rotator_kind", to_string(character.body_rotator_kind)},
                         {"opens_in_official_apps", character.is_official()},
                         {"held_out", to_json(report.result.score)},
                         {"at_rest", to_json(report.held_out.at_rest)},
                         {"worst_poses", worst},
                         {"seconds", times},
                         {"settings", to_json(report.config)}};
  if (report.minutes > 0) json["minutes"] = report.minutes;
  if (report.gpu_bytes) json["peak_gpu_bytes"] = *report.gpu_bytes;
  return json;
}

void add_key_scores(HtmlReport& page, const DistillReport& report) {
  const HeldOutScore& score = report.result.score;
  page.add_key_figures(
      {{"network PSNR", decibels(score.student.network) + " dB",
        "rest image " + decibels(score.rest.network)},
       {"seen PSNR", decibels(score.student.seen) + " dB", "rest image " + decibels(score.rest.seen)},
       {"face, network PSNR", decibels(score.face.network) + " dB",
        "rest image " + decibels(score.rest_face.network)},
       {"time", duration_text(report.result.seconds),
        report.minutes > 0 ? fmt::format("fitted to {:g} minutes", report.minutes) : ""}});
}

std::vector<std::string> psnr_row(const std::string& subject, const PsnrPair& psnr) {
  return {subject, decibels(psnr.network), decibels(psnr.seen)};
}

std::vector<std::string> psnr_headings() {
  return {"", description_of(ImagePsnr::network).label, description_of(ImagePsnr::seen).label};
}

void add_score(HtmlReport& page, const HeldOutScore& score) {
  page.add_heading("What the student is worth");
  page.add_text(fmt::format(
      "Means against the teacher over {} natural poses that training has not seen. Network PSNR: of "
      "RGBA, linear light, premultiplied, in [0, 1]. Seen PSNR: of sRGB on white. The rest image is what "
      "no movement at all would score.",
      score.poses));
  std::vector<std::vector<std::string>> rows = {psnr_headings(),
                                                psnr_row("student, whole frame", score.student),
                                                psnr_row("rest image, whole frame", score.rest),
                                                psnr_row("student's face alone, face crop", score.face),
                                                psnr_row("rest image, face crop", score.rest_face)};
  if (score.body_poses > 0) {
    rows.push_back(
        psnr_row(fmt::format("student's body alone, with the teacher's face ({} poses)", score.body_poses),
                 score.body));
  }
  page.add_table(rows);
}

void add_worst(HtmlReport& page, const std::vector<HeldOutFrame>& worst) {
  if (worst.empty()) return;
  page.add_heading("Where it is worst");
  page.add_text(
      "The held-out poses with the lowest network PSNR, each with the parameters that are furthest "
      "from rest.");
  add_frames(page, worst);
}

/// At rest, the picture itself is what both should draw.
void add_rest(HtmlReport& page, const HeldOutResult& held_out, const RgbaImage& picture) {
  page.add_heading("Whose fault: the rest pose");
  page.add_text(
      "In the rest pose, the picture itself is what should be drawn. Where the teacher differs from it, the "
      "fault is the teacher's, and a longer training does not mend it. Where the student differs from its "
      "teacher, the fault is the student's.");
  page.add_table(
      {psnr_headings(),
       psnr_row("teacher's faults: teacher against the picture", held_out.at_rest.teacher_of_picture),
       psnr_row("student's faults: student against the teacher", held_out.at_rest.student_of_teacher),
       psnr_row("both: student against the picture", held_out.at_rest.student_of_picture)});
  const at::Tensor image = to_image_tensor(picture);
  page.add_image_row(
      "", {{"picture", lay_over(picture, {})},
           {"teacher", lay_over(to_rgba_image(held_out.rest.teacher), {})},
           {"student", lay_over(to_rgba_image(held_out.rest.student), {})},
           {"teacher's faults, four times", difference_image(image, held_out.rest.teacher)},
           {"student's faults, four times", difference_image(held_out.rest.teacher, held_out.rest.student)}});
}

void add_times(HtmlReport& page, const std::vector<DistillTime>& times) {
  page.add_heading("Time");
  std::vector<std::vector<std::string>> rows = {{"work", "seconds"}};
  for (const DistillTime& time : times) rows.push_back({time.work, fmt::format("{:.1f}", time.seconds)});
  page.add_table(rows);
}

}  // namespace

void write_report(const DistillReport& report, const std::filesystem::path& folder) {
  const Character& character = report.result.character;
  HtmlReport page(page_title("Distilled character", folder));
  add_key_scores(page, report);
  page.add_text(fmt::format("Teacher: {}. Face morpher: {}. Body rotator: {}.", report.teacher,
                            to_string(character.face_morpher_kind), to_string(character.body_rotator_kind)));
  page.add_text(
      character.is_official()
          ? "The official apps can open this character."
          : "The official apps cannot open this character: they know the paper's SIREN networks only.");
  if (report.minutes > 0) {
    page.add_text(
        fmt::format("The amounts of the settings were fitted to {:g} minutes; those below are what "
                    "was done.",
                    report.minutes));
  }
  page.add_heading("Held-out poses");
  add_frames(page, report.held_out.frames);
  add_score(page, report.result.score);
  add_worst(page, report.held_out.worst);
  add_rest(page, report.held_out, character.image);
  page.add_heading("Course");
  add_courses(page, report.curves, report.watch);
  page.add_heading("Face mask");
  page.add_image("Where the face parameters move the face; also in face_mask.png",
                 face_mask_picture(report.mask));
  add_times(page, report.times);
  page.add_heading("Settings");
  page.add_settings(to_json(report.config));
  page.write(folder / "report.html");
  write_text_file(folder / "report.json", json_text(report_json(report), 2) + "\n");
}

}  // namespace tha4
