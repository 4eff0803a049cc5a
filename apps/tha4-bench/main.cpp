#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>

#include "command_files.h"
#include "command_line.h"
#include "distill_command.h"
#include "poser_options.h"
#include "report.h"
#include "system.h"
#include "train_command.h"
#include <nlohmann/json.hpp>

#include "tha4/base/error.h"
#include "tha4/rig/rig_source.h"

namespace {

using namespace tha4;
using namespace tha4::app;

struct BenchOptions {
  std::string what;
  std::string character;
  std::string teacher;
  std::optional<Architecture> architecture;
  std::optional<Precision> precision;
  Precision used_precision() const { return precision.value_or(Precision::fp32); }
  Timing timing;
  JsonOutput json;
};

void check(const BenchOptions& options) {
  if (options.what.empty()) {
    throw InputError("say what to measure: student, teacher, tha3, ablations, all, rig, train or distill");
  }
  const bool is_rig = options.what == "rig";
  if (!options.character.empty() && options.what != "student") {
    throw InputError("--character goes with: tha4-bench student");
  }
  if (options.architecture && options.what != "teacher") {
    throw InputError("--arch goes with: tha4-bench teacher");
  }
  if (is_rig && options.precision) {
    throw InputError("--precision is of networks, and a rig has none; leave it out");
  }
  if (options.teacher.empty()) return;
  if (options.what == "student") throw InputError("student is measured of a --character, not of a --teacher");
  if (options.what == "all" || options.what == "ablations") {
    throw InputError(options.what + " has the published sizes; leave --teacher out");
  }
  if (is_rig && !names_rig(options.teacher)) {
    throw InputError("rig takes a rig: --teacher procedural:SEED or an avatar.vrm");
  }
  if (!is_rig && names_rig(options.teacher)) {
    throw InputError("--teacher " + options.teacher + " is a rig; measure it by: tha4-bench rig");
  }
}

/// What makes the systems to measure, one after the other, so that only one of them takes memory.
std::vector<std::function<System()>> systems_of(const BenchOptions& options, const SystemOptions& made_for) {
  const auto student = [&] { return student_system(made_for, options.character); };
  const auto single_resolution = [&] { return single_resolution_system(made_for); };
  const auto vanilla = [&] { return vanilla_siren_system(made_for); };
  const auto teacher = [&] { return teacher_system(made_for, options.teacher, options.architecture); };
  const auto tha3 = [&] { return teacher_system(made_for, options.teacher, Architecture::tha3); };
  if (options.what == "student") return {student};
  if (options.what == "ablations") return {vanilla, single_resolution, student};
  if (options.what == "teacher") return {teacher};
  if (options.what == "tha3") return {tha3};
  if (options.what == "all") return {student, single_resolution, vanilla, teacher, tha3};
  return {[&] { return rig_system(made_for, options.teacher.empty() ? kDefaultRig : options.teacher); }};
}

/// Whose networks are measured, in words.
std::string subject_of(const BenchOptions& options) {
  if (options.what == "rig") return "rig " + (options.teacher.empty() ? kDefaultRig : options.teacher);
  const std::string& folder = options.character.empty() ? options.teacher : options.character;
  if (!folder.empty()) return "networks of " + folder;
  const bool is_compact = options.architecture == Architecture::compact;
  return std::string("networks of the ") + (is_compact ? "compact teacher's" : "published") +
         " sizes, fresh weights (time does not depend on them)";
}

int bench(const BenchOptions& options, c10::Device device, const Context& context) {
  check(options);
  CommandFiles()
      .reads("--character", options.character)
      .reads("--teacher", options.teacher)
      .writes("--json", options.json.file)
      .writes("--trace", options.timing.trace.string())
      .check();
  const SystemOptions made_for{
      .device = device, .precision = options.used_precision(), .batch = options.timing.batch};
  BenchReport report{.machine = describe_machine(device),
                     .device = device.str(),
                     .precision = std::string(precision_name(options.used_precision())),
                     .subject = subject_of(options),
                     .timing = options.timing,
                     .systems = {},
                     .paper = read_paper_figures(preset_file("bench", "paper"))};
  for (const auto& make_system : systems_of(options, made_for)) {
    if (context.stop.stop_requested()) break;
    const System system = make_system();
    report.systems.push_back(measure(system, options.timing, device, context));
    if (!options.timing.trace.empty() && !context.stop.stop_requested())
      trace_frames(system.makers.back(), options.timing, device);
  }
  std::fputs(to_text(report).c_str(), stdout);
  options.json.write(to_json(report));
  if (context.stop.stop_requested())
    throw InterruptedError("interrupted; the tables hold what was measured until then");
  return 0;
}

void refuse(const std::vector<CLI::Option*>& frame_options, const std::string& verb) {
  for (const CLI::Option* option : frame_options) {
    if (option->count() == 0) continue;
    throw InputError(option->get_name() + " does not go with " + verb + ", or stands before it; tha4-bench " +
                     verb + " --help lists what does");
  }
}

/// What is measured of frames, and how.
void add_frame_options(CLI::App& app, BenchOptions& options) {
  app.add_option("what", options.what,
                 "student, teacher, tha3, ablations (the architectures of Table 6), all (of these), or rig "
                 "(a rigged character). Without a folder, networks of the published sizes")
      ->check(CLI::IsMember({"student", "teacher", "tha3", "ablations", "all", "rig"}));
  app.add_option("--character", options.character, "Character folder of the student");
  add_teacher_option(app, options.teacher,
                     "Folder of the networks of teacher or tha3; of rig, procedural:SEED or an avatar.vrm");
  add_architecture_option(app, options.architecture);
  add_precision_option(app, options.precision, "Of networks: fp32 (if it is not given), fp16 or bf16");
  app.add_option("--batch", options.timing.batch, "Frames of a call")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--frames", options.timing.frames, "Frames that are timed; on a CPU, fewer will do")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--warm-up", options.timing.warm_up,
                 "Calls before that; if not given, ten calls and a second, but three seconds at most")
      ->check(CLI::Range(0, 1000));
  add_threads_option(app);
  app.add_option("--beside", options.timing.beside,
                 "Times frames a second time, with so many busy processes beside them")
      ->check(CLI::Range(1, 256));
  app.add_option("--trace", options.timing.trace,
                 "Makes frames once more, by the fastest way, and writes what the processor and the GPU did "
                 "to this file, for chrome://tracing or ui.perfetto.dev");
  options.json.add_to(app, "Writes everything to this file");
}

}  // namespace

