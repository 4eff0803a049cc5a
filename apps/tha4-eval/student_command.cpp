#include "student_command.h"

#include <memory>

#include <spdlog/fmt/fmt.h>

#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/image/rest_image.h"
#include "tha4/metrics/seen_picture.h"
#include "tha4/pose/pose_file.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/student_poser.h"
#include "tha4/poser/teacher_poser.h"
#include "tha4/render/rig_poser.h"
#include "tha4/render/rig_source.h"

namespace tha4 {
namespace {

/// The picture that a teacher's networks pose: the character's own unless another is named.
at::Tensor teacher_image(const StudentOptions& options, const Character& character) {
  return to_image_tensor(options.image.empty() ? character.image : load_rest_image(options.image));
}

std::unique_ptr<Poser> open_teacher(const StudentOptions& options, const Character& character,
                                    c10::Device device) {
  const bool is_rig = names_rig(options.teacher);
  if (is_rig || is_character(options.teacher)) {
    if (!options.image.empty()) {
      throw InputError("--image does not go with " + options.teacher +
                       ", which has a picture of its own; leave it out");
    }
    if (is_rig) return make_rig_poser(open_rig(options.teacher), device);
    return std::make_unique<StudentPoser>(load_character(options.teacher), device);
  }
  const at::Tensor image = teacher_image(options, character);
  if (options.architecture == "tha3") {
    return make_tha3_poser(load_tha3_networks(options.teacher), image, device);
  }
  return make_teacher_poser(load_teacher_networks(options.teacher), image, device);
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

nlohmann::json settings_of(const StudentOptions& options, const Evaluation& evaluation) {
  nlohmann::json settings = to_json(evaluation, options.comparison);
  settings["character"] = options.character;
  settings["teacher"] = options.teacher;
  settings["precision"] = options.precision;
  if (!options.image.empty()) settings["image"] = options.image;
  if (options.pose_file.empty()) {
    settings["poses"] = {{"distribution", "natural"}, {"count", options.poses}, {"seed", options.seed}};
  } else {
    settings["poses"] = {{"file", options.pose_file}};
  }
  return settings;
}

}  // namespace

void evaluate_student(const StudentOptions& options, c10::Device device) {
  Evaluation evaluation = make_evaluation(options.comparison, device);
  evaluation.batch = options.batch;
  const std::vector<Pose> poses = poses_of(options);
  const Character character = load_character(options.character);
  const std::unique_ptr<Poser> teacher = open_teacher(options, character, device);
  StudentPoser student(character, device, parse_precision(options.precision));

  EvaluationReport report;
  report.scores = evaluate_student(*teacher, student, poses, evaluation);
  report.title = options.character + " against " + options.teacher;
  report.text = fmt::format(
      "The student {} against its teacher {} in {}.\n{}\nPSNR of network values is that of the paper's "
      "tables "
      "5 to 7: RGBA, linear light, premultiplied by alpha.",
      options.character, options.teacher, poses_text(options, poses.size()),
      describe(evaluation, options.comparison));
  report.settings = settings_of(options, evaluation);
  report.pictures = [&](const ScoreRow& row) -> std::vector<CaptionedImage> {
    const at::Tensor pose = to_tensor(std::span(poses).subspan(row.index, 1));
    const auto seen = [&](Poser& poser) {
      return seen_pictures(poser.pose(pose).blended, evaluation.background)[0].cpu();
    };
    const at::Tensor truth = seen(*teacher), drawn = seen(student);
    return {{"teacher", to_opaque_image(truth)},
            {"student", to_opaque_image(drawn)},
            {"difference, four times", seen_difference(truth, drawn)}};
  };
  write_report(report, options.files);
}

}  // namespace tha4
