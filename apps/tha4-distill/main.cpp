#include <chrono>
#include <exception>

#include "command_line.h"
#include "job.h"
#include "poser_options.h"
#include <c10/core/DeviceGuard.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "tha4/base/error.h"

namespace {

using namespace tha4;
using namespace tha4::app;

/// Whether the student ended so far from its teacher that its training diverged. That of a step or two, as a
/// test has it, is too short to say.
bool has_diverged(const HeldOutScore& score, const DistillConfig& config) {
  constexpr double kMargin = 6;  // dB: twice the error of a picture that does not move
  constexpr std::int64_t kFewSteps = 2;
  const auto* siren = std::get_if<SirenBodyConfig>(&config.body_rotator);
  if (siren != nullptr && siren->examples <= kFewSteps * siren->batch) return false;
  return !(score.student.network >= score.rest.network - kMargin);
}

/// How long the other processes wait for the first one, which measures and draws; that one has died is
/// noticed long before.
constexpr std::chrono::minutes kTimeout{30};

void report(const DistillResult& result, const DistillJob& job, const JsonOutput& json) {
  const HeldOutScore& score = result.score;
  spdlog::info(
      "{} held-out poses: network PSNR {:.2f} dB, face crop {:.2f} dB (rest image: {:.2f} and {:.2f} dB)",
      score.poses, score.student.network, score.face.network, score.rest.network, score.rest_face.network);
  json.write({{"out", job.out.string()}, {"seconds", result.seconds}, {"held_out", to_json(score)}});
  if (has_diverged(score, job.config)) {
    throw Error(
        fmt::format("the character in {} is worse than a picture that does not move ({:.2f} dB where that "
                    "has {:.2f}): the training diverged; {} shows it",
                    job.out.string(), score.student.network, score.rest.network,
                    (job.out / "report.html").string()),
        Remedy::lower_learning_rate);
  }
  if (score.student.network < score.rest.network) {
    spdlog::warn("the character is worse than a picture that does not move: it needs a longer training");
  }
  spdlog::info("wrote the character to {} in {:.0f} s; see {}", job.out.string(), result.seconds,
               (job.out / "report.html").string());
}

int distill_character(const DistillOptions& options, c10::Device asked, const Context& terminal) {
  const ProcessRank process = process_rank_from_environment();
  const Context context = context_of_rank(terminal, process.rank);
  PreparedJob prepared;
  c10::Device device(c10::kCPU);
  std::exception_ptr failure;
  try {
    device = own_device(asked, process);
    const c10::OptionalDeviceGuard guard(device);
    prepared = prepare(options, device, process.rank == 0);
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  const c10::OptionalDeviceGuard guard(device);
  ProcessGroup group(process, device, kTimeout);
  return run_together(group, [&] {
    // Told only now, so that a user reads it once and no process waits for one that never comes.
    if (failure) std::rethrow_exception(failure);
    const DistillResult result = distill(prepared.teacher, prepared.job, group, context);
    if (group.is_first()) report(result, prepared.job, options.json);
    return 0;
  });
}

}  // namespace

int main(int argc, char** argv) {
  DistillOptions options;
  CommandLine command("tha4-distill",
                      "Makes a small, fast model of one character from one picture and a teacher.",
                      "  tha4-distill --image me.png --out out/me\n"
                      "  tha4-distill --image me.png --teacher data/tha4 --preset quick --out out/me\n"
                      "  tha4-distill --image me.png --minutes 10 --out out/me\n"
                      "  tha4-distill --teacher out/me --preset paper --out out/me-siren\n"
                      "  tha4-distill --teacher procedural:7 --out out/seven\n"
                      "\nOn the 2 GPUs of one machine, or on more:\n"
                      "  torchrun --no-python --nproc-per-node 2 tha4-distill --image me.png --preset fast "
                      "--out out/me");
  CLI::App& app = command.options();
  add_teacher_options(app, options.teacher,
                      "The character: 512x512 PNG or WebP with a transparent background",
                      "the project's own teacher if left out");
  add_fit_option(app, options.teacher);
  add_teacher_engine_option(app, options.teacher.engine);
  app.add_option("--mask", options.mask,
                 "Face mask, white where the face moves; derived from the teacher if left out");
  auto* config =
      add_config_option(app, options.config, "Settings (.json), or the official distiller's config.yaml");
  app.add_option(
         "--preset", options.preset,
         "Settings by name: quick (a CPU, minutes), fast (a GPU, minutes) or paper; quick on a CPU and fast "
         "on a GPU if left out")
      ->excludes(config);
  add_set_option(app, options.overrides, "body_rotator.batch=4");
  add_out_option(app, options.out,
                 "Character folder to make; out/<name of the picture or the teacher> if left out");
  app.add_option("--init", options.init,
                 "Character folder whose weights the SIRENs begin with; the optimiser begins afresh");
  app.add_option(
         "--minutes", options.minutes,
         "Make it in so many minutes, those before --resume included: examples and frames of the settings "
         "are fitted to this machine's speed")
      ->check(CLI::PositiveNumber);
  app.add_flag("--resume", options.resume, "Go on with an interrupted run in --out");
  options.json.add_to(app);
  command.add_config_help(distill_config_help);
  command.advise_on_memory("use smaller batches (--set teacher_batch=1, and those of the networks)");
  return command.run(argc, argv,
                     [&] { return distill_character(options, command.device(), command.context()); });
}