int main(int argc, char** argv) {
  BenchOptions options;
  TrainOptions train;
  DistillBenchOptions distill;
  CommandLine command("tha4-bench",
                      "Measures the time, work, memory and size of frames, the paper's figures beside them; "
                      "and of steps of training and distilling.",
                      "  tha4-bench all --device cuda --json all.json\n"
                      "  tha4-bench student --character out/me --precision bf16\n"
                      "  tha4-bench student --character out/me --frames 100 --beside 2\n"
                      "  tha4-bench teacher --device cpu --frames 10\n"
                      "  tha4-bench teacher --arch compact --device cpu --frames 100\n"
                      "  tha4-bench rig --teacher procedural:7 --batch 16 --frames 320\n"
                      "  tha4-bench train --config configs/teacher/small/editor.json --phase 3\n"
                      "  torchrun --no-python --nproc-per-node 2 tha4-bench train\n"
                      "  tha4-bench distill --preset paper --device cuda --json distill.json\n"
                      "  torchrun --no-python --nproc-per-node 2 tha4-bench distill --preset fast");
  CLI::App& app = command.options();
  app.fallthrough();
  const std::vector<CLI::Option*> common = app.get_options();
  add_frame_options(app, options);
  std::vector<CLI::Option*> of_frames;
  for (CLI::Option* option : app.get_options()) {
    if (std::find(common.begin(), common.end(), option) == common.end()) of_frames.push_back(option);
  }
  const CLI::App* training = add_train_command(app, train);
  const CLI::App* distilling = add_distill_command(app, distill);
  command.advise_on_memory("use a smaller --batch");
  return command.run(argc, argv, [&] {
    if (!training->parsed() && !distilling->parsed())
      return bench(options, command.device(), command.context());
    refuse(of_frames, training->parsed() ? "train" : "distill");
    if (training->parsed()) return bench_training(train, command.device(), command.context());
    return bench_distillation(distill, command.device(), command.context());
  });
}
