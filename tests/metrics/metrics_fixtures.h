#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace tha4 {

/// A file of tests/fixtures.
std::filesystem::path data_file(const std::string& name);

/// An empty folder for the files of one test.
std::filesystem::path fresh_folder(const std::string& name);

/// What InputError says that \p action throws; another text when it does not.
std::string error_of(const std::function<void()>& action);

/// $THA4_PYTHON, else the project's virtual environment.
std::string python();

/// What make_backbones.py of this folder writes, made once in a process; nothing where there is no Python
/// with PyTorch.
const std::optional<std::filesystem::path>& made_backbones();

}  // namespace tha4
