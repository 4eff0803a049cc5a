#include <filesystem>

#include "command_line.h"
#include <spdlog/spdlog.h>

#include "tha4/base/error.h"
#include "tha4/poser/character.h"

int main(int argc, char** argv) {
  std::string character, target, out;
  tha4::CommandLine command("tha4-export", "Writes a character in another format.",
                            "  tha4-export --character out/me --to safetensors --out out/me-safetensors");
  CLI::App& app = command.options();
  app.add_option("--character", character, "Character folder, or its character_model.yaml")->required();
  app.add_option("--to", target, "Format of the weights")
      ->required()
      ->check(CLI::IsMember({"pt", "safetensors"}));
  app.add_option("--out", out, "Character folder to write")->required();
  return command.run(argc, argv, [&] {
    tha4::convert_character(character, out,
                            target == "pt" ? tha4::WeightsFormat::pt : tha4::WeightsFormat::safetensors);
    spdlog::info("wrote {}", out);
    return 0;
  });
}
