#include "command_line.h"

#include <cstdio>
#include <vector>

#include "tha4/base/atomic_file.h"
#include "tha4/base/command.h"
#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/base/interrupt.h"
#include "tha4/base/json_text.h"
#include "tha4/base/log.h"
#include "tha4/base/memory.h"
#include "tha4/base/nearest_name.h"
#include "tha4/base/progress.h"
#include "tha4/base/project_files.h"

namespace tha4 {

namespace fs = std::filesystem;

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
      throw InputError(std::string(error.what()) + "; " + name_ + " --help lists the options");
    }
    check_device_form(device_);
    set_up_logging(quiet_ ? "error" : log_level_);
    set_progress_visible(!quiet_);
    install_interrupt_handler();
    keep_freed_memory();
    return body();
  };
  return run_command(name_, parse_and_run, memory_remedy_);
}

c10::Device CommandLine::device() const {
  return parse_device(device_);
}

void JsonOutput::add_to(CLI::App& app, const std::string& description) {
  app.add_option("--json", file, description);
}

void JsonOutput::write(const nlohmann::json& result) const {
  if (!file.empty()) write_text_file(file, json_text(result, 2) + "\n");
}

CLI::Option* add_teacher_option(CLI::App& app, std::string& name, const std::string& description) {
  return app.add_option("--teacher", name, description);
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

}  // namespace tha4
