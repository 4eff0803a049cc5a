#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <c10/core/Device.h>
#include <nlohmann/json.hpp>

#include "tha4/base/context.h"
#include "tha4/base/device.h"
#include "tha4/base/error.h"

namespace tha4::app {

/// The command line of a command: what all commands share (--help with an example, --version, --device,
/// --log-level, -q), and how it ends (docs/commands.md, "What all commands share").
class CommandLine {
 public:
  /// \param name      of the command, for example "tha4-pose"
  /// \param summary   what it does, one sentence
  /// \param examples  lines that can be typed as they are
  CommandLine(std::string name, const std::string& summary, const std::string& examples);

  /// Where a command adds its own options.
  CLI::App& options() { return app_; }

  /// What --help says of --device, where the command has another use for it than the others.
  void describe_device(const std::string& description);

  /// Adds --help-config, which prints \p help, an explanation of all settings, and ends.
  void add_config_help(std::string (*help)());

  /// What the user can do where memory does not suffice, for example "use a smaller --batch".
  void advise_on_memory(std::string remedy) { memory_remedy_ = std::move(remedy); }

  /// Parses the arguments, makes the context, runs \p body and returns the exit status. What is thrown
  /// becomes one line on the standard error stream, "<name>: error: <what is wrong>; <what to do>".
  int run(int argc, char** argv, const std::function<int()>& body);

  /// The device that --device names. Throws InputError.
  c10::Device device() const;

  /// That of this terminal, as --log-level and -q have it; it stops by Ctrl-C. For \p body.
  const Context& context() const { return context_; }

 private:
  std::string name_;
  CLI::App app_;
  std::string device_ = "auto";
  std::string log_level_ = "info";
  std::string memory_remedy_;
  bool quiet_ = false;
  Context context_;
};

/// Runs the body of a command and turns what it throws into one line, see CommandLine::run(), and an exit
/// status: 1 failed, 2 wrong usage or bad input, 130 interrupted after saving.
/// \param memory_remedy  as error_text()'s
int run_command(const std::string& name, const std::function<int()>& body,
                const std::string& memory_remedy = {});

/// What \p parse makes of \p text, the value of \p option. Where that is not what it should be, the error
/// names the option.
template <class Parse>
auto parse_option(const char* option, const std::string& text, Parse parse) {
  try {
    return parse(text);
  } catch (const ValueError& error) {
    throw InputError(std::string(option) + " " + error.what(), error.remedy());
  }
}

/// Takes one of \p names. The error of another one lists them; where one of them or of \p others is
/// near, it says so.
CLI::Validator one_of(std::vector<std::string> names, const std::vector<std::string>& others = {});

/// Adds --precision, of networks. \p description says of whose, and what it is if it is not given.
CLI::Option* add_precision_option(CLI::App& app, std::optional<Precision>& precision,
                                  const std::string& description);

/// Applies the KEY=VALUE of --set to \p settings, one after the other.
void apply_overrides(nlohmann::json& settings, const std::vector<std::string>& assignments);
nlohmann::json with_overrides(nlohmann::json settings, const std::vector<std::string>& assignments);

/// Adds --set, whose KEY=VALUE apply_overrides() takes.
/// \param example  of one
void add_set_option(CLI::App& app, std::vector<std::string>& assignments, const std::string& example);

/// What \p parse makes of \p settings, of \p source, with the KEY=VALUE of --set. Where only these are wrong,
/// the error says so instead of naming the source.
template <class Parse>
auto parse_with_overrides(const nlohmann::json& settings, const std::vector<std::string>& assignments,
                          const std::string& source, Parse parse) {
  const nlohmann::json changed = with_overrides(settings, assignments);
  bool is_sound_without = !assignments.empty();
  try {
    if (is_sound_without) parse(settings, source);
  } catch (const InputError&) {
    is_sound_without = false;
  }
  return parse(changed, is_sound_without ? "--set" : source);
}

/// The context of one of several processes that work together: only the first one tells how far it is, and
/// the others log nothing below warnings from now on, so that a user reads everything once.
Context context_of_rank(Context context, int rank);

/// --json: what a command found, for programs.
struct JsonOutput {
  std::string file;  ///< nowhere where it is empty

  void add_to(CLI::App& app, const std::string& description = "Writes the scores to this file");

  /// Throws Error if the file cannot be written.
  void write(const nlohmann::json& result) const;
};

/// Add --teacher, --config and --out, of which each command says what it takes.
CLI::Option* add_teacher_option(CLI::App& app, std::string& name, const std::string& description);
CLI::Option* add_config_option(CLI::App& app, std::string& file,
                               const std::string& description = "Settings (.json)");
CLI::Option* add_out_option(CLI::App& app, std::string& path, const std::string& description);

/// Adds --character, of one text or of a list of them.
template <class Names>
CLI::Option* add_character_option(
    CLI::App& app, Names& names,
    const std::string& description = "Character folder, or its character_model.yaml") {
  return app.add_option("--character", names, description);
}

/// Adds --batch, of frames: at most 1024.
void add_batch_option(CLI::App& app, int& batch,
                      const std::string& description = "Frames that are made at a time");

/// The file configs/<kind>/<preset>.json, of an installed project or of its source tree. Throws InputError
/// that names the nearest preset.
std::filesystem::path preset_file(const std::string& kind, const std::string& preset);

/// The file data/<name>, of an installed project or of its source tree. Throws Error if it is missing.
std::filesystem::path data_file(const std::string& name);

}  // namespace tha4::app
