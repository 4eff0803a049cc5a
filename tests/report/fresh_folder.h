#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace tha4 {

/// A path for a test's files, with nothing there yet.
inline std::filesystem::path fresh_folder(const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / ("train_report_" + name);
  std::filesystem::remove_all(folder);
  return folder;
}

}  // namespace tha4
