#include "command_line.h"
#include "job.h"
#include "poser_options.h"
#include <spdlog/spdlog.h>

namespace {

using namespace tha4;
using namespace tha4::app;

int distill_character(const DistillOptions& options, c10::Device device, const JsonOutput& json,
                      const Context& context) {
  const PreparedJob prepared = prepare(options, device);
  const DistillResult result = distill(prepared.teacher, prepared.job, context);
  const HeldOutScore& score = result.score;
  spdlog::info(
      "{} held-out poses: network PSNR {:.2f} dB, face crop {:.2f} dB (rest image: {:.2f} and {:.2f} dB)",
      score.poses, score.student.network, score.face.network, score.rest.network, score.rest_face.network);
  spdlog::info("wrote the character to {} in {:.0f} s; see {}", prepared.job.out.string(), result.seconds,
               (prepared.job.out / "report.html").string());
  json.write({{"out", prepared.job.out.string()}, {"seconds", result.seconds}, {"held_out", to_json(score)}});
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  DistillOptions options;
  JsonOutput json;
  CommandLine command("tha4-distill",
                      "Makes a small, fast model of one character from one picture and a teacher.",
                      "  tha4-distill --image me.png --out out/me\n"
                      "  tha4-distill --image me.png --teacher data/tha4 --preset quick --out out/me\n"
                      "  tha4-distill --teacher out/me --preset paper --out out/me-siren\n"
                      "  tha4-distill --teacher procedural:7 --out out/seven");
  CLI::App& app = command.options();
  add_teacher_options(app, options.teacher,
                      "The character: 512x512 PNG or WebP with a transparent background",
                      "the project's own teacher if left out");
  add_fit_option(app, options.teacher);
  app.add_option("--mask", options.mask,
                 "Face mask, white where the face moves; derived from the teacher if left out");
  auto* config =
      app.add_option("--config", options.config, "Settings (.json), or the official distiller's config.yaml");
  app.add_option(
         "--preset", options.preset,
         "Settings by name: quick (a CPU, minutes), fast (a GPU, minutes) or paper; quick on a CPU and fast "
         "on a GPU if left out")
      ->excludes(config);
  app.add_option("--set", options.overrides,
                 "key=value: changes one setting, for example body_rotator.batch=4")
      ->allow_extra_args(false);
  app.add_option("--out", options.out,
                 "Character folder to make; out/<name of the picture or the teacher> if left out");
  app.add_flag("--resume", options.resume, "Go on with an interrupted run in --out");
  json.add_to(app);
  command.add_config_help(distill_config_help);
  command.advise_on_memory("use smaller batches (--set teacher_batch=1, and those of the networks)");
  return command.run(argc, argv,
                     [&] { return distill_character(options, command.device(), json, command.context()); });
}
