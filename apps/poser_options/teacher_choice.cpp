#include "teacher_choice.h"

#include <filesystem>

#include "rig_picture.h"
#include <spdlog/spdlog.h>

#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/image/rest_image.h"
#include "tha4/poser/base_teacher.h"
#include "tha4/poser/character.h"
#include "tha4/poser/student_poser.h"
#include "tha4/poser/teacher_poser.h"
#include "tha4/render/rig_poser.h"
#include "tha4/rig/rig_source.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRigBesidePicture = "rig";

RgbaImage load_picture(const TeacherChoice& options) {
  return load_rest_image(options.image, options.fit ? RestImageFit::scale : RestImageFit::exact);
}

Precision precision_of(const TeacherChoice& options) {
  return parse_precision(options.precision.value_or("fp32"));
}

void refuse_architecture(const TeacherChoice& options, const std::string& kind) {
  if (!options.architecture) return;
  throw InputError("--arch is of a folder of a teacher's networks, but " + options.name + " is " + kind +
                   "; leave it out");
}

/// The rig that is meant: "rig" is the file of the picture's name beside it.
std::string rig_name(const TeacherChoice& options) {
  if (options.name != kRigBesidePicture) return options.name;
  if (options.image.empty()) {
    throw InputError("--teacher rig is the .vrm file beside the picture: name the picture by --image");
  }
  const fs::path file = fs::path(options.image).replace_extension(".vrm");
  if (!fs::exists(file)) {
    throw InputError("--teacher rig: there is no " + file.string() + " beside " + options.image +
                     "; put the rig there, or name it: --teacher FILE.vrm");
  }
  return file.string();
}

OpenedTeacher open_rig_teacher(const TeacherChoice& options, c10::Device device) {
  refuse_architecture(options, "a rig");
  if (options.precision) {
    throw InputError("--precision is of networks, but " + options.name + " is a rig; leave it out");
  }
  OpenedTeacher teacher;
  teacher.name = rig_name(options);
  teacher.poser = make_rig_poser(open_rig(teacher.name), device);
  teacher.image = to_rgba_image(teacher.poser->rest_image());
  if (!options.image.empty()) {
    check_picture_of_rig(load_picture(options), options.image, teacher.image, teacher.name);
  }
  return teacher;
}

OpenedTeacher open_character_teacher(const TeacherChoice& options, c10::Device device) {
  refuse_architecture(options, "a character");
  const Character character = load_character(options.name);
  if (!options.image.empty() && load_picture(options).pixels != character.image.pixels) {
    throw InputError("the teacher " + options.name + " is a character of another picture than " +
                     options.image + "; leave --image out, or use a teacher that poses any picture");
  }
  OpenedTeacher teacher;
  teacher.name = options.name;
  teacher.image = character.image;
  teacher.poser = std::make_unique<StudentPoser>(character, device, precision_of(options));
  return teacher;
}

OpenedTeacher open_networks(const TeacherChoice& options, c10::Device device) {
  if (options.image.empty() && !options.usual_image) {
    throw InputError("the networks in " + options.name +
                     " pose any picture: name yours by --image character.png");
  }
  const Precision precision = precision_of(options);
  OpenedTeacher teacher;
  teacher.name = options.name;
  teacher.image = options.image.empty() ? *options.usual_image : load_picture(options);
  const at::Tensor rest_image = to_image_tensor(teacher.image);
  teacher.poser =
      make_teacher_poser(load_teacher(options.name, options.architecture), rest_image, device, precision);
  teacher.poses_any_picture = true;
  return teacher;
}

/// The base teacher, for a picture without one.
OpenedTeacher open_base_teacher(const TeacherChoice& options, c10::Device device) {
  TeacherChoice base = options;
  base.name = base_teacher_folder().string();
  spdlog::info("posing with the project's own teacher, data/teacher");
  return open_networks(base, device);
}

}  // namespace

OpenedTeacher open_teacher(const TeacherChoice& options, c10::Device device) {
  if (options.name.empty() && options.image.empty() && !options.usual_image) {
    throw InputError(
        "name the picture, --image character.png, or the teacher: --teacher FOLDER with its networks, a "
        "character folder, or a rig");
  }
  if (options.fit && options.image.empty()) {
    throw InputError("--fit scales the picture that --image names, and none is named; leave it out");
  }
  if (options.name.empty()) return open_base_teacher(options, device);
  if (options.name == kRigBesidePicture || names_rig(options.name)) return open_rig_teacher(options, device);
  if (is_character(options.name)) return open_character_teacher(options, device);
  return open_networks(options, device);
}

}  // namespace tha4
