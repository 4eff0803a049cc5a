#include "job.h"

#include "command_line.h"
#include <torch/types.h>

#include "tha4/base/config.h"
#include "tha4/image/color.h"
#include "tha4/image/rest_image.h"
#include "tha4/poser/student_poser.h"
#include "tha4/poser/teacher_poser.h"

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

/// Opens the teacher, and settles which picture is distilled.
std::unique_ptr<Poser> open_teacher(const DistillOptions& options, c10::Device device, RgbaImage& image) {
  const auto fit = options.fit ? RestImageFit::scale : RestImageFit::exact;
  if (options.teacher.empty()) {
    throw InputError("name the teacher: --teacher FOLDER with the official .pt files, or a character folder");
  }
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
  return fs::path("out") / fs::path(options.image.empty() ? options.teacher : options.image).stem();
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
