#include "command_runner.h"

#include <csignal>

#include "shaded_disc.h"
#include <fcntl.h>
#include <sys/wait.h>
#include <torch/types.h>
#include <unistd.h>

#include "tha4/base/atomic_file.h"
#include "tha4/image/image_io.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/poser/character.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

int start(const std::string& command, const std::vector<std::string>& arguments, const fs::path& output,
          const fs::path& errors) {
  const std::string path = (fs::path(THA4_BIN_DIR) / command).string();
  std::vector<char*> words = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const int process = ::fork();
  if (process == 0) {
    const auto redirect = [](const fs::path& file, int stream) {
      ::dup2(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), stream);
    };
    redirect(output, STDOUT_FILENO);
    redirect(errors, STDERR_FILENO);
    ::execv(path.c_str(), words.data());
    ::_exit(127);
  }
  return process;
}

int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

CommandResult run_command_line(const std::string& command, const std::vector<std::string>& arguments) {
  const fs::path folder = testing::TempDir();
  const fs::path output = folder / ("cli_output_" + std::to_string(::getpid()));
  const fs::path errors = folder / ("cli_errors_" + std::to_string(::getpid()));
  int status = 0;
  ::waitpid(start(command, arguments, output, errors), &status, 0);
  return {exit_status(status), read_text_file(output), read_text_file(errors)};
}

RunningCommand::RunningCommand(const std::string& command, const std::vector<std::string>& arguments,
                               const fs::path& errors)
    : process_(start(command, arguments, "/dev/null", errors)) {}

void RunningCommand::send(int signal) const {
  ::kill(process_, signal);
}

bool RunningCommand::is_running() {
  if (!ended_ && ::waitpid(process_, &status_, WNOHANG) == process_) ended_ = true;
  return !ended_;
}

int RunningCommand::wait() {
  if (!ended_) ::waitpid(process_, &status_, 0);
  ended_ = true;
  return exit_status(status_);
}

fs::path small_character_folder() {
  const fs::path folder = fs::path(testing::TempDir()) / "cli_small_character";
  if (fs::exists(folder / "character_model.yaml")) return folder;
  torch::manual_seed(1);
  Character character;
  character.image = shaded_disc();
  SirenFaceMorpher face(SirenOptions{.width = 8, .sine_layers = 2});
  SirenBodyRotator body(SirenBodyRotatorOptions{.levels = {{128, 6}, {256, 5}, {512, 4}}});
  torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : body->named_parameters()["last_linear.weight"].unbind(0))
    parameter.mul_(0.02);
  character.face_morpher = face.ptr();
  character.body_rotator = body.ptr();
  save_character(character, folder);
  return folder;
}

}  // namespace tha4
