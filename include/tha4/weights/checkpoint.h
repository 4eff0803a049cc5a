#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include <nlohmann/json.hpp>

#include "tha4/base/context.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// All that a run needs to go on as if it had never stopped: tensors (weights, the optimiser's moments,
/// states of random generators) and everything else as JSON. One safetensors file, so that other programs can
/// take the tensors out.
struct Checkpoint {
  StateDict tensors;
  nlohmann::json state;
};

/// Writes \p checkpoint as checkpoints/NNNNNNNNNN.safetensors of the run folder \p run, named after
/// \p examples_seen, and returns its path; it appears whole or not at all. Of all checkpoints there, the
/// \p keep newest stay, by examples seen; the one just written always does. What a killed process left
/// half-written is removed. Numbers of `state` come back exactly; NaN and infinities come back as null.
/// Throws Error.
std::filesystem::path write_checkpoint(const std::filesystem::path& run, std::int64_t examples_seen,
                                       const Checkpoint& checkpoint, int keep);

/// The newest checkpoint of \p run that is whole, by its checksum; nothing when there is none at all. Damaged
/// ones are passed over with a warning in the log of \p context. Throws InputError where there are no others.
std::optional<std::filesystem::path> latest_checkpoint(const std::filesystem::path& run,
                                                       const Context& context = {});

/// Throws InputError when \p file is damaged or no checkpoint.
Checkpoint read_checkpoint(const std::filesystem::path& file);

}  // namespace tha4
