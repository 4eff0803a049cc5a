#include <string>
#include <utility>

#include "gpu_siren_training.h"
#include <torch/types.h>

#include "tha4/nn/student/student_kind.h"

namespace tha4 {
namespace {

SirenResolution resolution_of(const SirenBodyConfig& config) {
  return config.kind == BodyRotatorKind::siren ? SirenResolution::multiple : SirenResolution::single;
}

class GpuBodyTraining final : public GpuSirenTraining {
 public:
  GpuBodyTraining(std::unique_ptr<GpuSiren> siren, TeacherStore store, const SirenBodyConfig& config)
      : GpuSirenTraining(std::move(siren), std::move(store), pace_of(config)), config_(config) {
    capture();
  }

  std::string name() const override { return "body_rotator"; }
  TrainingParts parts() override {
    return {.sample = [this] { return body_sample(store(), config_.kind, exported_state()); }};
  }

 private:
  kernels::SirenWindow window_at(int frame, double where, double x, double y) const override {
    return body_window(frame, store().region(), config_.window, siren().alignment(), where, x, y);
  }

  void weigh(kernels::SirenStep& step, std::int64_t examples_seen) const override {
    weigh_body(step, config_.loss_phases, examples_seen);
  }

  void queue_loss(const CudaProgram& program, const CudaGrid& grid, float* losses) override {
    program.launch(store().poses().device(), grid,
                   kernels::BodyLoss{siren().step(), siren().pixels(), store().view(), siren().results(),
                                     siren().of_results(), losses});
  }

  std::vector<LossTerm> terms(const kernels::SirenStep& step, const at::Tensor& means) const override {
    return body_terms(step, means);
  }

  SirenBodyConfig config_;
};

}  // namespace

bool can_train_on_gpu(const SirenBodyConfig& config, const StateDict& network, c10::Device device) {
  if (config.steps.frames == 0 || !device.is_cuda() || config.kind == BodyRotatorKind::vanilla_siren ||
      config.direct_target != DirectTarget::direct) {
    return false;
  }
  const TrainedSiren siren = trained_body(network, resolution_of(config));
  return GpuSiren::is_possible(siren, device) &&
         config.window % (siren.levels.back().resolution / siren.levels.front().resolution) == 0;
}

std::unique_ptr<Training> make_gpu_body_training(TeacherStore store, const StateDict& network,
                                                 const SirenBodyConfig& config) {
  const at::Tensor poses = store.poses();
  auto siren = std::make_unique<GpuSiren>(network, trained_body(network, resolution_of(config)), config.batch,
                                          config.window, poses, poses.device());
  return std::make_unique<GpuBodyTraining>(std::move(siren), std::move(store), config);
}

}  // namespace tha4
