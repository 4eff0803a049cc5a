#include "poser_options.h"

#include "architecture_option.h"

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
                 "Folder of a teacher's networks, or a rig: procedural:SEED, an avatar.vrm, or rig for the "
                 ".vrm file beside --image; if it is not given, the project's own teacher poses --image");
  add_architecture_option(app, teacher.architecture);
  app.add_option("--image", teacher.image,
                 "The picture that the teacher shall pose, 512x512 with transparency");
  app.add_flag("--fit", teacher.fit, "Centre, scale and pad a picture of the wrong size");
  app.add_option("--precision", teacher.precision, "Of networks: fp32 (if it is not given), fp16 or bf16");
}

OpenedTeacher open_poser(const PoserOptions& options, c10::Device device) {
  const bool has_teacher = !options.teacher.name.empty();
  const bool has_picture_alone = !has_teacher && !options.teacher.image.empty();
  if (options.character.empty() ? !has_teacher && !has_picture_alone : has_teacher) {
    throw InputError(
        "name either --character or --teacher, or --image alone for the project's own teacher to pose");
  }
  if (options.character.empty()) return open_teacher(options.teacher, device);
  refuse_options_of_teachers(options.teacher);
  const Precision precision = parse_precision(options.teacher.precision.value_or("fp32"));
  const Character character = load_character(options.character);
  OpenedTeacher opened;
  opened.name = options.character;
  opened.image = character.image;
  opened.poser = std::make_unique<StudentPoser>(character, device, precision);
  return opened;
}

}  // namespace tha4
