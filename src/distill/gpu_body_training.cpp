#include <algorithm>
#include <string>
#include <utility>

#include "gpu_siren_training.h"
#include "sample_pictures.h"
#include <torch/types.h>

#include "tha4/distill/siren_training.h"
#include "tha4/nn/student/student_kind.h"

namespace tha4 {
namespace {

/// One in so many windows lies anywhere in the frame, so that what is empty stays empty; all others where the
/// character ever is.
constexpr double kAnywhere = 1.0 / 8;

SirenResolution resolution_of(const SirenBodyConfig& config) {
  return config.kind == BodyRotatorKind::siren ? SirenResolution::multiple : SirenResolution::single;
}

class GpuBodyTraining final : public GpuSirenTraining {
 public:
  GpuBodyTraining(std::unique_ptr<GpuSiren> siren, TeacherStore store, const SirenBodyConfig& config)
      : GpuSirenTraining(std::move(siren), std::move(store),
                         {.examples = config.examples,
                          .batch = config.batch,
                          .seed = config.seed,
                          .adam = config.adam,
                          .learning_rate = config.learning_rate,
                          .steps = config.steps}),
        config_(config) {
    capture();
  }

  std::string name() const override { return "body_rotator"; }
  TrainingParts parts() override {
    return {.sample = [this] { return sample(); }};
  }

 private:
  kernels::SirenWindow window_at(int frame, double where, double x, double y) const override {
    const Region& region = store().region();
    const auto corner = [&](double share, int begin, int size) {
      const int last = kImageSize - config_.window;
      // Windows reach beyond the region, so that its edges are not seen less often.
      const int reach = config_.window / 4;
      const bool is_anywhere = where < kAnywhere;
      const int low = is_anywhere ? 0 : std::clamp(begin - reach, 0, last);
      const int high = is_anywhere ? last : std::clamp(begin + size - config_.window + reach, low, last);
      const int alignment = siren().alignment();
      const int at = low + static_cast<int>(share * static_cast<double>(high - low + 1));
      return std::min(at / alignment * alignment, last / alignment * alignment);
    };
    return {frame, corner(x, region.x, region.width), corner(y, region.y, region.height)};
  }

  void weigh(kernels::SirenStep& step, std::int64_t examples_seen) const override {
    const BodyLossPhase& phase = phase_at(config_.loss_phases, examples_seen);
    step.flow = static_cast<float>(phase.flow);
    step.warped = static_cast<float>(phase.warped);
    step.direct = static_cast<float>(phase.direct);
    step.final = static_cast<float>(phase.final);
  }

  void queue_loss(const CudaProgram& program, const CudaGrid& grid, float* losses) override {
    program.launch(store().poses().device(), grid,
                   kernels::BodyLoss{siren().step(), siren().pixels(), store().view(), siren().results(),
                                     siren().of_results(), losses});
  }

  std::vector<LossTerm> terms(const kernels::SirenStep& step, const at::Tensor& means) const override {
    const at::Tensor loss =
        step.flow * means[0] + step.warped * means[1] + step.direct * means[2] + step.final * means[3];
    return {
        {"loss", loss}, {"final", means[3]}, {"flow", means[0]}, {"warped", means[1]}, {"direct", means[2]}};
  }

  RgbaImage sample() const {
    const torch::NoGradGuard no_grad;
    const auto indices = shown_frames(store());
    const auto network = make_body_rotator(config_.kind, exported_state(), "the training");
    network->to(store().poses().device());
    const at::Tensor poses = store().poses().narrow(0, 0, static_cast<std::int64_t>(indices.size()));
    return comparison_sheet(store().frames(indices, FrameWindow{}.region).blended,
                            network->rotate(store().images(indices), poses, FrameWindow{}).blended);
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
