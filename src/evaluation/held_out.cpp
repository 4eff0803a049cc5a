#include "tha4/evaluation/held_out.h"

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/evaluation/scorer.h"
#include "tha4/image/compositing.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

/// Means of both PSNRs of images that come one by one.
class PsnrMeans {
 public:
  void add(const at::Tensor& expected, const at::Tensor& actual) {
    const at::Tensor scores = scorer_.score(expected, actual);
    sums_.network += scores[0][0].item<double>();
    sums_.seen += scores[0][1].item<double>();
    ++count_;
  }

  PsnrPair means() const { return {sums_.network / count_, sums_.seen / count_}; }

 private:
  Scorer scorer_{{ImagePsnr::network, ImagePsnr::seen}};
  PsnrPair sums_;
  int count_ = 0;
};

}  // namespace

HeldOutResult score_on_held_out_poses(Poser& teacher, Poser& student, int poses, std::uint64_t seed,
                                      int shown, const Context& context) {
  const torch::NoGradGuard no_grad;
  const at::Tensor drawn = to_tensor(sample_poses(PoseDistribution::natural, poses, seed));
  const at::Tensor rest = teacher.rest_image().unsqueeze(0);
  const at::Tensor rest_face = crop(rest, kFaceCrop);
  PsnrMeans frames, faces, rest_frames, rest_faces;
  HeldOutResult result;
  Progress progress(context, "held-out poses", poses, "poses");
  progress.update(0);
  for (int i = 0; i < poses; ++i) {
    if (context.stop.stop_requested())
      throw InterruptedError("interrupted among the held-out poses", Remedy::resume);
    const at::Tensor pose = drawn.narrow(0, i, 1);
    const PosedFrame expected = teacher.pose(pose);
    const PosedFrame actual = student.pose(pose);
    const at::Tensor blended = actual.blended.to(teacher.device());
    frames.add(expected.blended, blended);
    faces.add(expected.face, actual.face.to(teacher.device()));
    rest_frames.add(expected.blended, rest);
    rest_faces.add(expected.face, rest_face);
    if (i < shown) result.frames.push_back({expected.blended[0].cpu(), blended[0].cpu()});
    progress.update(i + 1);
  }
  result.score = {.poses = poses,
                  .student = frames.means(),
                  .rest = rest_frames.means(),
                  .face = faces.means(),
                  .rest_face = rest_faces.means()};
  return result;
}

nlohmann::json to_json(const HeldOutScore& score) {
  const auto json_of = [](const PsnrPair& psnr) {
    return nlohmann::json{{"network", psnr.network}, {"srgb_on_white", psnr.seen}};
  };
  return {{"poses", score.poses},
          {"student_psnr", json_of(score.student)},
          {"rest_image_psnr", json_of(score.rest)},
          {"student_face_psnr", json_of(score.face)},
          {"rest_image_face_psnr", json_of(score.rest_face)}};
}

}  // namespace tha4
