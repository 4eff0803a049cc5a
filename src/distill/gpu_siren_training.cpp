#include "gpu_siren_training.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "siren_programs.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {
namespace {

constexpr int kTerms = 4;
constexpr int kLossThreads = 256;

int loss_blocks(int pixels) {
  return (pixels + kLossThreads - 1) / kLossThreads;
}

}  // namespace

int fresh_steps(int batch) {
  constexpr int kFrames = 512;  // 1.1 GiB of whole ones
  return std::clamp(kFrames / batch, 1, GpuSiren::kMaxPlanned);
}

GpuSirenTraining::GpuSirenTraining(std::unique_ptr<GpuSiren> siren, TeacherStore store, KernelPace pace,
                                   std::optional<FreshFrames> fresh, BatchShare share)
    : siren_(std::move(siren)),
      store_(std::move(store)),
      pace_(std::move(pace)),
      fresh_(std::move(fresh)),
      share_(share),
      block_losses_(torch::zeros({siren_->passes() * loss_blocks(siren_->pixel_count()), kTerms},
                                 store_.poses().options())),
      loss_sums_(torch::zeros({kTerms}, store_.poses().options())),
      losses_(student_losses_program()) {
  if (pace_.steps.soap_steps > 0) siren_->use_soap(pace_.steps.soap_steps, pace_.steps.soap_decay);
}

void GpuSirenTraining::queue_step() {
  siren_->begin_step();
  const int blocks = loss_blocks(siren_->pixel_count());
  const CudaGrid grid{.x = static_cast<unsigned>(blocks), .threads = kLossThreads};
  for (int pass = 0; pass < siren_->passes(); ++pass) {
    siren_->evaluate(pass);
    queue_loss(pass, losses_, grid, block_losses_.data_ptr<float>() + pass * blocks * kTerms);
    siren_->differentiate(pass);
  }
  losses_.launch(block_losses_.device(), {.threads = kLossThreads},
                 kernels::LossSum{block_losses_.data_ptr<float>(), siren_->passes() * blocks,
                                  loss_sums_.data_ptr<float>()});
  if (share_.processes() > 1) {
    share_.average(siren_->gradient_sums());
    siren_->measure_gradients();
  }
  siren_->update();
}

void GpuSirenTraining::capture() {
  // Capturing takes a few steps first, of which nothing shall remain.
  const TrainingState begin = state();
  for (const std::int64_t examples_seen : {std::int64_t{0}, pace_.examples}) {
    auto& graph = graphs_[batch_at(examples_seen)];
    if (graph) continue;
    siren_->use(share_.of(batch_at(examples_seen)));
    siren_->plan(std::vector<GpuSiren::PlannedStep>(GpuSiren::kMaxPlanned, planned(examples_seen, 0)));
    graph = std::make_unique<CudaGraph>(block_losses_.device(), [this] { queue_step(); });
  }
  restore(begin, "the beginning");
}

GpuSiren::PlannedStep GpuSirenTraining::planned(std::int64_t examples_seen, int in_plan) const {
  GpuSiren::PlannedStep planned{.windows = {}, .settings = settings_at(pace_, examples_seen)};
  std::mt19937_64 random(step_seed(pace_.seed, examples_seen));
  std::uniform_real_distribution<double> uniform;
  const int batch = batch_at(examples_seen);
  const int own = share_.of(batch), begin = share_.begin(batch);
  for (int i = 0; i < batch; ++i) {
    const int drawn = static_cast<int>(uniform(random) * static_cast<double>(store_.count()));
    const double where = uniform(random), x = uniform(random), y = uniform(random);
    if (i < begin || i >= begin + own) continue;
    planned.windows.push_back(window_at(fresh_ ? in_plan * own + i - begin : drawn, where, x, y));
  }
  weigh(planned.settings, examples_seen);
  return planned;
}

TrainingStep GpuSirenTraining::step(std::int64_t examples_seen) {
  const int batch = batch_at(examples_seen);
  // All steps of a plan have as many examples.
  const std::int64_t end =
      batch == pace_.batch ? pace_.examples : std::min(pace_.examples, pace_.steps.early_examples);
  const std::int64_t left = (end - examples_seen + batch - 1) / batch;
  const int count = static_cast<int>(
      std::min<std::int64_t>(left, fresh_ ? fresh_steps(share_.of(pace_.batch)) : GpuSiren::kMaxPlanned));
  siren_->use(share_.of(batch));
  std::vector<GpuSiren::PlannedStep> steps;
  std::vector<at::Tensor> poses;
  before_plan();
  for (int i = 0; i < count; ++i) {
    const std::int64_t seen = examples_seen + static_cast<std::int64_t>(i) * batch;
    steps.push_back(planned(seen, i));
    if (!fresh_) continue;
    poses.push_back(share_.part(draw_poses(fresh_->poses, batch, step_seed(pace_.seed, seen))));
  }
  if (fresh_) make_frames(store_, *fresh_, torch::cat(poses));
  loss_sums_.zero_();
  siren_->plan(steps);
  for (int i = 0; i < count; ++i) graphs_.at(batch)->launch();
  after_plan();
  return {static_cast<std::int64_t>(count) * batch,
          terms(steps.back().settings, loss_sums_ / static_cast<double>(count))};
}

TrainingState GpuSirenTraining::state() const {
  TrainingState state = state_of_kernels(*siren_);
  add_part(state.optimizer, "other.", other_state());
  return state;
}

void GpuSirenTraining::restore(const TrainingState& state, const std::string& source) {
  restore_kernels(*siren_, state, source);
  restore_other(part_of(state.optimizer, "other."));
}

StateDict GpuSirenTraining::exported_state() const {
  return pace_.steps.weight_average > 0 ? siren_->average() : siren_->network();
}

}  // namespace tha4
