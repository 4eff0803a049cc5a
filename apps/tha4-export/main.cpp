#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "command_files.h"
#include "command_line.h"
#include "poser_options.h"
#include <spdlog/spdlog.h>

#include "tha4/base/error.h"
#include "tha4/base/terminal.h"
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

/// The one character that \p target takes.
const std::string& only_name(const CharacterOptions& character, const std::string& target) {
  if (character.names.size() > 1) {
    throw InputError("--to " + target + " takes one --character; several are for --to web");
  }
  return character.names.front();
}

/// Says what to do where the models of the face tracker are missing.
void check_tracker() {
  try {
    tracker_models_file();
  } catch (const InputError& error) {
    throw InputError(error.what() + std::string("; --no-tracker makes a page that follows no faces"));
  }
}

void export_page(const CharacterOptions& character, const WebPageOptions& options, const fs::path& file) {
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
  const std::uintmax_t size =
      write_web_page({character.names.begin(), character.names.end()}, file, options, terminal_context());
  spdlog::info("wrote {}: {:.2f} MiB; open it in a browser", file.string(),
               static_cast<double>(size) / (1 << 20));
}

WeightsFormat format_of(const CharacterOptions& character, const std::string& target) {
  if (!character.is_packed) return target == "pt" ? WeightsFormat::pt : WeightsFormat::safetensors;
  if (target != "safetensors") throw InputError("--packed takes --to safetensors, not --to " + target);
  return WeightsFormat::packed;
}

void export_character(const CharacterOptions& character, const std::string& target, const fs::path& folder) {
  const std::string name = only_name(character, target);
  const WeightsFormat format = format_of(character, target);
  CommandFiles().reads("--character", name).fills("--out", folder).check();
  convert_character(name, folder, format);
  spdlog::info("wrote {}", folder.string());
}

/// What is said of files that were written.
void tell_size(const fs::path& out, const std::vector<fs::path>& files) {
  std::uintmax_t bytes = 0;
  for (const fs::path& file : files) bytes += fs::file_size(file);
  const std::string count = files.size() > 1 ? std::to_string(files.size()) + " files, " : "";
  spdlog::info("wrote {}: {}{:.1f} MiB", out.string(), count, static_cast<double>(bytes) / (1 << 20));
}

struct TeacherOptions {
  std::string folder;
  std::optional<Architecture> architecture;
  std::optional<std::string> storage;
  std::optional<std::uint64_t> piece_mib;
};

void export_teacher(const TeacherOptions& teacher, const std::string& target, const fs::path& folder) {
  CommandFiles().reads("--teacher", teacher.folder).fills("--out", folder).check();
  FolderConversion conversion{.extension = "." + target};
  if (teacher.storage) conversion.storage = parse_weights_storage(*teacher.storage);
  if (teacher.piece_mib) conversion.largest_file = *teacher.piece_mib << 20;
  const std::vector<fs::path> files = convert_weights_folder(teacher.folder, folder, conversion);
  tell_size(folder, files);
}

/// One graph, or a folder with one for each network.
void export_onnx(const CharacterOptions& character, const TeacherOptions& teacher, const fs::path& out) {
  const bool is_whole = out.extension() == ".onnx";
  const bool is_teacher = !teacher.folder.empty();
  const std::string name = is_teacher ? teacher.folder : only_name(character, "onnx");
  if (character.is_packed) throw InputError("--packed takes --to safetensors, not --to onnx");
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

void export_rig_or_character(const CharacterOptions& character, const std::string& target,
                             const fs::path& out) {
  const std::string& name = only_name(character, target);
  const bool is_rig = names_rig(name);
  if (is_rig != (target == "vrm")) {
    throw InputError(is_rig ? name + " is a rig; a rig is exported --to vrm"
                            : "--to vrm takes a rig (procedural:SEED or a .vrm file), not " + name);
  }
  if (is_rig) {
    if (character.is_packed) throw InputError("--packed is of a character's weights; a rig has none");
    export_rig(name, out);
  } else {
    export_character(character, target, out);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string target, out;
  CharacterOptions character;
  TeacherOptions teacher;
  bool has_tracker = true;
  CommandLine command(
      "tha4-export", "Writes a character or a teacher in another format.",
      "  tha4-export --character out/me --to safetensors --out out/me-safetensors\n"
      "  tha4-export --character out/me --to safetensors --packed --out out/me-small\n"
      "  tha4-export --character out/me --to web --out out/me.html\n"
      "  tha4-export --character out/me --to onnx --out out/me.onnx\n"
      "  tha4-export --character procedural:7 --to vrm --out out/seven.vrm\n"
      "  tha4-export --teacher tha4 --to safetensors --storage int8 --piece-mib 45 --out out/tha4-int8");
  CLI::App& app = command.options();
  CLI::Option* character_option =
      app.add_option("--character", character.names,
                     "Character folder, or its character_model.yaml; for vrm a rig: procedural:SEED or a "
                     ".vrm file; for web once for each character of the page");
  CLI::Option* teacher_option =
      add_teacher_option(app, teacher.folder,
                         "Folder of a teacher's networks: every .pt and .safetensors file directly in it")
          ->excludes(character_option);
  app.add_option(
         "--to", target,
         "pt or safetensors: the format of the weights; onnx: for other programs, as one graph where --out "
         "is an .onnx file, else as one for each network; vrm: a rig as VRM 1.0, with its rest image; web: "
         "one HTML file that plays characters")
      ->required()
      ->check(CLI::IsMember({"pt", "safetensors", "onnx", "vrm", "web"}));
  add_architecture_option(app, teacher.architecture,
                          "Which teacher a folder with networks of several holds, for --to onnx")
      ->needs(teacher_option);
  app.add_option("--storage", teacher.storage,
                 "How a teacher's weights are kept: int8 (safetensors only), float16 or float32; as they are "
                 "without it")
      ->needs(teacher_option)
      ->check(CLI::IsMember({"int8", "float16", "float32"}));
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
             "--tracker,!--no-tracker", has_tracker,
             "Whether a page can follow the face that its user's camera sees, which takes 2.3 MiB; without "
             "either it can (web only)")
          ->needs(character_option);
  app.add_option("--out", out, "Folder to write, or .onnx, .vrm or .html file")->required();
  command.describe_device(
      "auto, cpu, cuda or cuda:N, to no effect: the little that is calculated is the processor's share, and "
      "OpenGL draws where it finds "
      "a GPU");
  return command.run(argc, argv, [&] {
    if (character.names.empty() && teacher.folder.empty()) {
      throw InputError("there is nothing to export: name it by --character or --teacher");
    }
    if (teacher.architecture && target != "onnx")
      throw InputError("--arch takes --to onnx; --to " + target + " takes every network of the folder");
    if (tracker_option->count() > 0 && target != "web")
      throw InputError("--tracker and --no-tracker take --to web, not --to " + target);
    if (target == "onnx") {
      export_onnx(character, teacher, out);
    } else if (target == "web") {
      if (character.names.empty())
        throw InputError("--to web takes characters by --character, not a teacher");
      export_page(character, {.has_tracker = has_tracker}, out);
    } else if (teacher.folder.empty()) {
      export_rig_or_character(character, target, out);
    } else if (target == "vrm") {
      throw InputError("--to vrm takes a rig by --character, not a teacher");
    } else {
      export_teacher(teacher, target, out);
    }
    return 0;
  });
}
