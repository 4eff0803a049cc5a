#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "frame_times.h"
#include "system.h"

#include "tha4/base/context.h"

namespace tha4::app {

/// How often frames are made.
struct Timing {
  int batch = 1;      ///< frames of a call
  int frames = 1000;  ///< that are timed, rounded up to whole calls
  std::optional<int>
      warm_up;     ///< calls before that; where not given, a second and ten calls, at most three seconds
  int beside = 0;  ///< busy processes, with which all is timed once more
  std::filesystem::path trace;  ///< of a call of the last system's last way, see trace(); empty: none
};

/// What one way to make frames costs.
struct FrameCost {
  std::string title;
  bool as_in_paper = true;
  FrameTimes times;                           ///< fewer than asked for where the user interrupted
  FrameTimes beside;                          ///< the same with busy processes; empty where there were none
  double floor_ms = 0;                        ///< see FrameMaker::floor_ms
  std::int64_t flops = 0;                     ///< of a frame, as FlopCounter counts; 0 of what is drawn
  std::optional<std::int64_t> working_bytes;  ///< most memory of a call beyond what it found, as PeakMemory
};

struct NetworkSize {
  std::string name;
  std::int64_t parameters = 0;
};

/// What one system costs.
struct SystemCost {
  std::string name;
  std::string title;
  std::string opengl;
  std::vector<NetworkSize> networks;
  std::int64_t weight_bytes = 0;  ///< of all networks, in the precision that they are measured in
  std::vector<FrameCost> frames;

  std::int64_t parameters() const;
};

/// Writes what the processor and the GPU do for one call of \p maker to `timing.trace`.
void trace_frames(const FrameMaker& maker, const Timing& timing, c10::Device device);

/// Measures all that \p system does: first its work and memory, a call each, then its times, each call with
/// the next one of the same poses in every run, until the device is done. When the user interrupts, ends with
/// what has been timed by then.
SystemCost measure(const System& system, const Timing& timing, c10::Device device, const Context& context);

}  // namespace tha4::app
