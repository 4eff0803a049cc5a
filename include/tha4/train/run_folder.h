#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "tha4/base/context.h"

namespace tha4 {

/// How a run treats what its folder already holds.
enum class RunStart {
  fresh,   ///< the folder must be missing or empty
  resume,  ///< the folder must hold a run that was started with the same configuration
};

/// What a stored configuration says in full: another version may have stored fewer keys, which count as their
/// defaults. \p file is for messages.
using CompleteConfig = std::function<nlohmann::json(const nlohmann::json& stored, const std::string& file)>;

/// The folder of one training run: config.json (the configuration as resolved), log.txt, TensorBoard event
/// files, samples/ and checkpoints/. While the object lives, no other process can open the folder as a run.
class RunFolder {
 public:
  /// Opens \p folder and, for a new run, creates it and stores \p config in it. Throws InputError, and
  /// touches nothing that the folder holds, if \p start does not suit it, if another process is writing a run
  /// there, or if the run to be resumed was started with another configuration (the message names the first
  /// key that differs). Throws Error when the folder cannot be written.
  /// \param complete  where it is empty, the stored configuration is taken as it stands
  /// \param context   is told where the folder cannot be locked, as on some file systems of clusters
  RunFolder(std::filesystem::path folder, const nlohmann::json& config, RunStart start,
            const CompleteConfig& complete = {}, const Context& context = {});
  ~RunFolder();

  /// Throws as far as is known before the folder is opened, and touches nothing.
  static void check(const std::filesystem::path& folder, RunStart start);

  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const { return folder_; }
  std::filesystem::path config_file() const { return folder_ / "config.json"; }
  std::filesystem::path log_file() const { return folder_ / "log.txt"; }
  std::filesystem::path samples() const { return folder_ / "samples"; }
  std::filesystem::path checkpoints() const { return folder_ / "checkpoints"; }

  /// Where the event files go: the folder itself, so that TensorBoard calls the run by the folder's name.
  const std::filesystem::path& events() const { return folder_; }

 private:
  class Lock;

  std::filesystem::path folder_;
  std::unique_ptr<Lock> lock_;
};

}  // namespace tha4
