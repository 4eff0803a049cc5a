#include "job.h"

#include <algorithm>
#include <utility>

#include "command_files.h"
#include "command_line.h"
#include "poser_options.h"

#include "tha4/base/config.h"
#include "tha4/image/rest_image.h"
#include "tha4/rig/rig_source.h"

namespace tha4::app {
namespace {

namespace fs = std::filesystem;

/// The settings of a preset, with what an official config.yaml adds to them and to the options.
nlohmann::json settings_of(DistillOptions& options) {
  const fs::path extension = fs::path(options.config).extension();
  if (extension != ".yaml" && extension != ".yml") {
    return read_config_file(options.config.empty() ? preset_file("distill", options.preset)
                                                   : fs::path(options.config));
  }
  const OfficialDistillConfig official = read_official_distill_config(options.config);
  nlohmann::json settings = read_config_file(preset_file("distill", "paper"));
  settings["face_morpher"]["seed"] = official.face_seed;
  settings["face_morpher"]["batch"] = official.face_batch;
  settings["body_rotator"]["seed"] = official.body_seed;
  settings["body_rotator"]["batch"] = official.body_batch;
  if (options.teacher.image.empty()) options.teacher.image = official.character_image;
  if (options.mask.empty()) options.mask = official.face_mask.string();
  if (options.out.empty()) options.out = (official.prefix / "character_model").string();
  return settings;
}

/// The folder or file that a teacher's name stands for, without a slash or a character_model.yaml at its end.
fs::path subject_path(const fs::path& name) {
  fs::path path = fs::absolute(name).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return path.filename() == "character_model.yaml" ? path.parent_path() : path;
}

/// What the picture or, where none is named, the teacher is called.
std::string subject_name(const DistillOptions& options) {
  const PoserChoice& teacher = options.teacher;
  if (teacher.image.empty() && teacher.name.starts_with(kGeneratedRig)) {
    std::string name = teacher.name;
    std::replace(name.begin(), name.end(), ':', '-');
    return name;
  }
  const fs::path path = subject_path(teacher.image.empty() ? fs::path(teacher.name) : teacher.image);
  return (fs::is_directory(path) ? path.filename() : path.stem()).string();
}

bool is_teacher(const fs::path& folder, const DistillOptions& options) {
  if (options.teacher.name.empty()) return false;
  std::error_code ignored;  // of what is not there
  return fs::equivalent(folder, subject_path(options.teacher.name), ignored);
}

/// Where the character goes: --out, or a folder of the subject's name that is not its teacher's.
fs::path out_of(const DistillOptions& options) {
  const fs::path out = options.out.empty() ? fs::path("out") / subject_name(options) : fs::path(options.out);
  if (!is_teacher(out, options)) return out;
  if (options.out.empty()) return out.string() + "-student";
  throw InputError("--out " + options.out + " is the folder of the teacher itself; name another one");
}

/// To be looked at before the teacher is opened, which may take a while.
void check_files(const DistillOptions& options) {
  const bool is_named =
      !options.out.empty() || !options.teacher.image.empty() || !options.teacher.name.empty();
  CommandFiles()
      .reads("--image", options.teacher.image)
      .reads("--teacher", options.teacher.name)
      .reads("--mask", options.mask)
      .reads("--config", options.config)
      .reads("--init", options.init)
      .goes_on_in("--out", is_named ? out_of(options) : fs::path(),
                  {"*.png", "*.html", "*.mp4", "*.pt", "*.safetensors", "*.yaml", "*.txt", "config.json",
                   "psnr.json", "report.json", "schedule.json", "seconds.json"})
      .writes("--json", options.json.file)
      .check();
}

}  // namespace

PreparedJob prepare(const DistillOptions& given, c10::Device device, bool is_first) {
  DistillOptions options = given;
  // A run that is gone on with says itself what its settings are.
  const fs::path stored = fs::path(options.out) / "config.json";
  if (options.resume && options.config.empty() && options.preset.empty() && !options.out.empty() &&
      fs::exists(stored)) {
    options.config = stored.string();
  }
  if (options.preset.empty()) options.preset = device.is_cpu() ? "quick" : "fast";
  PreparedJob prepared;
  DistillJob& job = prepared.job;
  const nlohmann::json settings = settings_of(options);
  if (is_first) check_files(options);
  job.config = parse_with_overrides(settings, options.overrides,
                                    options.config.empty() ? "preset " + options.preset : options.config,
                                    parse_distill_config);
  job.start = options.resume ? RunStart::resume : RunStart::fresh;
  if (!options.init.empty()) {
    job.first = load_character(options.init);
    job.first_name = options.init;
  }
  job.minutes = options.minutes;
  if (!options.mask.empty()) job.mask = load_face_mask(options.mask);
  prepared.teacher = open_chosen_poser(with_engine_of_teacher(options.teacher), device);
  options.teacher.name = prepared.teacher.name;
  const bool gives_crops = std::ranges::any_of(options.overrides, [](const std::string& setting) {
    return setting.starts_with("face_morpher.crops=");
  });
  if (prepared.teacher.kind == PoserKind::rig && !gives_crops) take_rig_crops(job.config);
  job.preview_sheet = true;
  if (is_first) warn_of_picture(options.teacher.image.string(), prepared.teacher);
  job.out = out_of(options);
  return prepared;
}

}  // namespace tha4::app
