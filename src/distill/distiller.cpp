#include "tha4/distill/distiller.h"

#include <chrono>
#include <optional>
#include <utility>

#include "distill_probe.h"
#include "distill_progress.h"
#include "distill_report.h"
#include "fitted_schedule.h"
#include "run_times.h"
#include "shared_settings.h"
#include "student_so_far.h"
#include "student_trainer.h"
#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/peak_memory.h"
#include "tha4/distill/face_mask.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/distributed/first_process.h"
#include "tha4/image/image_io.h"
#include "tha4/image/rest_image.h"
#include "tha4/image/video.h"
#include "tha4/metrics/psnr.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/pose/pose_spec.h"
#include "tha4/poser/pictures.h"
#include "tha4/poser/preview_sheet.h"
#include "tha4/poser/student_poser.h"
#include "tha4/train/run_log.h"
#include "tha4/train/training_loop.h"
#include "tha4/weights/safetensors.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {
namespace {

constexpr int kShownPoses = 4;
constexpr int kWorstPoses = 4;

std::vector<DistillTime> listed(const RunTimes& times) {
  std::vector<DistillTime> list;
  for (const char* part :
       {kProbePart, kCropsPart, kFacePart, kFramesPart, kBodyPart, kHeldOutPart, kPreviewPart}) {
    if (const double seconds = times.of(part); seconds > 0) list.push_back({part, seconds});
  }
  list.push_back({"in all", times.in_all()});
  return list;
}

bool is_near(const torch::Tensor* before, const torch::Tensor& now, double tolerance) {
  return before != nullptr && before->sizes() == now.sizes() &&
         (*before - now).square().mean().sqrt().item<double>() <= tolerance;
}

/// A run must be resumed with the teacher, picture and mask that it was started with, wherever they lie by
/// now: a new run keeps what its teacher makes of one pose, and a resumed one compares.
void check_subject(Poser& teacher, const DistillJob& job, const RunFolder& run) {
  // Of values in [-1, 1], root mean squares: a teacher on a GPU and the same on a CPU differ by 6e-4, and by
  // forty times as much in single places.
  constexpr double kTolerance = 3e-3, kMaskTolerance = 1e-4;
  const auto file = run.path() / "subject.safetensors";
  StateDict subject;
  subject.insert("rest_image", torch::avg_pool2d(teacher.rest_image().cpu().unsqueeze(0), 8));
  subject.insert("face", teacher.face(draw_poses(PoseSource{}, 1, 0)).cpu().contiguous());
  if (job.start != RunStart::resume || !std::filesystem::exists(file)) {
    if (job.mask) subject.insert("mask", job.mask->contiguous());
    write_safetensors(file, subject);
    return;
  }
  const StateDict before = read_safetensors(file);
  for (const auto& item : subject) {
    if (!is_near(before.find(item.key()), item.value(), kTolerance)) {
      throw InputError(run.path().string() + " was started with another teacher or picture",
                       Remedy::same_run_or_other_output);
    }
  }
  const torch::Tensor* mask = before.find("mask");
  if (job.mask ? !is_near(mask, *job.mask, kMaskTolerance) : mask != nullptr) {
    throw InputError(run.path().string() + " was started " +
                         (mask == nullptr ? "without a face mask"
                          : job.mask      ? "with another face mask"
                                          : "with a face mask"),
                     Remedy::same_run_or_other_output);
  }
}

/// The weights that a run begins with: \p given, which a new run keeps for the process that resumes it.
/// \param writes  whether this process is the one that keeps them
FirstWeights kept_in_run(const DistillJob& job, const FirstWeights& given, bool writes) {
  constexpr const char *kFace = "face_morpher.", *kBody = "body_rotator.";
  const auto file = job.out / "first_weights.safetensors";
  StateDict all;
  add_part(all, kFace, given.face_morpher);
  add_part(all, kBody, given.body_rotator);
  if (job.start != RunStart::resume) {
    if (writes && !all.is_empty()) write_safetensors(file, all);
    return given;
  }
  const StateDict before = std::filesystem::exists(file) ? read_safetensors(file) : StateDict();
  for (const auto& item : all) {
    if (!is_near(before.find(item.key()), item.value(), 0)) {
      throw InputError(job.out.string() + " was not started with the weights of " + job.first_name,
                       Remedy::same_run_or_other_output);
    }
  }
  return {part_of(before, kFace), part_of(before, kBody)};
}

/// Before hours are spent on a teacher that cannot pose the picture.
void write_teacher_preview(const OpenedPoser& teacher, const DistillJob& job,
                           const std::filesystem::path& file, const Context& context) {
  if (!job.preview_sheet || (job.start == RunStart::resume && std::filesystem::exists(file))) return;
  // Where the head belongs matters to whoever chooses the picture.
  const HeadBox box = row_of(teacher.kind).poses_any_picture ? HeadBox::shown : HeadBox::hidden;
  write_image(file, preview_sheet(*teacher.poser, box));
  context.info("wrote " + file.string() + ": look there whether the teacher poses the picture well");
}

void write_preview(Poser& student, const std::filesystem::path& file, const Context& context) {
  const PoseSequence demo = parse_pose_spec("demo");
  std::vector<Pose> poses;
  for (std::size_t i = 0; i < demo.poses.size(); i += 2) poses.push_back(demo.poses[i]);
  VideoWriter video(file, kImageSize, kImageSize, demo.frames_per_second / 2);
  draw_pictures(
      student, poses, {}, 1, [&](std::size_t, const RgbaImage& picture) { video.add(picture); }, context);
  video.finish();
}

void write_score_events(EventWriter& events, const HeldOutScore& score) {
  const auto add = [&](const std::string& subject, const PsnrPair& psnr) {
    const auto tag = [&](ImagePsnr kind) { return "held_out/" + subject + "_" + description_of(kind).key; };
    events.add_scalar(tag(ImagePsnr::network), psnr.network, 0);
    events.add_scalar(tag(ImagePsnr::seen), psnr.seen, 0);
  };
  add("student", score.student);
  add("student_face", score.face);
  add("rest_image", score.rest);
  add("rest_image_face", score.rest_face);
  events.flush();
}

/// What of \p student can be played, in a sentence.
std::string playable_text(const StudentSoFar& student) {
  using Part = StudentSoFar::Part;
  if (student.face() == Part::not_begun) return "Nothing of it can be played yet: its face has not begun";
  const std::string face =
      student.face() == Part::finished ? "the whole face" : "the face as far as it is learnt";
  switch (student.body()) {
    case Part::not_begun:
      return "It can be played: " + face + ", on a body that does not move yet";
    case Part::under_way:
      return "It can be played: " + face + ", and the body as far as it is learnt";
    case Part::finished:
      break;
  }
  return "It can be played: both networks are finished";
}

/// Leaves what there is of a character whose run was stopped, and a page that says so.
std::string leave_what_there_is(const StudentSoFar& student, DistillProgress& progress,
                                const std::string& why, const std::filesystem::path& folder) {
  if (const auto character = student.character())
    save_character(*character, folder, usual_format(*character));
  const std::string playable = playable_text(student);
  progress.stop(why, playable + ".");
  return playable;
}

/// Settings that are fitted to the minutes of a new run, and how that was found out.
struct FittedStart {
  DistillConfig config;
  double minutes = 0;
  WorkAmounts speeds = unknown_speeds();
  double seconds = 0;
};

FittedStart fit_new_run(Poser& teacher, const DistillJob& job, int processes, const Context& context) {
  RunFolder::check(job.out, job.start);
  const auto start = std::chrono::steady_clock::now();
  context.info("measuring how fast this machine is");
  FittedStart fitted;
  fitted.speeds = measure_speeds(teacher, job.config, processes, Work::mask_crops, context);
  if (context.stop.stop_requested()) throw InterruptedError("interrupted before anything was written");
  fitted.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fitted.minutes = job.minutes;
  fitted.config =
      fit_to_time(job.config, {}, derives_mask(job), fitted.speeds, 60 * job.minutes - fitted.seconds, 0);
  return fitted;
}

/// The student's body rotator alone, which is given the teacher's faces.
BodyAlone body_alone(const Character& character, const at::Tensor& rest_image) {
  return [body = character.body_rotator, image = rest_image.unsqueeze(0)](const at::Tensor& poses,
                                                                          const at::Tensor& faces) {
    return body->rotate(paste(image, faces, kFaceCrop), poses, FrameWindow{}).blended;
  };
}

/// One run, from the beginning or from where an earlier process left it.
class DistillRunner {
 public:
  DistillRunner(const OpenedPoser& opened, const DistillJob& job, FirstWeights first, const RunFolder& run,
                FittedStart start, ProcessGroup& group, const Context& context)
      : opened_(opened),
        teacher_(*opened.poser),
        job_(job),
        first_(std::move(first)),
        run_(run),
        group_(group),
        config_(std::move(start.config)),
        times_(run.path() / "seconds.json", job.start == RunStart::resume),
        student_(config_, opened.image),
        minutes_(start.minutes),
        progress_(teacher_, job, config_, opened.name, minutes_, group.size(), student_, times_, run.path(),
                  context),
        context_(progress_.context()) {
    if (start.seconds > 0) times_.add(kProbePart, start.seconds);
    progress_.meter().know(start.speeds);
  }

