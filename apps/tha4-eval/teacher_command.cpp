#include "teacher_command.h"

#include <chrono>

#include <c10/core/DeviceGuard.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <torch/types.h>

#include "tha4/distributed/process_group.h"
#include "tha4/engine/fused_teacher.h"
#include "tha4/metrics/seen_picture.h"
#include "tha4/poser/base_teacher.h"

namespace tha4::app {
namespace {

/// How long a process may keep the others waiting at the end, where each has done its share.
constexpr std::chrono::minutes kTimeout(30);

/// A teacher that is evaluated.
struct Subject {
  Architecture architecture;
  Precision precision;
  FrameMaker frames;
};

/// Whether fused kernels play \p teacher. Throws InputError where they are asked for and cannot.
bool is_fused(const TeacherOptions& options, const Teacher& teacher, c10::Device device) {
  if (options.engine == Engine::reference) return false;
  auto problem = why_no_fused_teacher(device, teacher.architecture());
  const bool is_fp32 = options.precision == Precision::fp32;
  if (device.is_cpu() && options.precision && !is_fp32) problem = "the kernels have a precision of their own";
  if (!device.is_cpu() && is_fp32) problem = "the kernels for GPUs know fp16 and bf16 alone";
  if (options.engine == Engine::fused && problem) {
    throw InputError(fmt::format("--engine is fused, but {}; leave it out", *problem));
  }
  return !problem;
}

Subject open_teacher(const TeacherOptions& options, c10::Device device) {
  Precision precision = options.precision.value_or(Precision::fp32);
  Teacher teacher = load_teacher(options.teacher, options.architecture);
  if (is_fused(options, teacher, device)) {
    if (!device.is_cpu()) precision = options.precision.value_or(fused_precision(teacher.architecture()));
    play_by_fused_kernels(teacher, device, precision);
    if (device.is_cpu()) spdlog::info("playing the teacher by fused kernels ({})", cpu_teacher_kernels());
  }
  return {teacher.architecture(), precision, frame_maker(teacher, options.part, device, precision)};
}

std::string describe_data(const TeacherOptions& options, Architecture architecture, std::size_t images) {
  const bool is_whole = options.part == TeacherPart::frame;
  return fmt::format("The {}teacher {} ({}) on {} image{} of the {} split of {}.",
                     is_whole ? "" : fmt::format("{} of the ", row_of(options.part).name), options.teacher,
                     title_of(architecture), images, images == 1 ? "" : "s", options.split, options.data);
}

nlohmann::json settings_of(const TeacherOptions& options, const Subject& teacher,
                           const Evaluation& evaluation, std::size_t images) {
  nlohmann::json settings = to_json(evaluation, options.comparison);
  settings["teacher"] = options.teacher;
  settings["arch"] = to_string(teacher.architecture);
  settings["precision"] = precision_name(teacher.precision);
  settings["part"] = row_of(options.part).name;
  settings["data"] = options.data;
  settings["split"] = options.split;
  settings["test_fraction"] = options.test_fraction;
  settings["images"] = images;
  return settings;
}

void report_scores(ScoreTable scores, const TeacherOptions& options, const Evaluation& evaluation,
                   const Subject& teacher, const TestTriples& triples, c10::Device device) {
  EvaluationReport report;
  report.scores = std::move(scores);
  const std::size_t images = report.scores.rows.size();
  report.title = options.teacher + " on " + options.data;
  report.text =
      describe_data(options, teacher.architecture, images) + "\n" + describe(evaluation, options.comparison) +
      "\nThe network PSNR is of RGBA, linear light, premultiplied by alpha.\nThe rest image is what not "
      "moving at all would score.";
  report.settings = settings_of(options, teacher, evaluation, images);
  report.pictures = [&](const ScoreRow& row) -> std::vector<CaptionedImage> {
    const Triple triple = triples.at(row.index);
    const TripleBatch whole = to_batch(std::span(&triple, 1));
    const TripleBatch batch = seen(whole, row_of(options.part).view);
    const at::Tensor frame = teacher.frames(whole.rest.to(device), whole.poses.to(device));
    const at::Tensor truth = seen_pictures(batch.posed, evaluation.background)[0];
    const at::Tensor drawn = seen_pictures(frame, evaluation.background)[0].cpu();
    return {{"rest image", to_opaque_image(seen_pictures(batch.rest, evaluation.background)[0])},
            {"posed image", to_opaque_image(truth)},
            {"teacher", to_opaque_image(drawn)},
            {"difference, four times", seen_difference(truth, drawn)}};
  };
  write_report(report, options.files);
}

}  // namespace

int evaluate_teacher(const TeacherOptions& given, c10::Device asked, const Context& terminal) {
  TeacherOptions options = given;
  if (options.teacher.empty()) options.teacher = base_teacher_folder().string();
  check_files(options.files, CommandFiles()
                                 .reads("--teacher", options.teacher)
                                 .reads("--data", options.data)
                                 .reads("--lpips-backbone", options.comparison.lpips_backbone));
  const ProcessRank process = process_rank_from_environment();
  const Context context = context_of_rank(terminal, process.rank);
  const c10::Device device = own_device(asked, process);
  const c10::OptionalDeviceGuard guard(device);
  ProcessGroup group(process, c10::Device(c10::kCPU), kTimeout);
  return run_together(group, [&] {
    Evaluation evaluation = make_evaluation(options.comparison, device);
    evaluation.batch = options.batch;
    const Subject teacher = open_teacher(options, device);
    TestTriples triples(options.data,
                        showing(options.part, {.split = parse_split(options.split),
                                               .test_fraction = options.test_fraction,
                                               .share = {group.rank(), group.size()}}),
                        options.images, context);
    ScoreTable scores = evaluate_teacher(teacher.frames, options.part, device, triples, evaluation, context);
    gather_rows(scores, group);
    if (group.is_first()) report_scores(std::move(scores), options, evaluation, teacher, triples, device);
    return 0;
  });
}

}  // namespace tha4::app
