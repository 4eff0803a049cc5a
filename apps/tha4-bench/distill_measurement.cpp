#include "distill_measurement.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "durations.h"
#include "temporary_folder.h"
#include <torch/types.h>

#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/base/peak_memory.h"
#include "tha4/base/progress.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/nn/cost/flop_counter.h"

namespace tha4::app {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

/// Some of a training's examples, from the first of which on its steps do the same work.
struct Stage {
  std::string title;
  std::int64_t first = 0;
  std::int64_t examples = 0;
};

std::int64_t count_values(const StateDict& state) {
  std::int64_t count = 0;
  for (const auto& item : state) count += item.value().numel();
  return count;
}

/// Takes the steps of one stage, beginning anew at its end.
class Steps {
 public:
  Steps(Training& training, const Stage& stage, c10::Device device)
      : training_(training), stage_(stage), device_(device), seen_(stage.first) {}

  /// Takes a step and waits for it; the seconds that took.
  double take() {
    const auto start = SteadyClock::now();
    last_ = training_.step(seen_);
    synchronize(device_);
    const double seconds = seconds_since(start);
    seen_ += last_.examples;
    if (seen_ >= stage_.first + stage_.examples) seen_ = stage_.first;
    return seconds;
  }

  const TrainingStep& last() const { return last_; }

 private:
  Training& training_;
  Stage stage_;
  c10::Device device_;
  std::int64_t seen_;
  TrainingStep last_;
};

/// The operations of a step, of all processes.
std::int64_t warm_up(Steps& steps, int count, const BatchShare& share, const Context& context) {
  const FlopCounter counter;
  int taken = 0;
  do {
    steps.take();
    ++taken;
  } while (taken < count && !share.any(context.stop.stop_requested()));
  return share.processes() * counter.flops() / taken;
}

/// A stage of a training that is being measured.
struct MeasuredStage {
  MeasuredStage(Training& training, const Stage& stage, const DistillSteps& counts, c10::Device device,
                const BatchShare& share, const Context& context)
      : steps(training, stage, device) {
    cost.title = stage.title;
    cost.examples = stage.examples;
    cost.weights = count_values(training.state().network);
    cost.flops = warm_up(steps, counts.warm_up, share, context);
    cost.batch = steps.last().examples;
  }

  StageCost result() {
    for (const LossTerm& term : steps.last().losses) {
      cost.losses.push_back({term.name, term.value.item<double>()});
    }
    return std::move(cost);
  }

  Steps steps;
  StageCost cost;
};

/// Takes the steps of \p stages in turn, so that all of them meet what else the machine does.
void measure_in_turn(const std::vector<MeasuredStage*>& stages, int count, const BatchShare& share,
                     const Context& context) {
  Progress progress(context, stages.front()->cost.title, count, "steps");
  progress.update(0);
  for (int done = 0; done < count && !share.any(context.stop.stop_requested()); ++done) {
    for (MeasuredStage* stage : stages) stage->cost.step_seconds.push_back(stage->steps.take());
    progress.update(done + 1);
  }
}

StageCost measure_stage(Training& training, const Stage& stage, const DistillSteps& counts,
                        c10::Device device, const BatchShare& share, const Context& context) {
  MeasuredStage measured(training, stage, counts, device, share, context);
  measure_in_turn({&measured}, counts.timed, share, context);
  return measured.result();
}

/// Measures the stages of the training that \p make makes.
void measure_stages(const std::function<std::unique_ptr<Training>()>& make, const std::vector<Stage>& stages,
                    const DistillSteps& counts, c10::Device device, const BatchShare& share,
                    const Context& context, DistillCost& cost) {
  const PeakMemory memory(device);
  const auto start = SteadyClock::now();
  const std::unique_ptr<Training> training = make();
  synchronize(device);
  const double set_up = seconds_since(start);
  for (const Stage& stage : stages) {
    cost.stages.push_back(measure_stage(*training, stage, counts, device, share, context));
    cost.stages.back().memory = memory.growth();
    if (&stage == &stages.front()) cost.stages.back().set_up_seconds = set_up;
  }
}

/// A teacher's frames as a SIREN's training asks for them, after a call that is not timed.
TeacherCost measure_calls(Poser& teacher, const std::string& output, int batch, int count,
                          const PoseSource& source, const Context& context,
                          const std::function<void(const at::Tensor&)>& make) {
  TeacherCost cost{.output = output, .batch = batch};
  const at::Tensor poses = draw_poses(source, batch, source.seed).to(teacher.device());
  make(poses);
  synchronize(teacher.device());
  Progress progress(context, "teacher's " + output, count, output);
  progress.update(0);
  const auto start = SteadyClock::now();
  while (cost.count < count && !context.stop.stop_requested()) {
    make(poses);
    synchronize(teacher.device());
    cost.count += batch;
    progress.update(std::min<std::int64_t>(cost.count, count));
  }
  cost.seconds = seconds_since(start);
  return cost;
}

/// How many of a blendshape network's frames are made.
int kept_frames(const DistillSteps& counts, int wanted) {
  return std::min(wanted, counts.kept_frames.value_or(wanted));
}

/// Measures the training of one network after the other.
class Measurement {
 public:
  Measurement(Poser& teacher, const DistillConfig& config, const DistillSteps& counts,
              const BatchShare& share, const Context& context)
      : teacher_(teacher), config_(config), counts_(counts), share_(share), context_(context) {}

