#pragma once

#include <optional>

#include <CLI/CLI.hpp>

#include "tha4/nn/teacher/teacher_architecture.h"

namespace tha4 {

/// Adds --arch, the architecture of the networks that --teacher names; \p architecture must outlive \p app.
/// InputError of a wrong one names the nearest right one.
void add_architecture_option(CLI::App& app, std::optional<Architecture>& architecture);

}  // namespace tha4
