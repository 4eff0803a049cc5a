#include "measurement.h"

#include <chrono>

#include "busy_processes.h"
#include "step_trace.h"
#include <spdlog/spdlog.h>
#include <torch/types.h>

#include "tha4/base/device.h"
#include "tha4/base/peak_memory.h"
#include "tha4/base/progress.h"
#include "tha4/nn/cost/flop_counter.h"
#include "tha4/nn/cost/parameter_count.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4::app {
namespace {

/// Work that takes longer than this is announced, in seconds.
constexpr double kLongWork = 60;

/// Makes one batch after the other, of natural poses that are the same in every run, round and round.
class Calls {
 public:
  Calls(const FrameMaker& maker, int batch, c10::Device device) : maker_(maker), device_(device) {
    constexpr int kPoses = 256;
    PoseSampler sampler(PoseDistribution::natural, /*seed=*/0);
    for (int poses = 0; poses < kPoses; poses += batch) {
      std::vector<Pose>& next = batches_.emplace_back();
      for (int i = 0; i < batch; ++i) next.push_back(sampler.next());
    }
  }

  /// Makes the next batch and waits for it; the seconds that took.
  double make_next() {
    using Clock = std::chrono::steady_clock;
    const std::vector<Pose>& poses = batches_[next_++ % batches_.size()];
    const auto start = Clock::now();
    maker_.make(poses);
    synchronize(device_);
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

 private:
  const FrameMaker& maker_;
  c10::Device device_;
  std::vector<std::vector<Pose>> batches_;
  std::size_t next_ = 0;
};

/// Until clocks, caches and libraries' choices have settled, but not for long where a call takes seconds.
bool is_warm(const std::optional<int>& asked, int calls, double seconds) {
  if (asked) return calls >= *asked;
  return (calls >= 10 && seconds >= 1) || seconds >= 3;
}

void warm_up(Calls& calls, const std::optional<int>& asked, const Context& context) {
  double seconds = 0;
  for (int call = 0; !is_warm(asked, call, seconds) && !context.stop.stop_requested(); ++call) {
    seconds += calls.make_next();
  }
}

std::int64_t count_flops(Calls& calls) {
  const FlopCounter counter;
  calls.make_next();
  return counter.flops();
}

void announce(const std::string& title, int calls, double seconds_of_call) {
  const double seconds = calls * seconds_of_call;
  if (seconds < kLongWork) return;
  spdlog::info("{}: about {:.0f} min for {} calls of {:.2g} s; --frames N makes fewer", title, seconds / 60,
               calls, seconds_of_call);
}

FrameTimes time_calls(Calls& calls, const std::string& title, int count, int batch, const Context& context) {
  FrameTimes times{.batch = batch, .seconds = {}};
  Progress progress(context, title, static_cast<std::int64_t>(count) * batch, "frames");
  progress.update(0);
  for (int call = 0; call < count && !context.stop.stop_requested(); ++call) {
    times.seconds.push_back(calls.make_next());
    progress.update(static_cast<std::int64_t>(call + 1) * batch);
  }
  return times;
}

FrameCost measure_frames(const FrameMaker& maker, const Timing& timing, c10::Device device,
                         const Context& context) {
  Calls calls(maker, timing.batch, device);
  FrameCost cost;
  cost.title = maker.title;
  cost.as_in_paper = maker.as_in_paper;
  cost.flops = count_flops(calls) / timing.batch;
  warm_up(calls, timing.warm_up, context);
  if (context.stop.stop_requested()) return cost;
  const PeakMemory memory(device);
  const double seconds = calls.make_next();
  cost.working_bytes = memory.growth();
  const int count = (timing.frames + timing.batch - 1) / timing.batch;
  announce(maker.title, count, seconds);
  cost.floor_ms = maker.floor_ms;
  cost.times = time_calls(calls, maker.title, count, timing.batch, context);
  if (timing.beside > 0 && !context.stop.stop_requested()) {
    const BusyProcesses busy(timing.beside);
    cost.beside = time_calls(calls, maker.title + ", beside", count, timing.batch, context);
  }
  return cost;
}

std::int64_t bytes_of(const torch::nn::Module& network) {
  std::int64_t bytes = 0;
  for (const torch::Tensor& parameter : network.parameters())
    bytes += static_cast<std::int64_t>(parameter.nbytes());
  return bytes;
}

}  // namespace

std::int64_t SystemCost::parameters() const {
  std::int64_t sum = 0;
  for (const NetworkSize& network : networks) sum += network.parameters;
  return sum;
}

void trace_frames(const FrameMaker& maker, const Timing& timing, c10::Device device) {
  const torch::NoGradGuard no_grad;
  Calls calls(maker, timing.batch, device);
  for (int i = 0; i < 3; ++i) calls.make_next();  // what is captured as a graph is by then
  trace([&] { calls.make_next(); }, device, timing.trace);
}

SystemCost measure(const System& system, const Timing& timing, c10::Device device, const Context& context) {
  SystemCost cost;
  cost.name = system.name;
  cost.title = system.title;
  cost.opengl = system.opengl;
  for (const NamedNetwork& named : system.networks) {
    cost.networks.push_back({named.name, count_parameters(*named.network)});
    cost.weight_bytes += bytes_of(*named.network);
  }
  const torch::NoGradGuard no_grad;
  for (const FrameMaker& maker : system.makers) {
    if (context.stop.stop_requested()) break;
    cost.frames.push_back(measure_frames(maker, timing, device, context));
  }
  return cost;
}

}  // namespace tha4::app
