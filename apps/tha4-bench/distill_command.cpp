#include "distill_command.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "command_files.h"
#include "distill_report.h"
#include "poser_options.h"
#include "some_image.h"
#include "system.h"
#include <c10/core/DeviceGuard.h>

#include "tha4/base/config.h"
#include "tha4/base/error.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/distributed/process_group.h"
#include "tha4/image/color.h"
#include "tha4/poser/teacher_poser.h"

namespace tha4::app {
namespace {

namespace fs = std::filesystem;

/// Some ten seconds' work with the paper's networks.
const DistillSteps kOnGpu{.warm_up = 5, .timed = 50, .frames = 64, .kept_frames = {}, .layers = false};
const DistillSteps kOnCpu{.warm_up = 1, .timed = 3, .frames = 1, .kept_frames = {}, .layers = false};

fs::path config_file(const DistillBenchOptions& options, c10::Device device) {
  if (!options.config.empty()) return options.config;
  const std::string usual = device.is_cpu() ? "quick" : "fast";
  return preset_file("distill", options.preset.empty() ? usual : options.preset);
}

DistillConfig read_config(const fs::path& file, const std::vector<std::string>& overrides) {
  nlohmann::json settings = read_config_file(file);
  apply_overrides(settings, overrides);
  return parse_distill_config(settings, file.string());
}

DistillSteps steps_of(const DistillBenchOptions& options, c10::Device device) {
  const DistillSteps usual = device.is_cpu() ? kOnCpu : kOnGpu;
  return {.warm_up = options.warm_up.value_or(usual.warm_up),
          .timed = options.steps.value_or(usual.timed),
          .frames = options.frames.value_or(usual.frames),
          .kept_frames = options.frames,
          .layers = options.layers};
}

/// What blendshape networks cost depends on what moves, so that for them the stand-in is a character.
OpenedPoser open_stand_in(const DistillConfig& config, c10::Device device) {
  const bool is_siren = std::holds_alternative<SirenFaceConfig>(config.face_morpher) &&
                        std::holds_alternative<SirenBodyConfig>(config.body_rotator);
  if (!is_siren) {
    return open_chosen_poser({.name = kDefaultRig}, device);
  }
  OpenedPoser teacher;
  teacher.image = some_image();
  teacher.poser =
      make_teacher_poser(make_teacher(Architecture::tha4), to_image_tensor(teacher.image), device);
  teacher.name = "networks of the published sizes, fresh weights (time does not depend on them)";
  return teacher;
}

/// Measures together with the other processes, and prints where this is the first one.
int measure_in(ProcessGroup& group, const DistillBenchOptions& options, c10::Device device,
               const Context& context) {
  const fs::path file = config_file(options, device);
  CommandFiles()
      .reads("--config", file)
      .reads("--teacher", options.teacher.name)
      .reads("--image", options.teacher.image)
      .writes("--json", options.json.file)
      .check();
  const DistillConfig config = read_config(file, options.overrides);
  check_shareable(config, group.size());
  PoserChoice named = options.teacher;
  named.usual_image = some_image();
  const OpenedPoser teacher =
      named.name.empty() ? open_stand_in(config, device) : open_chosen_poser(named, device);
  const DistillSteps steps = steps_of(options, device);
  const BatchShare share(group);
  DistillTimes times{.machine = describe_machine(device),
                     .device = device.str(),
                     .processes = group.size(),
                     .config = file.string(),
                     .teacher = teacher.name,
                     .steps = steps,
                     .cost = measure_distillation(*teacher.poser, config, steps, share, context)};
  times.is_whole = !share.any(context.stop.stop_requested());
  if (group.is_first()) {
    std::fputs(to_text(times).c_str(), stdout);
    options.json.write(to_json(times));
  }
  if (!times.is_whole) {
    throw InterruptedError("interrupted; the tables hold what was measured until then");
  }
  return 0;
}

}  // namespace

CLI::App* add_distill_command(CLI::App& app, DistillBenchOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "distill", "Measures a distillation: its teacher's frames, and steps of both networks' trainings.");
  auto* config = add_config_option(*verb, options.config);
  verb->add_option("--preset", options.preset,
                   "Settings by name; if not given, quick on a CPU and fast on a GPU")
      ->excludes(config);
  add_teacher_options(*verb, options.teacher,
                      "The picture that a teacher's networks pose; if not given, noise",
                      "if not given, networks of the published sizes with fresh weights for SIRENs, and the "
                      "rig procedural:5 for blendshape networks");
  verb->add_option("--steps", options.steps,
                   "Steps that are timed of each network; if not given, 50, or 3 on a CPU")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_option("--warm-up", options.warm_up, "Steps before that; if not given, 5, or 1 on a CPU")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_option(
          "--frames", options.frames,
          "Frames and face crops that the teacher makes; if not given, 64, or 1 on a CPU, for SIRENs, "
          "and all of the settings for blendshape networks")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_flag("--layers", options.layers,
                 "Also measures LibTorch's layers, in turn with the project's own kernels for SIRENs");
  add_set_option(*verb, options.overrides, "body_rotator.batch=4");
  options.json.add_to(*verb, "Writes everything to this file");
  return verb;
}

int bench_distillation(const DistillBenchOptions& options, c10::Device asked, const Context& terminal) {
  constexpr std::chrono::minutes kTimeout{10};
  const ProcessRank process = process_rank_from_environment();
  const Context context = context_of_rank(terminal, process.rank);
  const c10::Device device = own_device(asked, process);
  const c10::OptionalDeviceGuard guard(device);
  ProcessGroup group(process, device, kTimeout);
  return run_together(group, [&] { return measure_in(group, options, device, context); });
}

}  // namespace tha4::app
