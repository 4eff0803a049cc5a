#include "training_measurement.h"

#include <chrono>
#include <stop_token>
#include <string>
#include <utility>

#include "durations.h"
#include "repeated_triples.h"
#include "step_trace.h"
#include <spdlog/spdlog.h>
#include <torch/types.h>

#include "tha4/base/device.h"
#include "tha4/base/peak_memory.h"
#include "tha4/base/progress.h"
#include "tha4/nn/cost/flop_counter.h"
#include "tha4/nn/cost/parameter_count.h"
#include "tha4/teacher/teacher_trainer.h"
#include "tha4/teacher/teacher_training.h"

namespace tha4::app {
namespace {

/// Pictures in memory: enough that neighbouring examples differ.
constexpr int kPictures = 8;

/// Work that takes longer than this is announced, in seconds.
constexpr double kLongWork = 60;

TeacherTraining::Parts make_parts(const TrainingSubject& subject, ProcessGroup& group, c10::Device device,
                                  const Context& context) {
  const TeacherTrainingConfig& config = subject.config;
  TeacherTraining::Parts parts;
  parts.task = make_network_task(config, subject.teacher);
  if (config.needs_backbone()) {
    parts.perceptual.emplace(load_backbone(BackboneKind::vgg16, subject.vgg16).to(device, at::kFloat),
                             config.rgb_probability);
  }
  if (config.data.source.empty()) {
    parts.source = std::make_unique<RepeatedTriples>(kPictures);
  } else {
    parts.source = open_training_source(config, parts.task->step(), Split::train, group, device, context);
  }
  return parts;
}

/// A network that is trained alone goes by what it is, not by the name of its official file.
std::vector<NetworkSize> sizes_of(const NetworkTask& task, const TeacherTrainingConfig& config) {
  std::vector<NetworkSize> sizes;
  for (const NamedNetwork& named : task.networks()) {
    sizes.push_back({named.name, count_parameters(*named.network)});
  }
  if (sizes.size() == 1) sizes.front().name = trained_network_name(config.network);
  return sizes;
}

/// Takes one step after the other, until all processes have learnt that one is interrupted.
class Steps {
 public:
  Steps(TeacherTraining& training, ProcessGroup& group, c10::Device device, std::stop_token stop)
      : training_(training), group_(group), device_(device), stop_(std::move(stop)) {}

  /// Whether there is to be another step. Collective.
  bool go_on() { return group_.highest_before(stop_.stop_requested() ? 1 : 0) == 0; }

  /// Takes a step and waits for it; the seconds that took.
  double take() {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    const TrainingStep step = training_.step(examples_seen_);
    synchronize(device_);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    examples_seen_ += step.examples;
    losses_ = step.losses;
    return seconds;
  }

  std::vector<Measure> losses() const {
    std::vector<Measure> measures;
    for (const LossTerm& term : losses_) measures.push_back({term.name, term.value.item<double>()});
    return measures;
  }

 private:
  TeacherTraining& training_;
  ProcessGroup& group_;
  c10::Device device_;
  std::stop_token stop_;
  std::int64_t examples_seen_ = 0;
  std::vector<LossTerm> losses_;
};

/// The operations of a step of this process, and the seconds of the last one.
struct WarmUp {
  std::int64_t flops = 0;
  double seconds = 0;
};

WarmUp warm_up(Steps& steps, int count) {
  const FlopCounter counter;
  WarmUp result;
  int taken = 0;
  while (taken < count && steps.go_on()) {
    result.seconds = steps.take();
    ++taken;
  }
  if (taken > 0) result.flops = counter.flops() / taken;
  return result;
}

void announce(int count, double seconds_of_step) {
  const double seconds = count * seconds_of_step;
  if (seconds < kLongWork) return;
  spdlog::info("about {:.0f} min for {} steps of {:.2g} s; --steps N takes fewer", seconds / 60, count,
               seconds_of_step);
}

std::vector<double> time_steps(Steps& steps, const std::string& title, int count, int batch,
                               const Context& context) {
  std::vector<double> seconds;
  Progress progress(context, title, static_cast<std::int64_t>(count) * batch, "examples");
  progress.update(0);
  while (std::ssize(seconds) < count && steps.go_on()) {
    seconds.push_back(steps.take());
    progress.update(std::ssize(seconds) * batch);
  }
  return seconds;
}

void trace_step(Steps& steps, ProcessGroup& group, c10::Device device, const std::filesystem::path& file) {
  if (group.is_first()) {
    trace([&] { steps.take(); }, device, file);
  } else {
    steps.take();
  }
}

double value_of(const std::vector<Measure>& measures, const std::string& name) {
  for (const Measure& measure : measures) {
    if (measure.name == name) return measure.value;
  }
  return 0;
}

}  // namespace

double TrainingCost::examples_per_second() const {
  return batch / mean(step_seconds);
}

TrainingCost measure_training(const TrainingSubject& subject, const StepCounts& counts, ProcessGroup& group,
                              c10::Device device, const Context& context) {
  TrainingCost cost;
  cost.batch = subject.config.batch;
  const PeakMemory memory(device);
  TeacherTraining::Parts parts = make_parts(subject, group, device, context);
  cost.networks = sizes_of(*parts.task, subject.config);
  TeacherTraining training(subject.config, std::move(parts), group, device, {}, context);
  Steps steps(training, group, device, context.stop);
  const WarmUp warm = warm_up(steps, counts.warm_up);
  cost.flops = warm.flops * group.size();
  announce(counts.timed, warm.seconds);
  training.measures();  // from now on
  cost.step_seconds = time_steps(steps, training.name(), counts.timed, cost.batch, context);
  cost.waiting_for_data = value_of(training.measures(), "waiting_for_data");
  cost.memory = memory.growth();
  cost.losses = steps.losses();
  if (!counts.trace.empty()) trace_step(steps, group, device, counts.trace);
  return cost;
}

}  // namespace tha4::app
