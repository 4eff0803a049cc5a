#include "gpu_siren_training.h"

#include <algorithm>
#include <random>
#include <utility>

#include "siren_programs.h"
#include <torch/types.h>

namespace tha4 {
namespace {

constexpr int kTerms = 4;
constexpr int kLossThreads = 256;

}  // namespace

GpuSirenTraining::GpuSirenTraining(std::unique_ptr<GpuSiren> siren, TeacherStore store, KernelPace pace)
    : siren_(std::move(siren)),
      store_(std::move(store)),
      pace_(std::move(pace)),
      block_losses_(torch::zeros({(siren_->pixel_count() + kLossThreads - 1) / kLossThreads, kTerms},
                                 store_.poses().options())),
      loss_sums_(torch::zeros({kTerms}, store_.poses().options())),
      losses_(student_losses_program()) {}

void GpuSirenTraining::queue_step() {
  siren_->begin_step();
  siren_->evaluate();
  const CudaGrid grid{.x = static_cast<unsigned>(block_losses_.size(0)), .threads = kLossThreads};
  queue_loss(losses_, grid, block_losses_.data_ptr<float>());
  losses_.launch(block_losses_.device(), {.threads = kLossThreads},
                 kernels::LossSum{block_losses_.data_ptr<float>(), static_cast<int>(block_losses_.size(0)),
                                  loss_sums_.data_ptr<float>()});
  siren_->differentiate();
  siren_->update();
}

void GpuSirenTraining::capture() {
  // Capturing takes a few steps first, of which nothing shall remain.
  const TrainingState begin = state();
  siren_->plan(std::vector<GpuSiren::PlannedStep>(GpuSiren::kMaxPlanned, planned(0)));
  graph_ = std::make_unique<CudaGraph>(block_losses_.device(), [this] { queue_step(); });
  restore(begin, "the beginning");
}

GpuSiren::PlannedStep GpuSirenTraining::planned(std::int64_t examples_seen) const {
  GpuSiren::PlannedStep planned{.windows = {}, .settings = settings_at(pace_, examples_seen)};
  weigh(planned.settings, examples_seen);
  std::mt19937_64 random(step_seed(pace_.seed, examples_seen));
  std::uniform_real_distribution<double> uniform;
  for (int i = 0; i < pace_.batch; ++i) {
    const int frame = static_cast<int>(uniform(random) * static_cast<double>(store_.count()));
    const double where = uniform(random), x = uniform(random), y = uniform(random);
    planned.windows.push_back(window_at(frame, where, x, y));
  }
  return planned;
}

TrainingStep GpuSirenTraining::step(std::int64_t examples_seen) {
  const std::int64_t left = (pace_.examples - examples_seen + pace_.batch - 1) / pace_.batch;
  const std::int64_t count = std::min<std::int64_t>(left, GpuSiren::kMaxPlanned);
  std::vector<GpuSiren::PlannedStep> steps;
  for (std::int64_t i = 0; i < count; ++i) steps.push_back(planned(examples_seen + i * pace_.batch));
  loss_sums_.zero_();
  siren_->plan(steps);
  for (std::int64_t i = 0; i < count; ++i) graph_->launch();
  return {count * pace_.batch, terms(steps.back().settings, loss_sums_ / static_cast<double>(count))};
}

TrainingState GpuSirenTraining::state() const {
  return state_of_kernels(*siren_);
}

void GpuSirenTraining::restore(const TrainingState& state, const std::string& source) {
  restore_kernels(*siren_, state, source);
}

StateDict GpuSirenTraining::exported_state() const {
  return pace_.steps.weight_average > 0 ? siren_->average() : siren_->network();
}

}  // namespace tha4
