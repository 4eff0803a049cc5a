#include <exception>

#include "command_files.h"
#include "command_line.h"
#include <c10/core/DeviceGuard.h>
#include <spdlog/spdlog.h>

#include "tha4/base/config.h"
#include "tha4/teacher/teacher_trainer.h"

namespace {

using namespace tha4;
using namespace tha4::app;

struct Options {
  std::string config;
  std::string data;
  std::string vgg16;
  std::string out;
  bool resume = false;
  std::vector<std::string> overrides;
  std::string init;
  double minutes = 0;
  JsonOutput json;
};

/// To be looked at before the data are opened, which may take a while.
void check_files(const Options& options, const TeacherTrainingConfig& config) {
  CommandFiles()
      .reads("--config", options.config)
      .reads("--data", config.data.source)
      .reads("--vgg16", options.vgg16)
      .reads("--init", options.init)
      .goes_on_in("--out", options.out,
                  {"*.pt", "*.png", "*.html", "*.txt", "config.json", "report.json", "seconds.json"})
      .writes("--json", options.json.file)
      .check();
}

TeacherTrainingJob job_of(const Options& options) {
  nlohmann::json settings = read_config_file(options.config);
  if (!options.data.empty()) settings["data"]["source"] = options.data;
  TeacherTrainingJob job;
  job.config = parse_with_overrides(settings, options.overrides, options.config, parse_teacher_config);
  check_files(options, job.config);
  job.vgg16 = options.vgg16;
  job.out = options.out;
  job.init = options.init;
  job.time = std::chrono::duration<double>(options.minutes * 60);
  return job;
}

/// A run that is there is continued, as the first process sees it; launchers start the same command again.
RunStart start_of(const Options& options, const TeacherTrainingJob& job, ProcessGroup& group) {
  const bool is_there = std::filesystem::exists(run_folder_of(job.out, job.config.network) / "config.json");
  return group.broadcast(options.resume && is_there ? "resume" : "fresh") == "resume" ? RunStart::resume
                                                                                      : RunStart::fresh;
}

void report(const TeacherTrainingResult& result, const TeacherTrainingJob& job, const JsonOutput& json) {
  if (result.examples < result.total_examples) {
    spdlog::info("the time was over after {} of {} examples; --resume goes on from there", result.examples,
                 result.total_examples);
  }
  for (const Measure& measure : result.validation) spdlog::info("{}: {:.4f}", measure.name, measure.value);
  for (const auto& file : result.files) spdlog::info("wrote {}", file.string());
  if (!result.missing.empty()) {
    spdlog::info("the teacher in {} still lacks {}; train them with the same --out", job.out.string(),
                 fmt::join(result.missing, ", "));
  }
  nlohmann::json summary = {{"out", job.out.string()},
                            {"seconds", result.seconds},
                            {"missing", result.missing},
                            {"examples", result.examples},
                            {"total_examples", result.total_examples}};
  for (const Measure& measure : result.validation) summary["validation"][measure.name] = measure.value;
  json.write(summary);
}

int train(const Options& options, c10::Device asked, const Context& terminal) {
  const ProcessRank process = process_rank_from_environment();
  const Context context = context_of_rank(terminal, process.rank);
  TeacherTrainingJob job;
  c10::Device device(c10::kCPU);
  std::exception_ptr failure;
  try {
    job = job_of(options);
    device = own_device(asked, process);
  } catch (const InputError&) {
    failure = std::current_exception();
  }
  const c10::OptionalDeviceGuard guard(device);
  const auto timeout =
      std::chrono::milliseconds(static_cast<std::int64_t>(job.config.timeout_seconds * 1000));
  ProcessGroup group(process, device, timeout);
  return run_together(group, [&] {
    // Told only now, so that a user reads it once and no process waits for one that never comes.
    if (failure) std::rethrow_exception(failure);
    job.start = start_of(options, job, group);
    const TeacherTrainingResult result = train_teacher(job, group, device, context);
    if (group.is_first()) report(result, job, options.json);
    return 0;
  });
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CommandLine command(
      "tha4-train-teacher",
      "Trains one of a teacher's networks, in the paper's phases, on one CPU, one GPU or many.",
      "  tha4-train-teacher --config configs/teacher/small/half_resolution_rotator.json --data "
      "procedural:1000 "
      "--vgg16 vgg16-397923af.pth --out out/teacher\n"
      "\nOn the 8 GPUs of one machine, restarted from the last checkpoint up to three times if a process "
      "fails:\n"
      "  torchrun --no-python --nproc-per-node 8 --max-restarts 3 tha4-train-teacher --config ... --out "
      "out/teacher "
      "--resume\n"
      "In a Slurm job, one task a GPU:\n"
      "  srun tha4-train-teacher --config ... --out out/teacher --resume\n"
      "\nThe order of a teacher: eyebrow_networks, face_morpher and half_resolution_rotator, in any order or "
      "at the\n"
      "same time, then editor; all with the same --out, which then plays in tha4-pose --teacher.");
  CLI::App& app = command.options();
  add_config_option(app, options.config, "What is trained, and how: configs/teacher/<scale>/<network>.json")
      ->required();
  app.add_option(
      "--data", options.data,
      "Folder of a dataset, or procedural:N[:SEED] or a folder of .vrm files to draw characters online; "
      "in place of data.source of the configuration");
  app.add_option("--vgg16", options.vgg16,
                 "torchvision's weights of VGG16 (vgg16-397923af.pth), for the perceptual loss");
  add_out_option(app, options.out, "Folder of the teacher; the run is in its runs/<network>")->required();
  app.add_flag("--resume", options.resume,
               "Go on from the last checkpoint of the run in --out; start it where there is none yet");
  app.add_option("--init", options.init,
                 "Folder of a teacher whose weights the network begins with; the optimiser begins afresh");
  app.add_option(
         "--minutes", options.minutes,
         "End after so many minutes with what is learnt by then; the learning rate falls in time for it")
      ->check(CLI::PositiveNumber);
  add_set_option(app, options.overrides, "batch=8");
  options.json.add_to(app);
  command.add_config_help(teacher_config_help);
  return command.run(argc, argv, [&] { return train(options, command.device(), command.context()); });
}
