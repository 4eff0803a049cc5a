#pragma once

#include "tha4/base/config.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {

/// How poses are drawn, as an object of a configuration says it.
struct PoseDistributionChoice {
  PoseDistribution kind = PoseDistribution::natural;
  NaturalPoseDistribution natural = {};
};

/// Reads "distribution" ("natural" or "uniform") and, by their names, those members of
/// NaturalPoseDistribution that are there. Throws InputError; refusing other keys is the caller's.
PoseDistributionChoice read_pose_distribution(const ConfigReader& reader);

}  // namespace tha4
