#include "command_line.h"
#include "images_command.h"
#include "poser_options.h"
#include "student_command.h"
#include "teacher_command.h"

namespace {

using namespace tha4;
using namespace tha4::app;

void add_report_files(CLI::App& app, ReportFiles& files) {
  files.json.add_to(app, "Writes the scores, also those of every image, to this file");
  app.add_option(
      "--html", files.html,
      "Writes a page with the scores, their distributions, and the best, median and worst pictures");
}

CLI::App* add_images(CLI::App& app, ImagesOptions& options) {
  CLI::App* verb =
      app.add_subcommand("images", "Compares two pictures, or two folders of pictures by their names.");
  verb->add_option("a", options.a, "A picture (.png, .webp, .jpg), or a folder")->required();
  verb->add_option("b", options.b, "What it is compared with")->required();
  options.comparison.add_to(*verb);
  add_report_files(*verb, options.files);
  return verb;
}

CLI::App* add_student(CLI::App& app, StudentOptions& options) {
  CLI::App* verb =
      app.add_subcommand("student", "Compares a distilled character with its teacher (tables 5 to 7).");
  add_character_option(*verb, options.character)->required();
  add_teacher_options(*verb, options.teacher, "The picture that is posed, in place of the character's own",
                      "the project's own teacher if it is not given");
  add_teacher_engine_option(*verb, options.teacher.engine);
  add_precision_option(*verb, options.precision,
                       "Of the student: fp32 (if it is not given), fp16 or bf16; teachers have fp32");
  CLI::Option* poses = verb->add_option("--poses", options.poses, "How many natural poses")
                           ->check(CLI::Range(1, 1'000'000))
                           ->capture_default_str();
  CLI::Option* seed = verb->add_option("--seed", options.seed, "Seed of the poses")->capture_default_str();
  verb->add_option("--pose-file", options.pose_file, "The poses of this .json or .csv file in their place")
      ->excludes(poses)
      ->excludes(seed);
  add_batch_option(*verb, options.batch);
  options.comparison.add_to(*verb);
  add_report_files(*verb, options.files);
  return verb;
}

CLI::App* add_teacher(CLI::App& app, TeacherOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "teacher", "Compares a teacher's frames with the posed images of test data (table 1).");
  add_teacher_option(*verb, options.teacher,
                     "Folder of a teacher's networks; the project's own if it is not given");
  add_architecture_option(*verb, options.architecture);
  add_engine_option(*verb, options.engine,
                    "What computes the frames (if it is not given, fused, wherever it can be)");
  add_precision_option(*verb, options.precision,
                       "Of the networks: fp32 (if it is not given; by the fused engine on a GPU, 16 bits), "
                       "fp16 or bf16");
  verb->add_option(
          "--data", options.data,
          "Folder of a dataset; or procedural:N[:SEED] or a folder of .vrm files, to draw the images online")
      ->required();
  verb->add_option_function<std::string>(
      "--part",
      [&options](const std::string& name) {
        options.part = parse_option("--part", name, parse_teacher_part);
      },
      "What is compared: frame (if it is not given), rotator (at half resolution, of posed faces), or face "
      "(the "
      "128x128 crop that students learn, with nearly all face parameters at work)");
  verb->add_option("--split", options.split, "Which of its characters: test or train")
      ->check(one_of({"test", "train"}))
      ->capture_default_str();
  verb->add_option("--test-fraction,--test-share", options.test_fraction,
                   "Of characters drawn online: the fraction that is kept for tests")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_option("--images", options.images,
                   "How many; if it is not given, all of a dataset's, or 1000 drawn online")
      ->check(CLI::Range(1, 10'000'000));
  add_batch_option(*verb, options.batch);
  options.comparison.add_to(*verb);
  add_report_files(*verb, options.files);
  return verb;
}

}  // namespace

int main(int argc, char** argv) {
  ImagesOptions images;
  StudentOptions student;
  TeacherOptions teacher;
  CommandLine command(
      "tha4-eval", "Measures how alike pictures are: PSNR, SSIM and LPIPS of images, students and teachers.",
      "  tha4-eval images out/a out/b --html compared.html\n"
      "  tha4-eval images a.png b.png --metrics psnr,ssim,lpips --lpips-backbone alexnet-owt-7be5be79.pth\n"
      "  tha4-eval student --character out/me --teacher data/tha4 --json me.json --html me.html\n"
      "  tha4-eval student --character out/seven --teacher procedural:7 --poses 200\n"
      "  tha4-eval student --character out/demo --teacher rig --image data/demo/character.png --poses 200\n"
      "  tha4-eval teacher --teacher out/teacher --data data1000 --batch 8 --json teacher.json\n"
      "\nOn the 8 GPUs of one machine, each with a share of the images:\n"
      "  torchrun --no-python --nproc-per-node 8 tha4-eval teacher --teacher out/teacher --data data1000\n"
      "\nThe options --device, --log-level and -q of tha4-eval --help go with all of these.");
  CLI::App& app = command.options();
  app.require_subcommand(1);
  app.fallthrough();
  const CLI::App* images_verb = add_images(app, images);
  const CLI::App* student_verb = add_student(app, student);
  add_teacher(app, teacher);
  command.advise_on_memory("use a smaller --batch");
  return command.run(argc, argv, [&] {
    if (images_verb->parsed()) {
      evaluate_images(images, command.device(), command.context());
    } else if (student_verb->parsed()) {
      evaluate_student(student, command.device(), command.context());
    } else {
      return evaluate_teacher(teacher, command.device(), command.context());
    }
    return 0;
  });
}
