#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gpu_siren_training.h"
#include "sample_pictures.h"
#include "window_errors.h"
#include "window_places.h"
#include <torch/types.h>

#include "tha4/distill/siren_training.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/nn/student/student_kind.h"

namespace tha4 {
namespace {

class GpuBodyTraining final : public GpuSirenTraining {
 public:
  GpuBodyTraining(std::unique_ptr<GpuSiren> siren, TeacherStore store, const SirenBodyConfig& config,
                  std::optional<FreshFrames> fresh, BatchShare share)
      : GpuSirenTraining(std::move(siren), std::move(store), pace_of(config), std::move(fresh), share),
        config_(config),
        places_(config.windows, config.window, this->siren().alignment(), this->store().region(),
                this->store().moving(), this->store().tiles().all_kept()) {
    if (config.windows.error_fraction > 0) errors_.emplace(this->store().poses().device(), error_cells());
    capture();
  }

  std::string name() const override { return "body_rotator"; }
  TrainingParts parts() override {
    return {.sample = [this] { return sample(); }};
  }

 private:
  kernels::SirenWindow window_at(int frame, double where, double x, double y) const override {
    return places_.at(frame, where, x, y);
  }

  /// Without flow and alpha, which other kinds give besides.
  bool draws_frame() const { return config_.kind == BodyRotatorKind::vanilla_siren; }

  /// Fresh frames are soon others.
  ErrorCells error_cells() const {
    const bool are_apart = config_.windows.errors_of_frames && !fresh();
    return {are_apart ? store().count() : 1, are_apart ? kFrameCells : kCells};
  }

  void before_plan() override {
    if (errors_) places_.take_errors(errors_->map());
  }
  void after_plan() override {
    if (errors_) errors_->fetch(share());
  }
  StateDict other_state() const override { return errors_ ? errors_->state() : StateDict(); }
  void restore_other(const StateDict& state) override {
    if (errors_) errors_->restore(state);
  }

  void weigh(kernels::SirenStep& step, std::int64_t examples_seen) const override {
    weigh_body(step, config_.loss_phases, examples_seen);
    if (draws_frame()) step.flow = step.warped = step.direct = 0;
  }

  void make_frames(TeacherStore& store, const FreshFrames& fresh, const at::Tensor& poses) override {
    store.take_frames(fresh.teacher, poses, fresh.batch);
  }

  void queue_loss(int pass, const CudaProgram& program, const CudaGrid& grid, float* losses) override {
    const auto [frames, cells] = errors_ ? errors_->cells() : ErrorCells{.across = kCells};
    program.launch(
        store().poses().device(), grid,
        kernels::BodyLoss{siren().step(), siren().pixels(pass), siren().passes() * siren().pixel_count(),
                          store().view(), siren().results(), siren().of_results(), losses,
                          errors_ ? errors_->sums() : nullptr, kImageSize / cells, cells,
                          frames == 1 ? 0 : cells * cells, config_.direct_target == DirectTarget::blended,
                          draws_frame()});
  }

  std::vector<LossTerm> terms(const kernels::SirenStep& step, const at::Tensor& means) const override {
    std::vector<LossTerm> all = body_terms(step, means);
    if (draws_frame()) all.resize(2);  // the loss and its final term
    return all;
  }

  RgbaImage sample() const {
    if (!fresh()) return body_sample(config_.kind, exported_state(), shown_frames(store()));
    const at::Tensor poses = draw_poses(fresh()->poses, kSampledPoses, fresh()->poses.seed);
    return body_sample(config_.kind, exported_state(),
                       shown_frames(fresh()->teacher, poses.to(store().poses().device())));
  }

  SirenBodyConfig config_;
  WindowPlaces places_;
  std::optional<WindowErrors> errors_;
};

}  // namespace

FrameMemory frame_memory(const SirenBodyConfig& config, const StateDict& network, int batch) {
  // Of parameters, parts of gradients, and what the teacher and drivers take anew.
  constexpr std::int64_t kOthers = std::int64_t{640} << 20;
  return {static_cast<std::int64_t>(config.steps.frames_gib * (std::int64_t{1} << 30)),
          GpuSiren::pixel_bytes(trained_body(network, config.kind), batch, config.window) + kOthers};
}

bool can_train_on_gpu(const SirenBodyConfig& config, const StateDict& network, c10::Device device) {
  if (!device.is_cuda()) return false;
  const TrainedSiren siren = trained_body(network, config.kind);
  return GpuSiren::is_possible(siren, device) &&
         config.window % (siren.levels.back().resolution / siren.levels.front().resolution) == 0;
}

std::unique_ptr<Training> make_gpu_body_training(TeacherStore store, const StateDict& network,
                                                 const SirenBodyConfig& config,
                                                 std::optional<FreshFrames> fresh, BatchShare share) {
  const at::Tensor poses = store.poses();
  auto siren = std::make_unique<GpuSiren>(network, trained_body(network, config.kind), share.of(config.batch),
                                          config.window, poses, poses.device());
  return std::make_unique<GpuBodyTraining>(std::move(siren), std::move(store), config, std::move(fresh),
                                           share);
}

}  // namespace tha4
