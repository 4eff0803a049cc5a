#include "poser_options.h"

#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/image/rest_image.h"
#include "tha4/poser/student_poser.h"
#include "tha4/poser/teacher_poser.h"
#include "tha4/render/rig_poser.h"
#include "tha4/render/rig_source.h"

namespace tha4 {

void PoserOptions::add_to(CLI::App& app) {
  app.add_option("--character", character, "Character folder, or its character_model.yaml");
  app.add_option("--teacher", teacher,
                 "Folder of a teacher's official .pt files, or a rig: procedural:SEED or an avatar.vrm");
  app.add_option("--arch", architecture, "Architecture of the teacher")
      ->check(CLI::IsMember({"tha4", "tha3"}))
      ->capture_default_str();
  app.add_option("--image", image, "The picture that the teacher shall pose, 512x512 with transparency");
  app.add_flag("--fit", fit, "Centre, scale and pad a picture of the wrong size");
  app.add_option("--precision", precision, "fp32, fp16 or bf16")->capture_default_str();
}

std::unique_ptr<Poser> open_poser(const PoserOptions& options, c10::Device device) {
  const Precision precision = parse_precision(options.precision);
  if (options.character.empty() == options.teacher.empty()) {
    throw InputError("name either --character or --teacher");
  }
  if (!options.character.empty()) {
    if (!options.image.empty()) {
      throw InputError("--image goes with --teacher only: a character has its own picture");
    }
    return std::make_unique<StudentPoser>(load_character(options.character), device, precision);
  }
  if (names_rig(options.teacher)) {
    if (!options.image.empty()) {
      throw InputError("--image does not go with the rig " + options.teacher +
                       ", which is drawn by itself; leave it out");
    }
    return make_rig_poser(open_rig(options.teacher), device);
  }
  if (options.image.empty()) throw InputError("--teacher needs the picture to pose: --image rest.png");
  const auto fit = options.fit ? RestImageFit::scale : RestImageFit::exact;
  const at::Tensor rest_image = to_image_tensor(load_rest_image(options.image, fit));
  if (options.architecture == "tha4") {
    return make_teacher_poser(load_teacher_networks(options.teacher), rest_image, device, precision);
  }
  return make_tha3_poser(load_tha3_networks(options.teacher), rest_image, device, precision);
}

}  // namespace tha4
