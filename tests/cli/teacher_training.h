#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace tha4 {

/// A dataset of triples of \p step ("eyebrows", "face" or "body") for training and testing, drawn once for
/// all tests of the process.
const std::filesystem::path& training_dataset(const std::string& step);

/// While one of these lives, commands compute in one thread, as those of run_command_group() do: sums of
/// several threads round in another way.
struct OneThread {
  OneThread() { ::setenv("OMP_NUM_THREADS", "1", 1); }
  ~OneThread() { ::unsetenv("OMP_NUM_THREADS"); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
};

}  // namespace tha4
