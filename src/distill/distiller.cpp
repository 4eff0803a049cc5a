#include "tha4/distill/distiller.h"

#include <utility>

#include "distill_report.h"
#include "run_times.h"
#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/peak_memory.h"
#include "tha4/distill/face_mask.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/image/image_io.h"
#include "tha4/image/rest_image.h"
#include "tha4/image/video.h"
#include "tha4/metrics/psnr.h"
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

constexpr int kShownPoses = 6;

// The parts of the work whose times are told.
constexpr const char* kCropsPart = "teacher's face crops";
constexpr const char* kFacePart = "face morpher";
constexpr const char* kFramesPart = "teacher's frames";
constexpr const char* kBodyPart = "body rotator";
constexpr const char* kHeldOutPart = "held-out poses";
constexpr const char* kPreviewPart = "preview";

std::vector<DistillTime> listed(const RunTimes& times) {
  std::vector<DistillTime> list;
  for (const char* part : {kCropsPart, kFacePart, kFramesPart, kBodyPart, kHeldOutPart, kPreviewPart}) {
    if (const double seconds = times.of(part); seconds > 0) list.push_back({part, seconds});
  }
  list.push_back({"in all", times.in_all()});
  return list;
}

/// Trains both networks, one after the other, within one run.
class Distillation {
 public:
  Distillation(Poser& teacher, const DistillJob& job, FirstWeights first, const RunFolder& run,
               RunTimes& times, const Context& context)
      : teacher_(teacher),
        config_(job.config),
        first_(std::move(first)),
        mask_file_(run.path() / "face_mask.png"),
        times_(times),
        context_(context),
        collection_{.batch = job.config.teacher_batch,
                    .cache_folder = run.path() / "teacher_frames",
                    .checkpoint_seconds = job.config.checkpoint_seconds},
        loop_(&run, run.path(),
              {.checkpoint_seconds = job.config.checkpoint_seconds, .samples = job.config.samples},
              job.start == RunStart::resume, alone_, context) {
    if (job.mask) {
      keep_mask(*job.mask);
    } else if (std::filesystem::exists(mask_file_)) {
      // A derived mask is of zeros and ones.
      mask_ = (load_face_mask(mask_file_) > 0.5).to(torch::kFloat32);
    }
  }

  void train_face(Character& character) {
    character.face_morpher_kind = face_morpher_kind(config_);
    const auto finished = loop_.finished_network("face_morpher");
    TeacherCrops crops;
    if (!mask_.defined() || (learns_from_crops(config_) && !finished)) {
      times_.begin(kCropsPart);
      crops = collect_face_crops(teacher_, config_, collection_, {}, context_);
      times_.end();
    }
    if (!mask_.defined()) keep_mask(derive_face_mask(crops.faces));
    if (finished) {
      character.face_morpher = make_face_morpher(character.face_morpher_kind, *finished, "the checkpoint");
      return;
    }
    times_.begin(kFacePart);
    const auto training =
        make_face_training(teacher_, config_, std::move(crops), mask_, context_, first_.face_morpher);
    loop_.run(*training);
    times_.end();
    character.face_morpher =
        make_face_morpher(character.face_morpher_kind, training->exported_state(), "the training");
  }

  void train_body(Character& character) {
    character.body_rotator_kind = body_rotator_kind(config_);
    if (const auto finished = loop_.finished_network("body_rotator")) {
      character.body_rotator = make_body_rotator(character.body_rotator_kind, *finished, "the checkpoint");
      return;
    }
    TeacherFrames frames;
    if (learns_from_frames(config_)) {
      times_.begin(kFramesPart);
      frames = collect_body_frames(teacher_, config_, collection_, {}, context_);
      times_.end();
    }
    times_.begin(kBodyPart);
    const auto training =
        make_body_training(teacher_, config_, std::move(frames), context_, first_.body_rotator);
    loop_.run(*training);
    times_.end();
    character.body_rotator =
        make_body_rotator(character.body_rotator_kind, training->exported_state(), "the training");
  }

  /// The mask that was given, or else what was derived from the teacher while the face was trained.
  const at::Tensor& mask() const { return mask_; }

  const std::vector<TrainingCurves>& curves() const { return loop_.curves(); }
  EventWriter& events() { return loop_.events(); }

 private:
  void keep_mask(const at::Tensor& mask) {
    mask_ = mask;
    write_image(mask_file_, face_mask_picture(mask));
  }

