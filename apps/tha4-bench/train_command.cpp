#include "train_command.h"

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "command_files.h"
#include "stand_in_files.h"
#include "training_report.h"
#include <c10/core/DeviceGuard.h>

#include "tha4/base/config.h"
#include "tha4/distributed/process_group.h"

namespace tha4::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultConfig = "small/half_resolution_rotator";
constexpr const char* kNoData = "none";

/// Whatever lasts some ten seconds at the published sizes.
const StepCounts kStepsOnGpu{.warm_up = 10, .timed = 100, .trace = {}};
const StepCounts kStepsOnCpu{.warm_up = 1, .timed = 5, .trace = {}};

fs::path config_file(const TrainOptions& options) {
  return options.config.empty() ? preset_file("teacher", kDefaultConfig) : fs::path(options.config);
}

StepCounts step_counts(const TrainOptions& options, c10::Device device) {
  const StepCounts usual = device.is_cuda() ? kStepsOnGpu : kStepsOnCpu;
  return {.warm_up = options.warm_up.value_or(usual.warm_up),
          .timed = options.steps.value_or(usual.timed),
          .trace = options.trace};
}

TeacherTrainingConfig read_config(const fs::path& file, const std::vector<std::string>& overrides) {
  nlohmann::json settings = read_config_file(file);
  apply_overrides(settings, overrides);
  return parse_teacher_config(settings, file.string());
}

/// The number of the phase that is measured, from 1.
int phase_number(const TrainOptions& options, const TeacherTrainingConfig& config) {
  const int phases = static_cast<int>(config.phases.size());
  if (options.phase.value_or(phases) > phases) {
    throw InputError("--phase " + std::to_string(*options.phase) + ": " + config_file(options).string() +
                     " has " + std::to_string(phases));
  }
  return options.phase.value_or(phases);
}

/// The settings of one phase, as long as need be, as the options change them.
TeacherTrainingConfig config_of_phase(const TrainOptions& options, TeacherTrainingConfig config, int phase) {
  config.phases = {config.phases[static_cast<std::size_t>(phase - 1)]};
  if (options.batch) config.batch = *options.batch;
  if (options.precision) config.precision = *options.precision;
  config.data.source = options.data == kNoData ? "" : options.data;
  return config;
}

/// The configuration of the rotator that \p config's network learns with; nothing where it needs none.
std::optional<fs::path> rotator_config(const TeacherTrainingConfig& config, const fs::path& file) {
  if (config.network == TrainedNetwork::tha3_editor) return file.parent_path() / "tha3_rotator.json";
  const bool has_coarse_inputs = config.phases.front().coarse_inputs;
  if (has_coarse_inputs) return file.parent_path() / "half_resolution_rotator.json";
  return std::nullopt;
}

TrainingSubject make_subject(const TrainOptions& options, const TeacherTrainingConfig& config,
                             const StandInFiles& stand_ins) {
  TrainingSubject subject{.config = config, .vgg16 = {}, .teacher = {}};
  if (const auto rotator = rotator_config(config, config_file(options))) {
    subject.teacher = stand_ins.teacher_with(read_config(*rotator, {}));
  }
  if (config.needs_backbone()) {
    subject.vgg16 = options.vgg16.empty() ? stand_ins.vgg16() : fs::path(options.vgg16);
  }
  return subject;
}

std::string describe_vgg16(const TrainOptions& options, const TeacherTrainingConfig& config) {
  if (!config.needs_backbone()) return {};
  return options.vgg16.empty() ? "random weights (time does not depend on them)" : options.vgg16;
}

void report(const TrainingReport& report, const JsonOutput& json) {
  std::fputs(to_text(report).c_str(), stdout);
  json.write(to_json(report));
}

}  // namespace

CLI::App* add_train_command(CLI::App& app, TrainOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "train", "Measures steps of a teacher's training; under torchrun or srun, of all processes together.");
  add_config_option(*verb, options.config,
                    "configs/teacher/<scale>/<network>.json; if not given, small/half_resolution_rotator");
  verb->add_option("--phase", options.phase, "Of its phases, counted from 1; if not given, the last")
      ->check(CLI::Range(1, 1000));
  verb->add_option("--batch", options.batch,
                   "Examples of a step, of all processes together, in place of the configuration's")
      ->check(CLI::Range(1, 1 << 20));
  add_precision_option(*verb, options.precision, "fp32, fp16 or bf16, in place of the configuration's");
  verb->add_option("--steps", options.steps, "Steps that are timed; if not given, 100, or 5 on a CPU")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_option("--warm-up", options.warm_up, "Steps before that; if not given, 10, or 1 on a CPU")
      ->check(CLI::Range(1, 1'000'000));
  add_set_option(*verb, options.overrides, "micro_batch=4");
  verb->add_option(
      "--vgg16", options.vgg16,
      "torchvision's weights of VGG16; if not given, random ones, since time does not depend on them");
  verb->add_option("--data", options.data,
                   "none, for a few random pictures in memory; or what tha4-train-teacher --data takes")
      ->capture_default_str();
  options.json.add_to(*verb, "Writes everything to this file");
  verb->add_option("--trace", options.trace,
                   "Takes one more step and writes what the processor and the GPU did to this file, for "
                   "chrome://tracing or ui.perfetto.dev");
  return verb;
}

int bench_training(const TrainOptions& options, c10::Device asked, const Context& terminal) {
  CommandFiles()
      .reads("--config", config_file(options))
      .reads("--vgg16", options.vgg16)
      .reads("--data", options.data)
      .writes("--json", options.json.file)
      .writes("--trace", options.trace)
      .check();
  const TeacherTrainingConfig whole = read_config(config_file(options), options.overrides);
  const int phase = phase_number(options, whole);
  const TeacherTrainingConfig config = config_of_phase(options, whole, phase);
  const ProcessRank process = process_rank_from_environment();
  const Context context = context_of_rank(terminal, process.rank);
  const c10::Device device = own_device(asked, process);
  const c10::OptionalDeviceGuard guard(device);
  const auto timeout = std::chrono::milliseconds(static_cast<std::int64_t>(config.timeout_seconds * 1000));
  ProcessGroup group(process, device, timeout);
  return run_together(group, [&] {
    const StepCounts steps = step_counts(options, device);
    const StandInFiles stand_ins;
    const TrainingSubject subject = make_subject(options, config, stand_ins);
    TrainingReport result{.machine = describe_machine(device),
                          .device = device.str(),
                          .processes = group.size(),
                          .config = config_file(options).string(),
                          .phase = phase,
                          .data = options.data == kNoData ? "random pictures in memory" : options.data,
                          .vgg16 = describe_vgg16(options, config),
                          .settings = config,
                          .steps = steps,
                          .cost = measure_training(subject, steps, group, device, context)};
    if (group.is_first()) report(result, options.json);
    if (std::ssize(result.cost.step_seconds) < steps.timed) {
      throw InterruptedError("interrupted; the tables hold what was measured until then");
    }
    return 0;
  });
}

}  // namespace tha4::app
