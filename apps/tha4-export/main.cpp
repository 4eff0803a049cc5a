#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "command_files.h"
#include "command_line.h"
#include "poser_options.h"
#include <spdlog/spdlog.h>

#include "tha4/base/context.h"
#include "tha4/base/error.h"
#include "tha4/export/onnx_model.h"
#include "tha4/export/web_page.h"
#include "tha4/image/image_io.h"
#include "tha4/poser/character.h"
#include "tha4/render/rig_renderer.h"
#include "tha4/rig/rig_source.h"
#include "tha4/rig/vrm.h"
#include "tha4/track/tracker_models.h"
#include "tha4/weights/weights_folder.h"

namespace {

using namespace tha4;
using namespace tha4::app;
namespace fs = std::filesystem;

/// A picture that stands beside a VRM file which is there is taken for that of an earlier export.
void check_files(const std::string& name, const fs::path& file, const fs::path& picture) {
  CommandFiles()
      .reads("--character", name)
      .writes("--out", file)
      .writes("the picture beside --out", picture)
      .check();
  if (fs::exists(picture) && !fs::exists(file)) {
    throw InputError("the rest image is written beside --out, as " + picture.string() +
                     ", which is there already; move it, or name another --out");
  }
}

/// Writes a rig as a VRM file, and its rest image beside it.
void export_rig(const std::string& name, const fs::path& file) {
  if (file.extension() != ".vrm")
    throw InputError("--out " + file.string() + " must end in .vrm for --to vrm");
  fs::path picture = file;
  picture.replace_extension(".png");
  check_files(name, file, picture);
  const bool is_generated = name.starts_with(kGeneratedRig);
  Rig rig = open_rig(name);
  // What the project generates is free for any use.
  write_vrm(rig, file,
            is_generated ? VrmMeta{.author = "THA4 in C++", .is_free = true} : read_vrm_meta(name));
  RigRenderer renderer(std::move(rig));
  write_image(picture, draw_rest_image(renderer));
  spdlog::info("wrote {} and its rest image {}", file.string(), picture.string());
}

struct CharacterOptions {
  std::vector<std::string> names;
  bool is_packed = false;
};

struct TeacherOptions {
  std::string folder;
  std::optional<Architecture> architecture;
  std::optional<std::string> storage;
  std::optional<std::uint64_t> piece_mib;
};

/// What is exported: characters, or a teacher.
struct ExportOptions {
  std::string target, out;
  CharacterOptions character;
  TeacherOptions teacher;
  bool has_tracker = true;
  Context context = {};  ///< of the command
  bool is_teacher() const { return !teacher.folder.empty(); }

  /// The one character that the target takes.
  const std::string& only_name() const {
    if (character.names.size() > 1)
      throw InputError("--to " + target + " takes one --character; several are for --to web");
    return character.names.front();
  }

