#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <c10/core/Device.h>
#include <nlohmann/json_fwd.hpp>

namespace tha4 {

/// The command line of a command: what all commands share (--help with an example, --version, --device,
/// --log-level, -q), and how it ends (docs/commands.md, "What all commands share").
class CommandLine {
 public:
  /// \param name     of the command, for example "tha4-pose"
  /// \param summary  what it does, one sentence
  /// \param examples lines that can be typed as they are
  CommandLine(std::string name, const std::string& summary, const std::string& examples);

  /// Where a command adds its own options.
  CLI::App& options() { return app_; }

  /// What --help says of --device, where the command has another use for it than the others.
  void describe_device(const std::string& description);

  /// Adds --help-config, which prints \p help, an explanation of all settings, and ends.
  void add_config_help(std::string (*help)());

  /// What the user can do where memory does not suffice, for example "use a smaller --batch".
  void advise_on_memory(std::string remedy) { memory_remedy_ = std::move(remedy); }

  /// Parses the arguments, sets up logging, progress lines and the interrupt handler, runs \p body and
  /// returns the exit status.
  int run(int argc, char** argv, const std::function<int()>& body);

  /// The device that --device names. Throws InputError.
  c10::Device device() const;

 private:
  std::string name_;
  CLI::App app_;
  std::string device_ = "auto";
  std::string log_level_ = "info";
  std::string memory_remedy_;
  bool quiet_ = false;
};

/// --json: what a command found, for programs.
struct JsonOutput {
  std::string file;  ///< nowhere where it is empty

  void add_to(CLI::App& app, const std::string& description = "Writes the scores to this file");

  /// Throws Error if the file cannot be written.
  void write(const nlohmann::json& result) const;
};

/// Adds --teacher, of which each command says what it takes.
CLI::Option* add_teacher_option(CLI::App& app, std::string& name, const std::string& description);

/// The file configs/<kind>/<preset>.json, of an installed project or of its source tree. Throws InputError
/// that names the nearest preset.
std::filesystem::path preset_file(const std::string& kind, const std::string& preset);

/// The file data/<name>, of an installed project or of its source tree. Throws Error if it is missing.
std::filesystem::path data_file(const std::string& name);

}  // namespace tha4
