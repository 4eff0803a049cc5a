// From a teacher to a small, fast character: distill TEACHER CONFIG.json OUT [PICTURE.png]
//
// TEACHER is an avatar.vrm, procedural:SEED, a character folder, or the folder of a teacher's networks, which
// pose any PICTURE. CONFIG.json is one of configs/distill: smoke.json takes a minute, quick.json some
// minutes.

#include <iostream>

#include <tha4/base/config.h>
#include <tha4/base/terminal.h>
#include <tha4/distill/distiller.h>
#include <tha4/opening/open_poser.h>

int main(int argc, char** argv) try {
  if (argc != 4 && argc != 5) {
    throw tha4::InputError("usage: distill TEACHER CONFIG.json OUT [PICTURE.png]");
  }
  const tha4::OpenedPoser teacher =
      tha4::open_poser_and_picture({.name = argv[1], .image = argc == 5 ? argv[4] : ""});
  tha4::DistillJob job;
  // Any value may be changed here.
  job.config = tha4::parse_distill_config(tha4::read_config_file(argv[2]), argv[2]);
  job.out = argv[3];  // becomes a character folder, with a report and what a resumed run needs
  // A progress line, messages, and Ctrl-C, after which the run can be resumed; without a context, silence.
  const tha4::Context context = tha4::terminal_context();
  const tha4::DistillResult result = tha4::distill(teacher, job, context);
  std::cout << "wrote " << argv[3] << " in " << result.seconds << " s: " << result.score.student.network
            << " dB on poses that it was not trained on\n";
} catch (const std::exception& error) {
  std::cerr << "distill: error: " << error.what() << '\n';
  return 1;
}
