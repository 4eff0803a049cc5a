#include "tha4/train/run_folder.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/error.h"
#include "tha4/base/json_text.h"
#include "tha4/base/settings_difference.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigName = "config.json";
constexpr const char* kLockName = "run.lock";

bool holds_run(const fs::path& folder) {
  return fs::exists(folder / kConfigName);
}

/// Whether there is nothing in \p folder but what a run that was killed before it had stored its
/// configuration leaves behind.
bool is_as_good_as_empty(const fs::path& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name != kLockName && !name.starts_with(".config.tmp-")) return false;
  }
  return true;
}

void refuse_unsuitable(const fs::path& folder, RunStart start) {
  if (fs::exists(folder) && !fs::is_directory(folder)) {
    throw InputError(folder.string() + " is a file, not a folder", Remedy::other_output);
  }
  if (start == RunStart::resume) {
    if (holds_run(folder)) return;
    throw InputError(folder.string() + " holds no run to resume (no " + kConfigName + ")",
                     Remedy::resume_or_start);
  }
  if (!fs::exists(folder)) return;
  if (holds_run(folder)) {
    throw InputError(folder.string() + " already holds a run", Remedy::continue_or_other_output);
  }
  if (!is_as_good_as_empty(folder)) {
    throw InputError(folder.string() + " is not empty and holds no run", Remedy::other_output);
  }
}

std::string config_text(const nlohmann::json& config) {
  return json_text(config, 2) + "\n";
}

void refuse_other_config(const fs::path& file, const nlohmann::json& config, const CompleteConfig& complete) {
  nlohmann::json stored = read_json_file(file);
  if (complete) stored = complete(stored, file.string());
  // What cannot be stored, such as infinity, must not count as a difference.
  const auto difference = first_difference(stored, nlohmann::json::parse(config_text(config)));
  if (!difference) return;
  throw InputError("'" + difference->key + "' is " + difference->stored + " in " + file.string() + " and " +
                       difference->present + " now",
                   Remedy::same_run_or_other_output);
}

void create_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error("cannot create the folder " + folder.string() + ": " + failure.message());
}

}  // namespace

/// Holds an exclusive lock on a file. The file stays when the lock is released: a file that is removed can
/// still be locked by a process that has just opened it.
class RunFolder::Lock {
 public:
  Lock(const fs::path& file, const Context& context)
      : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) throw Error("cannot write " + file.string() + ": " + std::strerror(errno));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
      write_process();
      return;
    }
    const int reason = errno;
    const std::string writer = running_writer();
    if (reason == EWOULDBLOCK) {
      ::close(descriptor_);
      throw InputError(file.parent_path().string() + " is being written by another run" + writer,
                       Remedy::wait_or_other_output);
    }
    context.warn(file.string() + " cannot be locked (" + std::strerror(reason) +
                 "): take care that no other run writes into this folder");
  }
  ~Lock() { ::close(descriptor_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  /// The number of the process is only there for the message of another one, so that failures do not matter.
  void write_process() const {
    const std::string process = std::to_string(::getpid());
    if (::ftruncate(descriptor_, 0) != 0) return;
    if (::pwrite(descriptor_, process.data(), process.size(), 0) < 0) return;
  }

  std::string running_writer() const {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(descriptor_, text.data(), text.size(), 0);
    const std::string process(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    const bool is_number = !process.empty() && process.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? " (process " + process + ")" : "";
  }

  int descriptor_;
};

RunFolder::RunFolder(fs::path folder, const nlohmann::json& config, RunStart start,
                     const CompleteConfig& complete, const Context& context)
    : folder_(std::move(folder)) {
  try {
    const fs::path lock_file = folder_ / kLockName;
    // Nothing is created in a folder that is then refused; where a run may be going on, that is said first.
    if (!fs::exists(lock_file)) refuse_unsuitable(folder_, start);
    create_folder(folder_);
    lock_ = std::make_unique<Lock>(lock_file, context);
    refuse_unsuitable(folder_, start);
    if (start == RunStart::resume) {
      refuse_other_config(config_file(), config, complete);
    } else {
      write_text_file(config_file(), config_text(config));
    }
    create_folder(samples());
    create_folder(checkpoints());
  } catch (const fs::filesystem_error& error) {
    throw Error("cannot use the folder " + folder_.string() + ": " + error.code().message());
  }
}

RunFolder::~RunFolder() = default;

void RunFolder::check(const fs::path& folder, RunStart start) {
  refuse_unsuitable(folder, start);
}

}  // namespace tha4
