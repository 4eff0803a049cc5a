// How alike a character and its teacher move: evaluate CHARACTER TEACHER
//
// TEACHER is what the character was distilled from: an avatar.vrm, procedural:SEED, another character, or the
// folder of a teacher's networks.

#include <iostream>

#include <tha4/base/terminal.h>
#include <tha4/evaluation/evaluation.h>
#include <tha4/opening/open_poser.h>
#include <tha4/pose/pose_sampler.h>

int main(int argc, char** argv) try {
  if (argc != 3) throw tha4::InputError("usage: evaluate CHARACTER TEACHER");
  const tha4::OpenedPoser student = tha4::open_poser_and_picture({.name = argv[1]});
  // Networks of a teacher pose the character's picture; any other teacher has its own.
  const auto teacher = tha4::open_poser({.name = argv[2], .usual_image = student.image});
  const auto poses = tha4::sample_poses(tha4::PoseDistribution::natural, 8, /*seed=*/1000);
  const tha4::Evaluation how{.metrics = {tha4::parse_picture_metrics("psnr,ssim"), /*lpips=*/{}}};
  // The scores of every picture, of which a table shows mean, median and range.
  const tha4::ScoreTable scores =
      tha4::evaluate_student(*teacher, *student.poser, poses, how, tha4::terminal_context());
  std::cout << tha4::to_text(tha4::summary_cells(scores));
} catch (const std::exception& error) {
  std::cerr << "evaluate: error: " << error.what() << '\n';
  return 1;
}
