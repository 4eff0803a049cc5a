#pragma once

#include <vector>

#include "tha4/base/settings.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {

/// The members of the natural distribution; each may be left out.
const Fields<NaturalPoseDistribution>& natural_pose_fields();

/// How poses are drawn, as two members of a struct say it: "distribution" ("natural" or "uniform") beside the
/// members of the natural one. These are read whatever the distribution, and written only of the natural one.
template <class Struct>
std::vector<Field<Struct>> pose_fields(PoseDistribution Struct::*kind,
                                       NaturalPoseDistribution Struct::*natural) {
  const Names<PoseDistribution> names = {{"natural", PoseDistribution::natural},
                                         {"uniform", PoseDistribution::uniform}};
  Field<Struct> members = field::part(natural, natural_pose_fields());
  members.write = [kind, write = std::move(members.write)](const Struct& value, nlohmann::json& object) {
    if (value.*kind == PoseDistribution::natural) write(value, object);
  };
  return {
      field::choice("distribution", kind, names,
                    "How poses are drawn: natural, as characters are posed in animations, which other keys "
                    "describe, or every parameter on its own, uniform in its range."),
      std::move(members)};
}

}  // namespace tha4
