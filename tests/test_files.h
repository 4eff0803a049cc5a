#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

// Where the files of tests are.

namespace tha4 {

/// A path for one test's files, with nothing there yet; names are those of one test program.
inline std::filesystem::path fresh_path(const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) / name;
  std::filesystem::remove_all(path);
  return path;
}

/// The same, an empty folder.
inline std::filesystem::path fresh_folder(const std::string& name) {
  const std::filesystem::path folder = fresh_path(name);
  std::filesystem::create_directories(folder);
  return folder;
}

/// A file of tests/fixtures.
inline std::filesystem::path data_file(const std::string& name) {
  return std::filesystem::path(THA4_FIXTURES_DIR) / name;
}

/// What may not be copied into the project, such as the published character "lambda_00": looked for in
/// $THA4_REFERENCE_DIR, else beside the project. It may not be there.
inline std::filesystem::path reference_file(const std::string& name) {
  const char* const named = std::getenv("THA4_REFERENCE_DIR");
  return (named != nullptr ? std::filesystem::path(named)
                           : std::filesystem::path(THA4_SOURCE_DIR) / "../shared/reference") /
         name;
}

}  // namespace tha4
