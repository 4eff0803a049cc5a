#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "student_so_far.h"
#include <ATen/core/Tensor.h>

#include "tha4/evaluation/held_out.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// A student's PSNR over a few held-out poses, while it was trained.
struct WatchedPsnr {
  std::int64_t examples = 0;  ///< that the network of the present training had seen
  PsnrPair psnr;
};

/// Measures now and then what there is of a student by a few held-out poses: the face crop while the face is
/// trained, whole frames while the body is. The course is kept in the file psnr.json of the run's folder.
class PsnrWatch {
 public:
  /// \param teacher  asked for its frames when they are first needed; must outlive this
  PsnrWatch(Poser& teacher, const DistillConfig& config, std::filesystem::path file, bool goes_on);

  /// Points of \p training beyond so many examples are forgotten: a run was resumed from before them.
  void go_back(const std::string& training, std::int64_t examples);

  /// Has the teacher make its frames, if it has not yet.
  void ask_teacher();

  /// Measures \p student, whose network \p training is trained, and keeps a point and the frames.
  void measure(const StudentSoFar& student, const std::string& training, std::int64_t examples);

  /// By training; empty where there is none.
  const std::vector<WatchedPsnr>& course(const std::string& training) const;

  /// The last point of all, if something was measured in this process.
  const std::optional<PsnrPair>& last() const { return last_; }
  /// What the rest image that does not move would have instead.
  const PsnrPair& rest() const { return rest_; }
  bool is_of_face() const { return is_of_face_; }

  /// What teacher and student made of the poses when that was last measured: whole frames, or face crops.
  const std::vector<HeldOutFrame>& frames() const { return frames_; }

 private:
  void keep(const at::Tensor& expected, const at::Tensor& drawn, const at::Tensor& rest);
  void write() const;

  Poser& teacher_;
  std::filesystem::path file_;
  std::vector<Pose> poses_;
  PosedFrame expected_;
  std::map<std::string, std::vector<WatchedPsnr>> courses_;
  std::optional<PsnrPair> last_;
  PsnrPair rest_;
  bool is_of_face_ = false;
  std::vector<HeldOutFrame> frames_;
};

}  // namespace tha4
