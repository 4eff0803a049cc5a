#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "distill_progress.h"
#include "fitted_schedule.h"
#include "run_times.h"
#include "student_so_far.h"
#include <ATen/core/Tensor.h>

#include "tha4/base/context.h"
#include "tha4/distill/distiller.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/distributed/process_group.h"
#include "tha4/train/training_loop.h"

namespace tha4 {

// The parts of the work whose times are told.
inline constexpr const char* kProbePart = "measuring speeds";
inline constexpr const char* kCropsPart = "teacher's face crops";
inline constexpr const char* kFacePart = "face morpher";
inline constexpr const char* kFramesPart = "teacher's frames";
inline constexpr const char* kBodyPart = "body rotator";
inline constexpr const char* kHeldOutPart = "held-out poses";
inline constexpr const char* kPreviewPart = "preview";

/// Whether the mask of a SIREN's face comes from the teacher, which a run that goes on has done already.
bool derives_mask(const DistillJob& job);

/// Trains both networks of a student, one after the other, within one run. All processes of a group do so
/// together, and the first one writes.
class StudentTrainer {
 public:
  /// \param config  the settings as they are fitted to the time so far
  /// \param first   weights that SIRENs begin with; empty: random ones
  /// \param run     null in all processes of the group but the first
  StudentTrainer(Poser& teacher, const DistillJob& job, DistillConfig& config, FirstWeights first,
                 const RunFolder* run, ProcessGroup& group, StudentSoFar& student, DistillProgress& progress,
                 RunTimes& times, const Context& context);

  /// Where minutes are given, what is left of a run that an earlier process began is first fitted to what is
  /// left of them.
  void train();

  /// The mask that was given, or else what was derived from the teacher while the face was trained.
  const at::Tensor& mask() const { return mask_; }

  const std::vector<TrainingCurves>& curves() const { return loop_.curves(); }
  EventWriter& events() { return loop_.events(); }

 private:
  void train_face();
  void train_body();
  /// Brings what the first process makes of the mask to all; the crops that a face learns from, or none.
  TeacherCrops find_mask(bool is_face_finished);
  void keep_mask(const at::Tensor& mask);
  void train(Training& training);
  DistillConfig fitted_rest();
  DistillConfig fitted_from(RunPosition at);
  /// Where an earlier process left the run.
  RunPosition position() const;
  double seconds_given() const { return 60 * job_.minutes - times_.in_all(); }
  void fit_to(const std::function<DistillConfig()>& fit);
  /// By the speeds of what was done since, before a part that nothing was done of yet. What is too late stays
  /// as short as it may be.
  void fit_again(RunPosition at);

  Poser& teacher_;
  const DistillJob& job_;
  DistillConfig& config_;
  FirstWeights first_;
  std::filesystem::path folder_;
  std::filesystem::path mask_file_;
  StudentSoFar& student_;
  DistillProgress& progress_;
  RunTimes& times_;
  const Context& context_;
  at::Tensor mask_;  ///< undefined until it is known
  TeacherCollection collection_;
  ProcessGroup& group_;
  TrainingLoop loop_;
};

}  // namespace tha4
