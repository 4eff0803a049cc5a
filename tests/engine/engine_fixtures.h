#pragma once

#include <cstdlib>
#include <filesystem>

#include "tha4/image/color.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {

inline at::Tensor some_poses(int count, PoseDistribution kind = PoseDistribution::natural) {
  return to_tensor(sample_poses(kind, count, 11));
}

/// The folder of the published character lambda_00, which may not be copied into the project; empty where it
/// is not there.
inline std::filesystem::path published_character_folder() {
  const char* const named = std::getenv("THA4_REFERENCE_DIR");
  const std::filesystem::path folder =
      (named != nullptr ? std::filesystem::path(named)
                        : std::filesystem::path(THA4_SOURCE_DIR) / "../shared/reference") /
      "lambda_00";
  return std::filesystem::exists(folder) ? folder : std::filesystem::path();
}

}  // namespace tha4
