#include <filesystem>

#include "command_line.h"
#include <spdlog/spdlog.h>

#include "tha4/base/error.h"
#include "tha4/image/image_io.h"
#include "tha4/poser/character.h"
#include "tha4/render/rig_renderer.h"
#include "tha4/render/rig_source.h"
#include "tha4/render/vrm.h"

namespace {

using namespace tha4;
namespace fs = std::filesystem;

/// Writes a rig as a VRM file, and its rest image beside it.
void export_rig(const std::string& name, const fs::path& file) {
  if (file.extension() != ".vrm")
    throw InputError("--out " + file.string() + " must end in .vrm for --to vrm");
  const bool is_generated = name.starts_with("procedural:");
  Rig rig = open_rig(name);
  // What the project generates is free for any use.
  write_vrm(rig, file, is_generated ? VrmMeta{.author = "THA4 in C++", .is_free = true} : VrmMeta{});
  fs::path picture = file;
  picture.replace_extension(".png");
  RigRenderer renderer(std::move(rig));
  write_image(picture, draw_rig(renderer, Pose{}));
  spdlog::info("wrote {} and its rest image {}", file.string(), picture.string());
}

void export_character(const std::string& character, const std::string& target, const fs::path& folder) {
  convert_character(character, folder, target == "pt" ? WeightsFormat::pt : WeightsFormat::safetensors);
  spdlog::info("wrote {}", folder.string());
}

}  // namespace

int main(int argc, char** argv) {
  std::string character, target, out;
  CommandLine command("tha4-export", "Writes a character in another format.",
                      "  tha4-export --character out/me --to safetensors --out out/me-safetensors\n"
                      "  tha4-export --character procedural:7 --to vrm --out out/seven.vrm");
  CLI::App& app = command.options();
  app.add_option(
         "--character", character,
         "Character folder, or its character_model.yaml; for vrm a rig: procedural:SEED or a .vrm file")
      ->required();
  app.add_option(
         "--to", target,
         "pt or safetensors: the format of a character's weights; vrm: a rig as VRM 1.0, with its rest image")
      ->required()
      ->check(CLI::IsMember({"pt", "safetensors", "vrm"}));
  app.add_option("--out", out, "Character folder to write, or .vrm file")->required();
  command.describe_device(
      "auto, cpu, cuda or cuda:N, to no effect: nothing is calculated here, and OpenGL draws where it finds "
      "a GPU");
  return command.run(argc, argv, [&] {
    const bool is_rig = names_rig(character);
    if (is_rig != (target == "vrm")) {
      throw InputError(is_rig ? character + " is a rig; a rig is exported --to vrm"
                              : "--to vrm takes a rig (procedural:SEED or a .vrm file), not " + character);
    }
    if (is_rig) {
      export_rig(character, out);
    } else {
      export_character(character, target, out);
    }
    return 0;
  });
}