  void refuse_packed() const {
    if (character.is_packed) throw InputError("--packed takes --to safetensors, not --to " + target);
  }
};

/// Says what to do where the models of the face tracker are missing.
void check_tracker() {
  try {
    tracker_models_file();
  } catch (const InputError& error) {
    throw InputError(error.what() + std::string("; --no-tracker makes a page that follows no faces"));
  }
}

void export_page(const ExportOptions& options) {
  if (options.is_teacher()) throw InputError("--to web takes characters by --character, not a teacher");
  const fs::path file = options.out;
  const CharacterOptions& character = options.character;
  if (file.extension() != ".html")
    throw InputError("--out " + file.string() + " must end in .html for --to web");
  if (character.is_packed) throw InputError("--packed takes --to safetensors; a page is packed as it is");
  CommandFiles files;
  for (const std::string& name : character.names) {
    if (names_rig(name))
      throw InputError("--to web takes a character; make one of " + name + " by tha4-distill --teacher " +
                       name);
    files.reads("--character", name);
  }
  files.writes("--out", file).check();
  if (options.has_tracker) check_tracker();
  const std::uintmax_t size = write_web_page({character.names.begin(), character.names.end()}, file,
                                             {.has_tracker = options.has_tracker}, options.context);
  spdlog::info("wrote {}: {:.2f} MiB; open it in a browser", file.string(),
               static_cast<double>(size) / (1 << 20));
}

/// What is said of files that were written.
void tell_size(const fs::path& out, const std::vector<fs::path>& files) {
  std::uintmax_t bytes = 0;
  for (const fs::path& file : files) bytes += fs::file_size(file);
  const std::string count = files.size() > 1 ? std::to_string(files.size()) + " files, " : "";
  spdlog::info("wrote {}: {}{:.1f} MiB", out.string(), count, static_cast<double>(bytes) / (1 << 20));
}

void export_teacher(const ExportOptions& options) {
  const TeacherOptions& teacher = options.teacher;
  CommandFiles().reads("--teacher", teacher.folder).fills("--out", options.out).check();
  FolderConversion conversion{.extension = "." + options.target};
  if (teacher.storage) conversion.storage = parse_weights_storage(*teacher.storage);
  if (teacher.piece_mib) conversion.largest_file = *teacher.piece_mib << 20;
  tell_size(options.out, convert_weights_folder(teacher.folder, options.out, conversion));
}

/// The weights of a character or a teacher.
void export_weights(const ExportOptions& options, WeightsFormat format) {
  if (options.is_teacher()) return export_teacher(options);
  const std::string& name = options.only_name();
  if (names_rig(name)) throw InputError(name + " is a rig; a rig is exported --to vrm");
  if (format == WeightsFormat::pt) options.refuse_packed();
  CommandFiles().reads("--character", name).fills("--out", options.out).check();
  convert_character(name, options.out, format);
  spdlog::info("wrote {}", options.out);
}

void export_pt(const ExportOptions& options) {
  export_weights(options, WeightsFormat::pt);
}

void export_safetensors(const ExportOptions& options) {
  export_weights(options, options.character.is_packed ? WeightsFormat::packed : WeightsFormat::safetensors);
}

/// One graph, or a folder with one for each network.
void export_onnx(const ExportOptions& options) {
  const fs::path out = options.out;
  const TeacherOptions& teacher = options.teacher;
  const bool is_whole = out.extension() == ".onnx";
  const bool is_teacher = options.is_teacher();
  const std::string& name = is_teacher ? teacher.folder : options.only_name();
  options.refuse_packed();
  if (teacher.storage || teacher.piece_mib)
    throw InputError("--storage and --piece-mib take --to safetensors or pt; an ONNX file is one of float32");
  if (names_rig(name))
    throw InputError("--to onnx takes networks, which " + name + " has none of; make a character of it by " +
                     "tha4-distill --teacher " + name);
  if (is_teacher && is_character(name))
    throw InputError(name + " is a character; name it by --character, not --teacher");
  CommandFiles files;
  files.reads(is_teacher ? "--teacher" : "--character", name);
  (is_whole ? files.writes("--out", out) : files.fills("--out", out)).check();
  if (is_whole && is_teacher) write_onnx_teacher(name, out, teacher.architecture);
  if (is_whole && !is_teacher) write_onnx_character(name, out);
  if (is_whole) return tell_size(out, {out});
  tell_size(out, is_teacher ? write_onnx_teacher_networks(name, out, teacher.architecture)
                            : write_onnx_character_networks(name, out));
}

void export_vrm(const ExportOptions& options) {
  if (options.is_teacher()) throw InputError("--to vrm takes a rig by --character, not a teacher");
  const std::string& name = options.only_name();
  if (!names_rig(name))
    throw InputError("--to vrm takes a rig (procedural:SEED or a .vrm file), not " + name);
  if (options.character.is_packed) throw InputError("--packed is of a character's weights; a rig has none");
  export_rig(name, options.out);
}

/// A format that things are exported to.
struct Target {
  std::string name;
  std::string meaning;  ///< in --help; empty: that of the next one
  void (*write)(const ExportOptions& options);
  bool has_architectures = false;  ///< whether it takes --arch
  bool has_tracker = false;        ///< whether it takes --tracker
};

const std::vector<Target>& targets() {
  static const std::vector<Target> targets = {
      {"pt", "", export_pt},
      {"safetensors", "the format of the weights", export_safetensors},
      {"onnx", "for other programs, as one graph where --out is an .onnx file, else as one for each network",
       export_onnx, true},
      {"vrm", "a rig as VRM 1.0, with its rest image", export_vrm},
      {"web", "one HTML file that plays characters", export_page, false, true}};
  return targets;
}

/// What --help says of --to.
std::string targets_text() {
  std::string text;
  for (const Target& target : targets()) {
    text += target.name + (target.meaning.empty() ? " or " : ": " + target.meaning);
    if (!target.meaning.empty() && &target != &targets().back()) text += "; ";
  }
  return text;
}

void export_to_target(const ExportOptions& options, bool asks_for_tracker) {
  if (options.character.names.empty() && !options.is_teacher())
    throw InputError("there is nothing to export: name it by --character or --teacher");
  const Target& target = *std::ranges::find(targets(), options.target, &Target::name);
  if (options.teacher.architecture && !target.has_architectures) {
    throw InputError("--arch takes --to onnx; --to " + target.name + " takes every network of the folder");
  }
  if (asks_for_tracker && !target.has_tracker)
    throw InputError("--tracker and --no-tracker take --to web, not --to " + target.name);
  target.write(options);
}

}  // namespace

