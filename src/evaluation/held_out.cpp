#include "tha4/evaluation/held_out.h"

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/image/compositing.h"
#include "tha4/metrics/psnr.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

/// Sum of PSNRs of two kinds.
struct PsnrSum {
  double network = 0;
  double viewer = 0;

  void add(const at::Tensor& expected, const at::Tensor& actual) {
    network += network_psnr(expected, actual).mean().item<double>();
    viewer += viewer_psnr(expected, actual).mean().item<double>();
  }
};

}  // namespace

HeldOutResult score_on_held_out_poses(Poser& teacher, Poser& student, int poses, std::uint64_t seed,
                                      int shown, const Context& context) {
  const torch::NoGradGuard no_grad;
  const at::Tensor drawn = to_tensor(sample_poses(PoseDistribution::natural, poses, seed));
  const at::Tensor rest = teacher.rest_image().unsqueeze(0);
  const at::Tensor rest_face = crop(rest, kFaceCrop);
  PsnrSum frames, faces, rest_frames, rest_faces;
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
                  .student_network = frames.network / poses,
                  .student_viewer = frames.viewer / poses,
                  .rest_network = rest_frames.network / poses,
                  .rest_viewer = rest_frames.viewer / poses,
                  .face_network = faces.network / poses,
                  .face_viewer = faces.viewer / poses,
                  .rest_face_network = rest_faces.network / poses,
                  .rest_face_viewer = rest_faces.viewer / poses};
  return result;
}

nlohmann::json to_json(const HeldOutScore& score) {
  const auto pair = [](double network, double viewer) {
    return nlohmann::json{{"network", network}, {"srgb_on_white", viewer}};
  };
  return {{"poses", score.poses},
          {"student_psnr", pair(score.student_network, score.student_viewer)},
          {"rest_image_psnr", pair(score.rest_network, score.rest_viewer)},
          {"student_face_psnr", pair(score.face_network, score.face_viewer)},
          {"rest_image_face_psnr", pair(score.rest_face_network, score.rest_face_viewer)}};
}

}  // namespace tha4
