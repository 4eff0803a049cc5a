#include "tha4/evaluation/held_out.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/evaluation/scorer.h"
#include "tha4/image/compositing.h"
#include "tha4/metrics/psnr.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

PsnrPair both_psnrs(const Scorer& scorer, const at::Tensor& expected, const at::Tensor& actual) {
  const at::Tensor scores = scorer.score(expected, actual);
  return {scores[0][0].item<double>(), scores[0][1].item<double>()};
}

/// Means of both PSNRs of images that come one by one.
class PsnrMeans {
 public:
  void add(const PsnrPair& psnr) {
    network_.push_back(psnr.network);
    seen_.push_back(psnr.seen);
  }

  int count() const { return static_cast<int>(seen_.size()); }
  PsnrPair means() const { return {mean_score(network_, kMaxPsnrInMean), mean_score(seen_, kMaxPsnrInMean)}; }

 private:
  std::vector<double> network_, seen_;
};

/// Keeps the frame among the \p max_count worst ones, the worst first, if it belongs there.
void keep_worst(std::vector<HeldOutFrame>& worst, int max_count, const std::function<HeldOutFrame()>& frame,
                double network_psnr) {
  if (max_count == 0 || (std::ssize(worst) == max_count && worst.back().network_psnr <= network_psnr)) return;
  if (std::ssize(worst) == max_count) worst.pop_back();
  const auto place = std::find_if(worst.begin(), worst.end(), [&](const HeldOutFrame& other) {
    return other.network_psnr > network_psnr;
  });
  worst.insert(place, frame());
}

/// Compares teacher and student pose by pose.
class Comparison {
 public:
  Comparison(Poser& teacher, Poser& student, const HeldOutPoses& poses)
      : teacher_(teacher),
        student_(student),
        poses_(poses),
        rest_(teacher.rest_image().unsqueeze(0)),
        rest_face_(crop(rest_, kFaceCrop)) {}

  /// \param row  of the pose, [1, 45]
  void add(const Pose& pose, const at::Tensor& row) {
    const PosedFrame expected = teacher_.pose(row);
    const PosedFrame actual = student_.pose(row);
    const at::Tensor blended = actual.blended.to(teacher_.device());
    const PsnrPair psnr = both_psnrs(scorer_, expected.blended, blended);
    frames_.add(psnr);
    faces_.add(both_psnrs(scorer_, expected.face, actual.face.to(teacher_.device())));
    rest_frames_.add(both_psnrs(scorer_, expected.blended, rest_));
    rest_faces_.add(both_psnrs(scorer_, expected.face, rest_face_));
    if (poses_.body_alone && bodies_.count() < poses_.body_poses) {
      bodies_.add(
          both_psnrs(scorer_, expected.blended, poses_.body_alone(row.to(teacher_.device()), expected.face)));
    }
    const auto frame = [&] {
      return HeldOutFrame{expected.blended[0].cpu(), blended[0].cpu(), pose, psnr.network};
    };
    if (frames_.count() <= poses_.shown) result_.frames.push_back(frame());
    keep_worst(result_.worst, poses_.worst, frame, psnr.network);
  }

  void look_at_rest() {
    const Pose at_rest{};
    const at::Tensor pose = to_tensor(std::span(&at_rest, 1));
    const at::Tensor expected = teacher_.pose(pose).blended;
    const at::Tensor actual = student_.pose(pose).blended.to(teacher_.device());
    result_.at_rest = {.teacher_of_picture = both_psnrs(scorer_, rest_, expected),
                       .student_of_teacher = both_psnrs(scorer_, expected, actual),
                       .student_of_picture = both_psnrs(scorer_, rest_, actual)};
    result_.rest = {expected[0].cpu(), actual[0].cpu(), {}, result_.at_rest.student_of_teacher.network};
  }

  HeldOutResult result() {
    result_.score = {.poses = frames_.count(),
                     .student = frames_.means(),
                     .rest = rest_frames_.means(),
                     .face = faces_.means(),
                     .rest_face = rest_faces_.means()};
    result_.score.body_poses = bodies_.count();
    if (bodies_.count() > 0) result_.score.body = bodies_.means();
    return std::move(result_);
  }

 private:
  Poser& teacher_;
  Poser& student_;
  const HeldOutPoses& poses_;
  at::Tensor rest_, rest_face_;
  Scorer scorer_{{ImagePsnr::network, ImagePsnr::seen}};
  PsnrMeans frames_, faces_, rest_frames_, rest_faces_, bodies_;
  HeldOutResult result_;
};

nlohmann::json json_of(double decibels) {
  if (std::isinf(decibels)) return decibels > 0 ? "inf" : "-inf";
  return decibels;
}

nlohmann::json json_of(const PsnrPair& psnr) {
  return {{"network", json_of(psnr.network)}, {"srgb_on_white", json_of(psnr.seen)}};
}

}  // namespace

HeldOutResult score_on_held_out_poses(Poser& teacher, Poser& student, const HeldOutPoses& poses,
                                      const Context& context) {
  const torch::NoGradGuard no_grad;
  Comparison comparison(teacher, student, poses);
  Progress progress(context, "held-out poses", poses.count, "poses");
  progress.update(0);
  const at::Tensor drawn = draw_held_out_poses(poses.count, poses.seed);
  const std::vector<Pose> all = to_poses(drawn);
  for (int i = 0; i < poses.count; ++i) {
    if (context.stop.stop_requested())
      throw InterruptedError("interrupted among the held-out poses", Remedy::resume);
    comparison.add(all[static_cast<std::size_t>(i)], drawn.narrow(0, i, 1));
    progress.update(i + 1);
  }
  comparison.look_at_rest();
  return comparison.result();
}

at::Tensor draw_held_out_poses(int count, std::uint64_t seed) {
  return to_tensor(sample_poses(PoseDistribution::natural, count, seed));
}

nlohmann::json to_json(const HeldOutScore& score) {
  nlohmann::json json = {{"poses", score.poses},
                         {"student_psnr", json_of(score.student)},
                         {"rest_image_psnr", json_of(score.rest)},
                         {"student_face_psnr", json_of(score.face)},
                         {"rest_image_face_psnr", json_of(score.rest_face)}};
  if (score.body_poses > 0) {
    json["body_poses"] = score.body_poses;
    json["student_body_psnr"] = json_of(score.body);
  }
  return json;
}

nlohmann::json to_json(const RestPoseScore& score) {
  return {{"teacher_of_picture", json_of(score.teacher_of_picture)},
          {"student_of_teacher", json_of(score.student_of_teacher)},
          {"student_of_picture", json_of(score.student_of_picture)}};
}

}  // namespace tha4
