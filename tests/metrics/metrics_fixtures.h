#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace tha4 {

/// A file of tests/data.
std::filesystem::path data_file(const std::string& name);

/// An empty folder for the files of one test.
std::filesystem::path fresh_folder(const std::string& name);

/// What InputError says that \p action throws; another text when it does not.
std::string error_of(const std::function<void()>& action);

/// $THA4_PYTHON, else the project's virtual environment.
std::string python();

/// Runs \p script of this folder with a folder to write to; what it says goes to the output of the test.
/// \return whether there is a Python with PyTorch
bool run_script(const std::string& script, const std::filesystem::path& folder);

}  // namespace tha4