  DistillResult run() {
    try {
      do_first(group_, [&] {
        check_subject(teacher_, job_, run_);
        write_teacher_preview(opened_, job_, run_.path() / "preview.png", context_);
        look_for_clip_encoder();
      });
      if (job_.mask && std::holds_alternative<BlendshapeFaceConfig>(config_.face_morpher)) {
        context_.warn("the face mask has no effect on a blendshape face, which is trained wherever it moves");
      }
      return make();
    } catch (const InterruptedError& interruption) {
      const std::string playable = leave_what_there_is(student_, progress_, "interrupted", run_.path());
      throw InterruptedError(std::string(interruption.what()) + ". " + playable + " (" +
                                 (run_.path() / "report.html").string() + ")",
                             interruption.remedy());
    } catch (const InputError&) {
      throw;
    } catch (const std::exception& error) {
      leave_error(error);
      throw;
    }
  }

 private:
  void leave_error(const std::exception& error) {
    try {
      progress_.stop(std::string("stopped by an error (") + as_error(error).what() + ")", "");
    } catch (const std::exception&) {
      // The first error says more.
    }
  }

  DistillResult make() {
    StudentTrainer& trainer = trainer_.emplace(teacher_, job_, config_, kept_in_run(job_, first_, true),
                                               &run_, group_, student_, progress_, times_, context_);
    trainer.train();
    const Character trained = *student_.character();
    save_character(trained, run_.path(), usual_format(trained));
    DistillResult result;
    // What is scored and shown is what the user gets: files round a little.
    result.character = load_character(run_.path());
    DistillReport report{opened_.name, config_, minutes_, result, progress_.watch()};
    report.mask = trainer.mask();
    score(result, report, trainer.events());
    report.curves = trainer.curves();
    result.seconds = times_.in_all();
    report.times = listed(times_);
    report.gpu_bytes = peak_memory_reserved(teacher_.device());
    tell_memory(report.gpu_bytes);
    write_report(report, run_.path());
    progress_.finish();
    std::filesystem::remove_all(run_.path() / "teacher_frames");
    return result;
  }

