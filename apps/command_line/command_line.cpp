#include "command_line.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "remedy_text.h"
#include <spdlog/logger.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/device.h"
#include "tha4/base/json_text.h"
#include "tha4/base/memory.h"
#include "tha4/base/nearest_name.h"
#include "tha4/base/project_files.h"
#include "tha4/base/short_spins.h"
#include "tha4/base/terminal.h"
#include "tha4/base/version.h"

namespace tha4::app {

namespace fs = std::filesystem;

namespace {

void add_option_names(const CLI::App& app, std::vector<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    add_option_names(*verb, names);
  }
}

/// "; did you mean '--teacher'?" of the first option that there is not, if one is near.
std::string suggestion(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> names;
  add_option_names(app, names);
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::string given = argument.substr(0, argument.find('='));
    if (!given.starts_with("--") || given.size() < 4) continue;
    if (std::find(names.begin(), names.end(), given) != names.end()) continue;
    const std::string nearest = nearest_name(given, names);
    const bool is_near = 3 * edit_distance(given, nearest) <= given.size();
    return is_near ? "; did you mean '" + nearest + "'?" : "";
  }
  return "";
}

/// The same of the verb, where a command has several and the first argument is none of them. Where that could
/// be something else, one_of() says what.
std::string suggested_verb(const CLI::App& app, int argc, char** argv) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) return "";
  }
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  const std::string given = argc > 1 ? argv[1] : "";
  if (names.empty() || given.empty() || given.starts_with('-')) return "";
  if (std::find(names.begin(), names.end(), given) != names.end()) return "";
  return "; did you mean '" + nearest_name(given, names) + "'?";
}

}  // namespace

CommandLine::CommandLine(std::string name, const std::string& summary, const std::string& examples)
    : name_(std::move(name)), app_(summary, name_) {
  app_.footer("Example:\n" + examples);
  app_.set_version_flag("--version", std::string(version()));
  app_.get_formatter()->column_width(36);
  app_.add_option("--device", device_, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app_.add_option("--log-level", log_level_, "trace, debug, info, warning, error or off")
      ->capture_default_str();
  app_.add_flag("-q,--quiet", quiet_, "Neither progress lines nor messages, but for errors");
}

void CommandLine::describe_device(const std::string& description) {
  app_.get_option("--device")->description(description);
}

void CommandLine::add_config_help(std::string (*help)()) {
  app_.add_flag_callback(
      "--help-config", [help] { throw CLI::CallForVersion(help(), 0); },
      "Explain every setting of a configuration and exit");
}

int CommandLine::run(int argc, char** argv, const std::function<int()>& body) {
  const auto parse_and_run = [&] {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& success) {
      return app_.exit(success);
    } catch (const CLI::ParseError& error) {
      throw InputError(std::string(error.what()) + suggested_verb(app_, argc, argv) +
                       suggestion(app_, argc, argv) + "; " + name_ + " --help lists the options");
    }
    parse_option("--device", device_, check_device_form);
    context_ = parse_option("--log-level", quiet_ ? "error" : log_level_, [&](const std::string& level) {
      return terminal_context({.log_level = level, .shows_progress = !quiet_});
    });
    keep_freed_memory();
    shorten_spins_on_shared_cores();
    return body();
  };
  return run_command(name_, parse_and_run, memory_remedy_);
}

c10::Device CommandLine::device() const {
  return parse_option("--device", device_, parse_device);
}

namespace {

/// Tables that went nowhere, onto a full disk for example, must not look like success.
void check_standard_output() {
  std::cout.flush();
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good()) return;
  const std::string reason = errno == 0 ? "an earlier part of it failed" : std::strerror(errno);
  throw Error("cannot write to standard output: " + reason);
}

}  // namespace

int run_command(const std::string& name, const std::function<int()>& body, const std::string& memory_remedy) {
  const auto report = [&](const std::exception& error) {
    std::fputs((name + ": error: " + error_text(error, memory_remedy) + "\n").c_str(), stderr);
  };
  try {
    const int status = body();
    check_standard_output();
    return status;
  } catch (const Error& error) {
    report(error);
    return error.exit_code();
  } catch (const std::exception& error) {
    report(error);
  }
  return 1;
}

void add_set_option(CLI::App& app, std::vector<std::string>& assignments, const std::string& example) {
  app.add_option("--set", assignments, "key=value: changes one setting, for example " + example)
      ->allow_extra_args(false);
}

void apply_overrides(nlohmann::json& settings, const std::vector<std::string>& assignments) {
  for (const std::string& assignment : assignments) {
    parse_option("--set", assignment, [&](const std::string& text) { apply_override(settings, text); });
  }
}

nlohmann::json with_overrides(nlohmann::json settings, const std::vector<std::string>& assignments) {
  apply_overrides(settings, assignments);
  return settings;
}

Context context_of_rank(Context context, int rank) {
  if (rank == 0) return context;
  context.progress = {};
  if (context.logger) context.logger->set_level(std::max(context.logger->level(), spdlog::level::warn));
  return context;
}

void JsonOutput::add_to(CLI::App& app, const std::string& description) {
  app.add_option("--json", file, description);
}

void JsonOutput::write(const nlohmann::json& result) const {
  if (!file.empty()) write_text_file(file, json_text(result, 2) + "\n");
}

CLI::Validator one_of(std::vector<std::string> names, const std::vector<std::string>& others) {
  const CLI::IsMember members(names);
  names.insert(names.end(), others.begin(), others.end());
  const auto check = [members, names](std::string& given) {
    const std::string problem = members(given);
    const std::string nearest = nearest_name(given, names);
    const bool is_near = 2 * edit_distance(given, nearest) <= given.size();
    return problem.empty() || !is_near ? problem : problem + "; did you mean '" + nearest + "'?";
  };
  return {check, members.get_description()};
}

CLI::Option* add_precision_option(CLI::App& app, std::optional<Precision>& precision,
                                  const std::string& description) {
  const auto parse = [&precision](const std::string& text) {
    precision = parse_option("--precision", text, parse_precision);
  };
  return app.add_option_function<std::string>("--precision", parse, description);
}

CLI::Option* add_teacher_option(CLI::App& app, std::string& name, const std::string& description) {
  return app.add_option("--teacher", name, description);
}

CLI::Option* add_config_option(CLI::App& app, std::string& file, const std::string& description) {
  return app.add_option("--config", file, description);
}

CLI::Option* add_out_option(CLI::App& app, std::string& path, const std::string& description) {
  return app.add_option("--out", path, description);
}

void add_batch_option(CLI::App& app, int& batch, const std::string& description) {
  app.add_option("--batch", batch, description)->check(CLI::Range(1, 1024))->capture_default_str();
}

fs::path preset_file(const std::string& kind, const std::string& preset) {
  std::error_code ignored;
  std::vector<std::string> names;
  for (const fs::path& root : project_roots()) {
    const fs::path folder = root / "configs" / kind;
    if (fs::exists(folder / (preset + ".json"))) return folder / (preset + ".json");
    for (const auto& entry : fs::directory_iterator(folder, ignored))
      names.push_back(entry.path().stem().string());
  }
  if (names.empty()) throw Error("the folder configs/" + kind + " is missing; is the installation whole?");
  throw InputError("there is no preset '" + preset + "'; did you mean '" + nearest_name(preset, names) +
                   "'?");
}

fs::path data_file(const std::string& name) {
  if (const auto file = find_project_file(fs::path("data") / name)) return *file;
  throw Error("the file data/" + name + " is missing; is the installation whole?");
}

}  // namespace tha4::app
