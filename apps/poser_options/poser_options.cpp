#include "poser_options.h"

#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/poser/student_poser.h"

namespace tha4 {
namespace {

void refuse_options_of_teachers(const TeacherChoice& options) {
  if (!options.image.empty()) {
    throw InputError("--image goes with --teacher only: a character has its own picture");
  }
  if (options.fit) throw InputError("--fit goes with --image only; leave it out");
  if (options.architecture) {
    throw InputError("--arch goes with --teacher only: a character's folder says what its networks are");
  }
}

}  // namespace

void PoserOptions::add_to(CLI::App& app) {
  app.add_option("--character", character, "Character folder, or its character_model.yaml");
  app.add_option("--teacher", teacher.name,
                 "Folder of a teacher's official .pt files, or a rig: procedural:SEED, an avatar.vrm, or rig "
                 "for the .vrm file beside --image");
  app.add_option("--arch", teacher.architecture,
                 "Architecture of a teacher folder: tha4 (if it is not given) or tha3")
      ->check(CLI::IsMember({"tha4", "tha3"}));
  app.add_option("--image", teacher.image,
                 "The picture that the teacher shall pose, 512x512 with transparency");
  app.add_flag("--fit", teacher.fit, "Centre, scale and pad a picture of the wrong size");
  app.add_option("--precision", teacher.precision, "Of networks: fp32 (if it is not given), fp16 or bf16");
}

std::unique_ptr<Poser> open_poser(const PoserOptions& options, c10::Device device) {
  if (options.character.empty() == options.teacher.name.empty()) {
    throw InputError("name either --character or --teacher");
  }
  if (options.character.empty()) return open_teacher(options.teacher, device).poser;
  refuse_options_of_teachers(options.teacher);
  const Precision precision = parse_precision(options.teacher.precision.value_or("fp32"));
  return std::make_unique<StudentPoser>(load_character(options.character), device, precision);
}

}  // namespace tha4
