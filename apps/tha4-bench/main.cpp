#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "command_files.h"
#include "command_line.h"
#include "distill_command.h"
#include "poser_options.h"
#include "report.h"
#include "system.h"
#include "train_command.h"
#include <nlohmann/json.hpp>
#include <spdlog/fmt/ranges.h>

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

System student(const BenchOptions& options, const SystemOptions& made_for) {
  return student_system(made_for, options.character);
}

System single_resolution(const BenchOptions& /*options*/, const SystemOptions& made_for) {
  return single_resolution_system(made_for);
}

System vanilla(const BenchOptions& /*options*/, const SystemOptions& made_for) {
  return vanilla_siren_system(made_for);
}

System teacher(const BenchOptions& options, const SystemOptions& made_for) {
  return teacher_system(made_for, options.teacher, options.architecture);
}

System tha3(const BenchOptions& options, const SystemOptions& made_for) {
  return teacher_system(made_for, options.teacher, Architecture::tha3);
}

std::string rig_of(const BenchOptions& options) {
  return options.teacher.empty() ? kDefaultRig : options.teacher;
}

System rig(const BenchOptions& options, const SystemOptions& made_for) {
  return rig_system(made_for, rig_of(options));
}

/// What can be measured of: a character, a teacher's networks, networks of the published sizes alone, a rig.
enum class Source { character, teacher, none, rig };

/// One of the things whose frames are measured.
struct Subject {
  std::string name;
  std::string meaning;  ///< behind the name in --help
  Source source = Source::none;
  /// Make the systems to measure, one after the other, so that only one of them takes memory.
  std::vector<System (*)(const BenchOptions& options, const SystemOptions& made_for)> systems;
  bool has_architectures = false;
};

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> subjects = {
      {"student", "", Source::character, {student}},
      {"teacher", "", Source::teacher, {teacher}, true},
      {"tha3", "", Source::teacher, {tha3}},
      {"ablations", " (the architectures of Table 6)", Source::none, {vanilla, single_resolution, student}},
      {"all", " (of these)", Source::none, {student, single_resolution, vanilla, teacher, tha3}},
      {"rig", " (a rigged character)", Source::rig, {rig}}};
  return subjects;
}

std::vector<std::string> subject_names() {
  std::vector<std::string> names;
  for (const Subject& subject : subjects()) names.push_back(subject.name);
  return names;
}

const Subject& subject_named(const std::string& name) {
  return *std::ranges::find(subjects(), name, &Subject::name);
}

void check(const BenchOptions& options) {
  if (options.what.empty())
    throw InputError(
        fmt::format("say what to measure: {}, train or distill", fmt::join(subject_names(), ", ")));
  const Subject& subject = subject_named(options.what);
  const bool is_rig = subject.source == Source::rig;
  if (!options.character.empty() && subject.source != Source::character)
    throw InputError("--character goes with: tha4-bench student");
  if (options.architecture && !subject.has_architectures)
    throw InputError("--arch goes with: tha4-bench teacher");
  if (is_rig && options.precision)
    throw InputError("--precision is of networks, and a rig has none; leave it out");
  if (options.teacher.empty()) return;
  if (subject.source == Source::character)
    throw InputError(subject.name + " is measured of a --character, not of a --teacher");
  if (subject.source == Source::none)
    throw InputError(subject.name + " has the published sizes; leave --teacher out");
  if (is_rig && !names_rig(options.teacher))
    throw InputError("rig takes a rig: --teacher procedural:SEED or an avatar.vrm");
  if (!is_rig && names_rig(options.teacher))
    throw InputError("--teacher " + options.teacher + " is a rig; measure it by: tha4-bench rig");
}

/// Whose networks are measured, in words.
std::string subject_of(const BenchOptions& options) {
  if (subject_named(options.what).source == Source::rig) return "rig " + rig_of(options);
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
  for (const auto make_system : subject_named(options.what).systems) {
    if (context.stop.stop_requested()) break;
    const System system = make_system(options, made_for);
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
  std::string what;
  for (const Subject& subject : subjects()) {
    if (!what.empty()) what += &subject == &subjects().back() ? ", or " : ", ";
    what += subject.name + subject.meaning;
  }
  app.add_option("what", options.what, what + ". Without a folder, networks of the published sizes")
      ->check(one_of(subject_names(), {"train", "distill"}));
  add_character_option(app, options.character, "Character folder of the student");
  add_teacher_option(app, options.teacher,
                     "Folder of the networks of teacher or tha3; of rig, procedural:SEED or an avatar.vrm");
  add_architecture_option(app, options.architecture);
  add_precision_option(app, options.precision, "Of networks: fp32 (if it is not given), fp16 or bf16");
  add_batch_option(app, options.timing.batch, "Frames of a call");
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
