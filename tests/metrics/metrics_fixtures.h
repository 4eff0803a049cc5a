#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "input_error_message.h"
#include "python_script.h"
#include "test_files.h"
#include <gtest/gtest.h>

namespace tha4 {

/// What make_backbones.py of this folder writes, made once in a process; nothing where there is no Python
/// with PyTorch.
const std::optional<std::filesystem::path>& made_backbones();

}  // namespace tha4
