#include "student_trainer.h"

#include <string>
#include <utility>

#include "distill_probe.h"
#include "shared_settings.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/distill/face_mask.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/distributed/first_process.h"
#include "tha4/image/image_io.h"
#include "tha4/image/rest_image.h"

namespace tha4 {

bool derives_mask(const DistillJob& job) {
  return !job.mask && !learns_from_crops(job.config) &&
         !(job.start == RunStart::resume && std::filesystem::exists(job.out / "face_mask.png"));
}

StudentTrainer::StudentTrainer(Poser& teacher, const DistillJob& job, DistillConfig& config,
                               FirstWeights first, const RunFolder* run, ProcessGroup& group,
                               StudentSoFar& student, DistillProgress& progress, RunTimes& times,
                               const Context& context)
    : teacher_(teacher),
      job_(job),
      config_(config),
      first_(std::move(first)),
      folder_(job.out),
      mask_file_(folder_ / "face_mask.png"),
      student_(student),
      progress_(progress),
      times_(times),
      context_(context),
      collection_{.batch = job.config.teacher_batch,
                  .cache_folder = folder_ / "teacher_frames",
                  .checkpoint_seconds = job.config.checkpoint_seconds},
      group_(group),
      loop_(run, folder_,
            {.checkpoint_seconds = job.config.checkpoint_seconds, .samples = job.config.samples},
            job.start == RunStart::resume, group, context) {
  progress.show(loop_.curves());
  if (group_.is_first()) {
    if (job.mask) {
      keep_mask(*job.mask);
    } else if (std::filesystem::exists(mask_file_)) {
      // A derived mask is of zeros and ones.
      mask_ = (load_face_mask(mask_file_) > 0.5).to(torch::kFloat32);
    }
  }
  progress.plan(derives_mask(job));
  progress.go_on_to(position().work);
}

void StudentTrainer::train() {
  if (job_.minutes > 0) {
    if (job_.start == RunStart::resume) fit_to([&] { return fitted_rest(); });
    if (group_.is_first()) write_schedule(folder_, {job_.minutes, config_});
  }
  train_face();
  train_body();
}

TeacherCrops StudentTrainer::find_mask(bool is_face_finished) {
  TeacherCrops crops;
  do_first(group_, [&] {
    if (mask_.defined() || learns_from_crops(config_)) progress_.mask_is_done();
    if (!mask_.defined() || (learns_from_crops(config_) && !is_face_finished)) {
      times_.begin(kCropsPart);
      crops = collect_face_crops(teacher_, config_, collection_, {}, context_);
      times_.end();
    }
    if (!mask_.defined()) keep_mask(derive_face_mask(crops.faces));
  });
  if (group_.size() > 1) {
    at::Tensor mask = group_.is_first() ? mask_.to(teacher_.device())
                                        : torch::empty({1, kFaceCrop.height, kFaceCrop.width},
                                                       torch::device(teacher_.device()));
    group_.broadcast(std::vector<at::Tensor>{mask});
    mask_ = mask.cpu();
  }
  return crops;
}

void StudentTrainer::train_face() {
  const auto finished = loop_.finished_network("face_morpher");
  TeacherCrops crops = find_mask(finished.has_value());
  if (finished) {
    student_.finish_face(make_face_morpher(face_morpher_kind(config_), *finished, "the checkpoint"));
    return;
  }
  progress_.mask_is_done();
  times_.begin(kFacePart);
  const auto training = make_face_training(teacher_, config_, std::move(crops), mask_, context_,
                                           first_.face_morpher, SirenKernels::own, BatchShare(group_));
  train(*training);
  times_.end();
  student_.finish_face(
      make_face_morpher(face_morpher_kind(config_), training->exported_state(), "the training"));
  progress_.go_on_to(Work::frames);
}

void StudentTrainer::train_body() {
  if (const auto finished = loop_.finished_network("body_rotator")) {
    student_.finish_body(make_body_rotator(body_rotator_kind(config_), *finished, "the checkpoint"));
    return;
  }
  fit_again({.work = Work::frames});
  TeacherFrames frames;
  if (learns_from_frames(config_)) {
    times_.begin(kFramesPart);
    frames = collect_body_frames(teacher_, config_, collection_, {}, context_);
    times_.end();
    fit_again({.work = Work::body_analysis});
  }
  times_.begin(kBodyPart);
  const auto training = make_body_training(teacher_, config_, std::move(frames), context_,
                                           first_.body_rotator, SirenKernels::own, BatchShare(group_));
  train(*training);
  times_.end();
  student_.finish_body(
      make_body_rotator(body_rotator_kind(config_), training->exported_state(), "the training"));
  progress_.go_on_to(Work::held_out);
}

RunPosition StudentTrainer::position() const {
  if (loop_.finished_network("body_rotator")) return {.work = Work::held_out};
  if (const auto seen = loop_.interrupted_after("body_rotator"); seen > 0) {
    const auto* body = std::get_if<BlendshapeBodyConfig>(&config_.body_rotator);
    const bool is_tuning = body != nullptr && seen >= body->regression.examples;
    return {is_tuning ? Work::tuning_examples : Work::body_examples, seen};
  }
  if (loop_.finished_network("face_morpher")) return {.work = Work::frames};
  if (const auto seen = loop_.interrupted_after("face_morpher"); seen > 0) return {Work::face_examples, seen};
  return {.work = Work::mask_crops};
}

DistillConfig StudentTrainer::fitted_rest() {
  times_.begin(kProbePart);
  const RunPosition at = position();
  progress_.meter().know(measure_speeds(teacher_, config_, group_.size(), at.work, context_));
  times_.end();
  if (context_.stop.stop_requested()) return config_;
  return fit_to_time(config_, at, derives_mask(job_), progress_.meter().speeds(), seconds_given(),
                     times_.in_all());
}

void StudentTrainer::keep_mask(const at::Tensor& mask) {
  mask_ = mask;
  write_image(mask_file_, face_mask_picture(mask));
}

void StudentTrainer::train(Training& training) {
  progress_.begin(training, loop_.interrupted_after(training.name()));
  try {
    loop_.run(training);
  } catch (const std::exception&) {
    student_.stop_training();
    throw;
  }
}

/// The first process fits, by its clock, and all have the same settings then.
void StudentTrainer::fit_to(const std::function<DistillConfig()>& fit) {
  DistillConfig fitted = config_;
  do_first(group_, [&] { fitted = fit(); });
  config_ = settings_of_first(group_, fitted);
  if (group_.is_first()) write_schedule(folder_, {job_.minutes, config_});
  progress_.plan(derives_mask(job_));
}

void StudentTrainer::fit_again(RunPosition at) {
  if (job_.minutes == 0 || loop_.interrupted_after("body_rotator") > 0) return;
  fit_to([&] { return fitted_from(at); });
}

DistillConfig StudentTrainer::fitted_from(RunPosition at) {
  try {
    return fit_to_time(config_, at, false, progress_.meter().speeds(), seconds_given(), times_.in_all());
  } catch (const InputError& error) {
    context_.warn(std::string("the time will not suffice: ") + error.what());
    return stretched(config_, at, kMinScale);
  }
}

}  // namespace tha4
