#pragma once

#include <filesystem>
#include <optional>

#include "distill_work.h"

namespace tha4 {

/// Where a run stands.
struct RunPosition {
  Work work = Work::mask_crops;    ///< what is done next; everything before it is done
  std::int64_t examples_seen = 0;  ///< of that network's training, where it is trained
};

/// \p config with \p factor times as much of what is left to do at \p at: examples, with learning rates,
/// warm-up and phases at the same fractions of what is left; frames of the teacher, as many as pay and as
/// memory has room for; held-out poses, if fewer. What is done stays.
DistillConfig stretched(const DistillConfig& config, const RunPosition& at, double factor);

/// The least fraction of its settings that a network is worth making with.
inline constexpr double kMinScale = 0.05;

/// A schedule that is fitted to a time.
struct FittedSchedule {
  double minutes = 0;  ///< of the whole run
  DistillConfig config;
};

/// \p config stretched or shortened so that what is left takes \p seconds at \p speeds, all known. Throws
/// InputError with the least time, beside \p seconds_before, that the run took by now, where there are too
/// few \p seconds.
/// \param derives_mask  as amounts_of() has it
DistillConfig fit_to_time(const DistillConfig& config, const RunPosition& at, bool derives_mask,
                          const WorkAmounts& speeds, double seconds, double seconds_before);

/// What a run in \p folder was fitted to, if it was.
std::optional<FittedSchedule> read_schedule(const std::filesystem::path& folder);
void write_schedule(const std::filesystem::path& folder, const FittedSchedule& schedule);

}  // namespace tha4
