#include <string>
#include <utility>

#include "gpu_siren_training.h"
#include <torch/types.h>

#include "tha4/nn/student/student_kind.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

class GpuFaceTraining final : public GpuSirenTraining {
 public:
  GpuFaceTraining(std::unique_ptr<GpuSiren> siren, TeacherStore store, const at::Tensor& mask,
                  const SirenFaceConfig& config)
      : GpuSirenTraining(std::move(siren), std::move(store), pace_of(config)),
        mask_weight_(config.mask_weight),
        mask_(mask.to(this->store().poses().device(), torch::kFloat32).contiguous()) {
    capture();
  }

  std::string name() const override { return "face_morpher"; }
  TrainingParts parts() override {
    return {.sample = [this] { return face_sample(store(), exported_state()); }};
  }

 private:
  kernels::SirenWindow window_at(int frame, double, double, double) const override { return {frame, 0, 0}; }

  void weigh(kernels::SirenStep& step, std::int64_t) const override {
    step.masked = static_cast<float>(mask_weight_);
  }

  void queue_loss(const CudaProgram& program, const CudaGrid& grid, float* losses) override {
    program.launch(
        mask_.device(), grid,
        kernels::FaceLoss{siren().step(), siren().pixels(), store().view(), mask_.data_ptr<float>(),
                          siren().results(), siren().of_results(), losses});
  }

  std::vector<LossTerm> terms(const kernels::SirenStep&, const at::Tensor& means) const override {
    return face_terms(mask_weight_, means);
  }

  double mask_weight_;
  at::Tensor mask_;
};

}  // namespace

bool can_train_on_gpu(const SirenFaceConfig& config, const StateDict& network, c10::Device device) {
  return config.steps.frames > 0 && device.is_cuda() && GpuSiren::is_possible(trained_face(network), device);
}

std::unique_ptr<Training> make_gpu_face_training(TeacherStore store, const at::Tensor& mask,
                                                 const StateDict& network, const SirenFaceConfig& config) {
  const at::Tensor poses = store.poses().narrow(1, 0, kFacePoseSize).contiguous();
  auto siren = std::make_unique<GpuSiren>(network, trained_face(network), config.batch, kFaceCrop.width,
                                          poses, poses.device());
  return std::make_unique<GpuFaceTraining>(std::move(siren), std::move(store), mask, config);
}

}  // namespace tha4
