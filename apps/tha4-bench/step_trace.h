#pragma once

#include <filesystem>
#include <functional>

#include <c10/core/Device.h>

namespace tha4::app {

/// Runs \p work under LibTorch's profiler and writes what every thread and \p device did to \p file, as a
/// trace that chrome://tracing and ui.perfetto.dev open. Throws InputError where the file cannot be written.
void trace(const std::function<void()>& work, c10::Device device, const std::filesystem::path& file);

}  // namespace tha4::app