  /// Before hours are spent, and without a clip rather than not at all.
  void look_for_clip_encoder() {
    if (!has_clip_ || can_write_clips()) return;
    has_clip_ = false;
    context_.warn(
        "there will be no preview.mp4: FFmpeg's libraries have no encoder for it; Debian and "
        "Ubuntu have them in libavcodec-extra");
  }

  void tell_memory(const std::optional<std::int64_t>& gpu_bytes) const {
    if (!gpu_bytes) return;
    context_.info(fmt::format("of the GPU's memory, at most {:.2f} GiB were taken, besides the driver's own",
                              static_cast<double>(*gpu_bytes) / (std::int64_t{1} << 30)));
  }

  void score(DistillResult& result, DistillReport& report, EventWriter& events) {
    times_.begin(kHeldOutPart);
    StudentPoser student(result.character, teacher_.device());
    report.held_out = score_on_held_out_poses(
        teacher_, student,
        {.count = config_.held_out_poses,
         .seed = config_.held_out_seed,
         .shown = kShownPoses,
         .worst = kWorstPoses,
         .body_alone = body_alone(result.character, teacher_.rest_image().to(teacher_.device()))},
        context_);
    result.score = report.held_out.score;
    write_score_events(events, result.score);
    times_.end();
    if (!has_clip_) return;
    times_.begin(kPreviewPart);
    write_preview(student, run_.path() / "preview.mp4", context_);
    times_.end();
  }