  Poser& teacher_;
  const DistillConfig& config_;
  FirstWeights first_;
  std::filesystem::path mask_file_;
  RunTimes& times_;
  const Context& context_;
  at::Tensor mask_;  ///< undefined until it is known
  TeacherCollection collection_;
  ProcessGroup alone_;
  TrainingLoop loop_;
};

bool is_near(const torch::Tensor* before, const torch::Tensor& now, double tolerance) {
  return before != nullptr && before->sizes() == now.sizes() &&
         (*before - now).abs().max().item<double>() <= tolerance;
}

/// A run must be resumed with the teacher, picture and mask that it was started with, wherever they lie by
/// now: a new run keeps what its teacher makes of one pose, and a resumed one compares.
void check_subject(Poser& teacher, const DistillJob& job, const RunFolder& run) {
  constexpr double kTolerance = 0.02;  // of values in [-1, 1]: other machines round differently
  constexpr double kMaskTolerance = 1e-4;
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
FirstWeights kept_in(const RunFolder& run, const DistillJob& job, const FirstWeights& given) {
  constexpr const char *kFace = "face_morpher.", *kBody = "body_rotator.";
  const auto file = run.path() / "first_weights.safetensors";
  StateDict all;
  add_part(all, kFace, given.face_morpher);
  add_part(all, kBody, given.body_rotator);
  if (job.start != RunStart::resume) {
    if (!all.is_empty()) write_safetensors(file, all);
    return given;
  }
  const StateDict before = std::filesystem::exists(file) ? read_safetensors(file) : StateDict();
  for (const auto& item : all) {
    if (!is_near(before.find(item.key()), item.value(), 0)) {
      throw InputError(run.path().string() + " was not started with the weights of " + job.first_name,
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

}  // namespace

DistillResult distill(const OpenedPoser& opened, const DistillJob& job, const Context& outer) {
  Poser& teacher = *opened.poser;
  const FirstWeights first =
      job.first ? first_weights_of(*job.first, job.config, job.first_name) : FirstWeights();
  const RunFolder run(job.out, to_json(job.config), job.start,
                      [](const nlohmann::json& stored, const std::string& file) {
                        return to_json(parse_distill_config(stored, file));
                      });
  RunLog log(outer);
  log.write_to(run.log_file());
  RunTimes times(run.path() / "seconds.json", job.start == RunStart::resume);
  const Context context = times.kept_by(log.context());
  check_subject(teacher, job, run);
  write_teacher_preview(opened, job, run.path() / "preview.png", context);
  if (job.mask && std::holds_alternative<BlendshapeFaceConfig>(job.config.face_morpher)) {
    context.warn("the face mask has no effect on a blendshape face, which is trained wherever it moves");
  }
  DistillResult result;
  DistillReport report{opened.name, job, result};
  result.character.image = opened.image;
  Distillation distillation(teacher, job, kept_in(run, job, first), run, times, context);
  distillation.train_face(result.character);
  report.mask = distillation.mask();
  distillation.train_body(result.character);
  save_character(result.character, run.path(), usual_format(result.character));
  // What is scored and shown is what the user gets: files round a little.
  result.character = load_character(run.path());

  times.begin(kHeldOutPart);
  StudentPoser student(result.character, teacher.device());
  HeldOutResult held_out = score_on_held_out_poses(teacher, student, job.config.held_out_poses,
                                                   job.config.held_out_seed, kShownPoses, context);
  result.score = held_out.score;
  report.frames = std::move(held_out.frames);
  write_score_events(distillation.events(), result.score);
  times.end();
  if (job.config.preview) {
    times.begin(kPreviewPart);
    write_preview(student, run.path() / "preview.mp4", context);
    times.end();
  }

  report.curves = distillation.curves();
  result.seconds = times.in_all();
  report.times = listed(times);
  report.gpu_bytes = peak_memory_reserved(teacher.device());
  if (report.gpu_bytes) {
    context.info(fmt::format("of the GPU's memory, at most {:.2f} GiB were taken, besides the driver's own",
                             static_cast<double>(*report.gpu_bytes) / (std::int64_t{1} << 30)));
  }
  write_report(report, run.path());
  std::filesystem::remove_all(run.path() / "teacher_frames");
  return result;
}

}  // namespace tha4
