#include "job.h"

#include <algorithm>

#include "command_line.h"
#include <torch/types.h>

#include "tha4/base/config.h"
#include "tha4/image/color.h"
#include "tha4/image/rest_image.h"
#include "tha4/poser/student_poser.h"
#include "tha4/poser/teacher_poser.h"
#include "tha4/render/rig_poser.h"
#include "tha4/render/rig_source.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// The settings of a preset, with what an official config.yaml adds to them and to the options.
nlohmann::json settings_of(DistillOptions& options) {
  const fs::path extension = fs::path(options.config).extension();
  if (extension != ".yaml" && extension != ".yml") {
    return read_json_file(options.config.empty() ? preset_file("distill", options.preset)
                                                 : fs::path(options.config));
  }
  const OfficialDistillConfig official = read_official_distill_config(options.config);
  nlohmann::json settings = read_json_file(preset_file("distill", "paper"));
  settings["face_morpher"]["seed"] = official.face_seed;
  settings["face_morpher"]["batch"] = official.face_batch;
  settings["body_rotator"]["seed"] = official.body_seed;
  settings["body_rotator"]["batch"] = official.body_batch;
  if (options.image.empty()) options.image = official.character_image.string();
  if (options.mask.empty()) options.mask = official.face_mask.string();
  if (options.out.empty()) options.out = (official.prefix / "character_model").string();
  return settings;
}

bool same_picture(const RgbaImage& a, const RgbaImage& b) {
  return a.width == b.width && a.height == b.height && a.pixels == b.pixels;
}

/// Whether two pictures show the same character: one and the same rig is not drawn alike to the last bit by
/// every OpenGL driver.
bool shows_same_character(const RgbaImage& a, const RgbaImage& b) {
  constexpr double kLargestMeanDifference = 2.0 / 255;
  if (a.width != b.width || a.height != b.height) return false;
  return (to_image_tensor(a) - to_image_tensor(b)).abs().mean().item<double>() / 2 <= kLargestMeanDifference;
}

/// The rig that --teacher stands for: "rig" is the file of the picture's name beside it.
std::string rig_name(const DistillOptions& options) {
  if (options.teacher != "rig") return options.teacher;
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

/// Opens a rig as the teacher. The picture is the rig's own.
std::unique_ptr<Poser> open_rig_teacher(const DistillOptions& options, c10::Device device, RgbaImage& image) {
  const std::string name = rig_name(options);
  std::unique_ptr<Poser> poser = make_rig_poser(open_rig(name), device);
  image = to_rgba_image(poser->rest_image());
  const auto fit = options.fit ? RestImageFit::scale : RestImageFit::exact;
  if (!options.image.empty() && !shows_same_character(load_rest_image(options.image, fit), image)) {
    throw InputError(options.image + " is not the picture of the rig " + name + "; leave --image out");
  }
  return poser;
}

/// Opens the teacher, and settles which picture is distilled.
std::unique_ptr<Poser> open_teacher(const DistillOptions& options, c10::Device device, RgbaImage& image) {
  const auto fit = options.fit ? RestImageFit::scale : RestImageFit::exact;
  if (options.teacher.empty()) {
    throw InputError(
        "name the teacher: --teacher FOLDER with the official .pt files, a character folder, or a rig");
  }
  if (options.teacher == "rig" || names_rig(options.teacher)) return open_rig_teacher(options, device, image);
  if (is_character(options.teacher)) {
    const Character character = load_character(options.teacher);
    image = character.image;
    if (!options.image.empty() && !same_picture(load_rest_image(options.image, fit), image)) {
      throw InputError("the teacher " + options.teacher + " is a character of another picture than " +
                       options.image + "; leave --image out, or use a teacher that poses any picture");
    }
    return std::make_unique<StudentPoser>(character, device);
  }
  if (options.image.empty()) throw InputError("name the picture to distil: --image character.png");
  image = load_rest_image(options.image, fit);
  const at::Tensor rest_image = to_image_tensor(image);
  if (options.architecture == "tha3")
    return make_tha3_poser(load_tha3_networks(options.teacher), rest_image, device);
  return make_teacher_poser(load_teacher_networks(options.teacher), rest_image, device);
}

fs::path default_out(const DistillOptions& options) {
  std::string name = fs::path(options.image.empty() ? options.teacher : options.image).stem().string();
  std::replace(name.begin(), name.end(), ':', '-');  // of procedural:SEED
  return fs::path("out") / name;
}

}  // namespace

PreparedJob prepare(const DistillOptions& given, c10::Device device) {
  DistillOptions options = given;
  if (options.preset.empty()) options.preset = device.is_cpu() ? "quick" : "standard";
  PreparedJob prepared;
  DistillJob& job = prepared.job;
  job.settings = settings_of(options);
  for (const std::string& assignment : options.overrides) apply_override(job.settings, assignment);
  job.config = parse_distill_config(job.settings,
                                    options.config.empty() ? "preset " + options.preset : options.config);
  job.out = options.out.empty() ? default_out(options) : fs::path(options.out);
  job.start = options.resume ? RunStart::resume : RunStart::fresh;
  job.teacher = options.teacher;
  if (!options.mask.empty()) job.mask = load_face_mask(options.mask);
  prepared.teacher = open_teacher(options, device, job.image);
  return prepared;
}

}  // namespace tha4