  const OpenedPoser& opened_;
  Poser& teacher_;
  const DistillJob& job_;
  FirstWeights first_;
  const RunFolder& run_;
  ProcessGroup& group_;
  DistillConfig config_;  ///< as fitted to the time so far
  bool has_clip_ = config_.preview;
  RunTimes times_;
  StudentSoFar student_;
  double minutes_;  ///< that it is fitted to; 0: to none
  DistillProgress progress_;
  Context context_;
  std::optional<StudentTrainer> trainer_;  ///< whose curves the page of a run that was stopped still shows
};

/// Trains beside the first process, and leaves nothing.
void train_beside_first(const OpenedPoser& opened, const DistillJob& job, FirstWeights first,
                        DistillConfig config, ProcessGroup& group, const Context& context) {
  do_first(group, [] {});  // It looks at the teacher's picture.
  RunTimes times;
  StudentSoFar student(config, opened.image);
  DistillProgress progress(*opened.poser, job, config, opened.name, 0, group.size(), student, times, job.out,
                           context);
  StudentTrainer(*opened.poser, job, config, kept_in_run(job, first, false), nullptr, group, student,
                 progress, times, context)
      .train();
}

/// What a run that is resumed was fitted to, and shall be now.
void take_schedule(const DistillJob& job, FittedStart& start) {
  if (auto schedule = read_schedule(job.out)) {
    start.config = std::move(schedule->config);
    start.minutes = schedule->minutes;
  }
  if (job.minutes > 0) start.minutes = job.minutes;
}

}  // namespace

DistillResult distill(const OpenedPoser& opened, const DistillJob& job, ProcessGroup& group,
                      const Context& outer) {
  check_shareable(job.config, group.size());
  FirstWeights first = job.first ? first_weights_of(*job.first, job.config, job.first_name) : FirstWeights();
  const bool is_fitted = job.minutes > 0 && job.start == RunStart::fresh;
  FittedStart start{.config = job.config};
  std::optional<RunFolder> run;
  RunLog log(outer);
  do_first(group, [&] {
    if (is_fitted) start = fit_new_run(*opened.poser, job, group.size(), outer);
    run.emplace(
        job.out, to_json(job.config), job.start,
        [](const nlohmann::json& stored, const std::string& file) {
          return to_json(parse_distill_config(stored, file));
        },
        log.context());
    if (job.start == RunStart::resume) take_schedule(job, start);
    log.write_to(run->log_file());
  });
  start.config = settings_of_first(group, start.config);
  if (!run) {
    train_beside_first(opened, job, std::move(first), std::move(start.config), group, outer);
    return {};
  }
  return DistillRunner(opened, job, std::move(first), *run, std::move(start), group, log.context()).run();
}

DistillResult distill(const OpenedPoser& opened, const DistillJob& job, const Context& outer) {
  ProcessGroup alone;
  return distill(opened, job, alone, outer);
}

}  // namespace tha4
