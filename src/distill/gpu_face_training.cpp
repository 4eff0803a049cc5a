#include <optional>
#include <string>
#include <utility>

#include "gpu_siren_training.h"
#include "sample_pictures.h"
#include <torch/types.h>

#include "tha4/distill/teacher_frames.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

class GpuFaceTraining final : public GpuSirenTraining {
 public:
  GpuFaceTraining(std::unique_ptr<GpuSiren> siren, TeacherStore store, const at::Tensor& mask,
                  const SirenFaceConfig& config, std::optional<FreshFrames> fresh, BatchShare share)
      : GpuSirenTraining(std::move(siren), std::move(store), pace_of(config), std::move(fresh), share),
        mask_weight_(config.mask_weight),
        squared_(config.squared),
        mask_(mask.to(this->store().poses().device(), torch::kFloat32).contiguous()) {
    capture();
  }

  std::string name() const override { return "face_morpher"; }
  TrainingParts parts() override {
    return {.sample = [this] { return sample(); }};
  }

 private:
  kernels::SirenWindow window_at(int frame, double, double, double) const override { return {frame, 0, 0}; }

  void weigh(kernels::SirenStep& step, std::int64_t) const override {
    step.masked = static_cast<float>(mask_weight_);
    step.squared = static_cast<float>(squared_);
  }

  void make_frames(TeacherStore& store, const FreshFrames& fresh, const at::Tensor& poses) override {
    store.take_faces(fresh.teacher, poses, fresh.batch);
    siren().poses().copy_(store.poses().narrow(1, 0, kFacePoseSize));
  }

  void queue_loss(int pass, const CudaProgram& program, const CudaGrid& grid, float* losses) override {
    program.launch(
        mask_.device(), grid,
        kernels::FaceLoss{siren().step(), siren().pixels(pass), siren().passes() * siren().pixel_count(),
                          store().view(), mask_.data_ptr<float>(), siren().results(), siren().of_results(),
                          losses});
  }

  std::vector<LossTerm> terms(const kernels::SirenStep&, const at::Tensor& means) const override {
    return face_terms(mask_weight_, means);
  }

  RgbaImage sample() const {
    if (!fresh()) return siren_face_sample(exported_state(), shown_faces(store()));
    const at::Tensor poses = draw_poses(fresh()->poses, kSampledPoses, fresh()->poses.seed);
    return siren_face_sample(exported_state(), shown_faces(fresh()->teacher, poses.to(mask_.device())));
  }

  double mask_weight_, squared_;
  at::Tensor mask_;
};

}  // namespace

bool can_train_on_gpu(const SirenFaceConfig&, const StateDict& network, c10::Device device) {
  return device.is_cuda() && GpuSiren::is_possible(trained_face(network), device);
}

std::unique_ptr<Training> make_gpu_face_training(TeacherStore store, const at::Tensor& mask,
                                                 const StateDict& network, const SirenFaceConfig& config,
                                                 std::optional<FreshFrames> fresh, BatchShare share) {
  const at::Tensor poses = store.poses().narrow(1, 0, kFacePoseSize).contiguous();
  auto siren = std::make_unique<GpuSiren>(network, trained_face(network), share.of(config.batch),
                                          kFaceCrop.width, poses, poses.device());
  return std::make_unique<GpuFaceTraining>(std::move(siren), std::move(store), mask, config, std::move(fresh),
                                           share);
}

}  // namespace tha4
