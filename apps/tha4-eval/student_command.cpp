#include "student_command.h"

#include "poser_options.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/metrics/seen_picture.h"
#include "tha4/pose/pose_file.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/student_poser.h"

namespace tha4::app {
namespace {

/// The character's own picture is what a teacher's networks pose, and what a rig may lie beside, unless
/// another is named.
OpenedPoser open_teacher_of(const StudentOptions& options, const Character& character, c10::Device device) {
  PoserChoice teacher = options.teacher;
  teacher.usual_image = character.image;
  if (teacher.name == kRigBesidePicture && teacher.image.empty())
    teacher.image = character_image_file(options.character);
  return open_chosen_poser(with_engine_of_teacher(std::move(teacher)), device);
}

std::vector<Pose> poses_of(const StudentOptions& options) {
  if (!options.pose_file.empty()) return read_pose_file(options.pose_file);
  return sample_poses(PoseDistribution::natural, options.poses, options.seed);
}

std::string poses_text(const StudentOptions& options, std::size_t count) {
  const char* const poses = count == 1 ? "pose" : "poses";
  if (!options.pose_file.empty()) return fmt::format("{} {} of {}", count, poses, options.pose_file);
  return fmt::format("{} natural {} of the seed {}", count, poses, options.seed);
}

nlohmann::json settings_of(const StudentOptions& options, const std::string& teacher,
                           const Evaluation& evaluation) {
  nlohmann::json settings = to_json(evaluation, options.comparison);
  settings["character"] = options.character;
  settings["teacher"] = teacher;
  settings["precision"] = precision_name(options.precision.value_or(Precision::fp32));
  if (!options.teacher.image.empty()) settings["image"] = options.teacher.image.string();
  if (options.pose_file.empty()) {
    settings["poses"] = {{"distribution", "natural"}, {"count", options.poses}, {"seed", options.seed}};
  } else {
    settings["poses"] = {{"file", options.pose_file}};
  }
  return settings;
}

}  // namespace

void evaluate_student(const StudentOptions& options, c10::Device device, const Context& context) {
  check_files(options.files, CommandFiles()
                                 .reads("--character", options.character)
                                 .reads("--teacher", options.teacher.name)
                                 .reads("--image", options.teacher.image)
                                 .reads("--pose-file", options.pose_file)
                                 .reads("--lpips-backbone", options.comparison.lpips_backbone));
  Evaluation evaluation = make_evaluation(options.comparison, device);
  evaluation.batch = options.batch;
  const std::vector<Pose> poses = poses_of(options);
  const Character character = load_character(options.character);
  const OpenedPoser teacher = open_teacher_of(options, character, device);
  StudentPoser student(character, device, options.precision.value_or(Precision::fp32));

  EvaluationReport report;
  report.scores = evaluate_student(*teacher.poser, student, poses, evaluation, context);
  report.title = options.character + " against " + teacher.name;
  report.text = fmt::format(
      "The student {} against its teacher {} in {}.\n{}\nThe network PSNR is that of the paper's tables "
      "5 to 7: of RGBA, linear light, premultiplied by alpha.",
      options.character, teacher.name, poses_text(options, poses.size()),
      describe(evaluation, options.comparison));
  report.settings = settings_of(options, teacher.name, evaluation);
  report.pictures = [&](const ScoreRow& row) -> std::vector<CaptionedImage> {
    const at::Tensor pose = to_tensor(std::span(poses).subspan(row.index, 1));
    const auto seen = [&](Poser& poser) {
      return seen_pictures(poser.pose(pose).blended, evaluation.background)[0].cpu();
    };
    const at::Tensor truth = seen(*teacher.poser), drawn = seen(student);
    return {{"teacher", to_opaque_image(truth)},
            {"student", to_opaque_image(drawn)},
            {"difference, four times", seen_difference(truth, drawn)}};
  };
  write_report(report, options.files);
}

}  // namespace tha4::app