  void of(const SirenFaceConfig& face) {
    cost_.teacher.push_back(measure_calls(teacher_, "face crops", face.batch, counts_.frames, config_.poses,
                                          context_, [&](const at::Tensor& poses) { teacher_.face(poses); }));
    const at::Tensor mask = torch::ones({1, kFaceCrop.height, kFaceCrop.width});
    measure_siren(
        [&](SirenKernels kernels) {
          return make_face_training(teacher_, config_, {}, mask, {}, StateDict(), kernels, share_);
        },
        {"face morpher", 0, face.examples});
  }

  void of(const BlendshapeFaceConfig& face) {
    const int count = kept_frames(counts_, face.crops);
    const auto start = SteadyClock::now();
    TeacherCrops crops = collect_face_crops(teacher_, config_, collection(), count, context_);
    add_collected("face crops", count, face.crops, seconds_since(start));
    measure([&] { return make_face_training(teacher_, config_, std::move(crops), {}); },
            {{"face morpher", 0, face.regression.examples}});
  }

  void of(const SirenBodyConfig& body) {
    const FrameWindow window{kImageSize, {0, 0, body.window, body.window}};
    cost_.teacher.push_back(measure_calls(teacher_, "frames", body.batch, counts_.frames, config_.poses,
                                          context_,
                                          [&](const at::Tensor& poses) { teacher_.pose(poses, window); }));
    measure_siren(
        [&](SirenKernels kernels) {
          return make_body_training(teacher_, config_, {}, {}, StateDict(), kernels, share_);
        },
        {"body rotator", 0, body.examples});
  }

  void of(const BlendshapeBodyConfig& body) {
    const int count = kept_frames(counts_, body.frames);
    const auto start = SteadyClock::now();
    TeacherFrames frames = collect_body_frames(teacher_, config_, collection(), count, context_);
    add_collected("frames", count, body.frames, seconds_since(start));
    measure([&] { return make_body_training(teacher_, config_, std::move(frames)); },
            {{"body rotator, weights", 0, body.regression.examples},
             {"body rotator, tuning", body.regression.examples, body.fine_tuning.examples}});
  }

  DistillCost& cost() { return cost_; }

 private:
  TeacherCollection collection() const { return {config_.teacher_batch, folder_.path()}; }

  void add_collected(const std::string& output, int count, int needed, double seconds) {
    cost_.teacher.push_back({output, config_.teacher_batch, count, needed, seconds});
  }

  using MakeSiren = std::function<std::unique_ptr<Training>(SirenKernels)>;

  void measure_siren(const MakeSiren& make, const Stage& stage) {
    if (!counts_.layers) return measure([&] { return make(SirenKernels::own); }, {stage});
    const std::unique_ptr<Training> own = make(SirenKernels::own), layers = make(SirenKernels::layers);
    MeasuredStage measured(*own, stage, counts_, teacher_.device(), share_, context_);
    MeasuredStage compared(*layers, {stage.title + ", LibTorch's layers", 0, stage.examples}, counts_,
                           teacher_.device(), share_, context_);
    measure_in_turn({&measured, &compared}, counts_.timed, share_, context_);
    cost_.stages.push_back(measured.result());
    cost_.stages.push_back(compared.result());
    cost_.stages.back().examples = 0;
  }

  void measure(const std::function<std::unique_ptr<Training>()>& make, const std::vector<Stage>& stages) {
    measure_stages(make, stages, counts_, teacher_.device(), share_, context_, cost_);
  }

  Poser& teacher_;
  const DistillConfig& config_;
  DistillSteps counts_;
  BatchShare share_;
  const Context& context_;
  TemporaryFolder folder_;
  DistillCost cost_;
};

}  // namespace

double StageCost::examples_per_second() const {
  return static_cast<double>(batch) / mean(step_seconds);
}

double DistillCost::seconds_of_all() const {
  double seconds = 0;
  for (const TeacherCost& part : teacher) seconds += static_cast<double>(part.needed) / part.per_second();
  for (const StageCost& stage : stages) {
    seconds += stage.set_up_seconds + static_cast<double>(stage.examples) / stage.examples_per_second();
  }
  return seconds;
}

DistillCost measure_distillation(Poser& teacher, const DistillConfig& config, const DistillSteps& steps,
                                 const BatchShare& share, const Context& context) {
  Measurement measurement(teacher, config, steps, share, context);
  try {
    std::visit([&](const auto& face) { measurement.of(face); }, config.face_morpher);
    if (!share.any(context.stop.stop_requested())) {
      std::visit([&](const auto& body) { measurement.of(body); }, config.body_rotator);
    }
  } catch (const InterruptedError&) {
    // While frames were made; what was timed before counts.
  }
  return std::move(measurement.cost());
}

}  // namespace tha4::app