int main(int argc, char** argv) {
  ExportOptions options;
  CharacterOptions& character = options.character;
  TeacherOptions& teacher = options.teacher;
  CommandLine command(
      "tha4-export", "Writes a character or a teacher in another format.",
      "  tha4-export --character out/me --to safetensors --out out/me-safetensors\n"
      "  tha4-export --character out/me --to safetensors --packed --out out/me-small\n"
      "  tha4-export --character out/me --to web --out out/me.html\n"
      "  tha4-export --character out/me --to onnx --out out/me.onnx\n"
      "  tha4-export --character procedural:7 --to vrm --out out/seven.vrm\n"
      "  tha4-export --teacher tha4 --to safetensors --storage int8 --piece-mib 45 --out out/tha4-int8");
  CLI::App& app = command.options();
  CLI::Option* character_option = add_character_option(
      app, character.names,
      "Character folder, or its character_model.yaml; for vrm a rig: procedural:SEED or a "
      ".vrm file; for web once for each character of the page");
  CLI::Option* teacher_option =
      add_teacher_option(app, teacher.folder,
                         "Folder of a teacher's networks: every .pt and .safetensors file directly in it")
          ->excludes(character_option);
  std::vector<std::string> names;
  for (const Target& target : targets()) names.push_back(target.name);
  app.add_option("--to", options.target, targets_text())->required()->check(one_of(names));
  add_architecture_option(app, teacher.architecture,
                          "Which teacher a folder with networks of several holds, for --to onnx")
      ->needs(teacher_option);
  app.add_option("--storage", teacher.storage,
                 "How a teacher's weights are kept: int8 (safetensors only), float16 or float32; as they are "
                 "without it")
      ->needs(teacher_option)
      ->check(one_of({"int8", "float16", "float32"}));
  app.add_option("--piece-mib", teacher.piece_mib,
                 "Split a teacher's safetensors files into pieces of at most so many MiB")
      ->needs(teacher_option)
      ->check(CLI::Range(1, 1 << 20));
  app.add_flag("--packed", character.is_packed,
               "Keep a character's blendshapes rounded and compressed, in a fifth of the size (safetensors "
               "only), as tha4-distill writes them")
      ->needs(character_option);
  const CLI::Option* tracker_option =
      app.add_flag(
             "--tracker,!--no-tracker", options.has_tracker,
             "Whether a page can follow the face that its user's camera sees, which takes 2.3 MiB; without "
             "either it can (web only)")
          ->needs(character_option);
  add_out_option(app, options.out, "Folder to write, or .onnx, .vrm or .html file")->required();
  command.describe_device(
      "auto, cpu, cuda or cuda:N, to no effect: the little that is calculated is the processor's share, and "
      "OpenGL draws where it finds "
      "a GPU");
  return command.run(argc, argv, [&] {
    options.context = command.context();
    export_to_target(options, tracker_option->count() > 0);
    return 0;
  });
}
