#include "distill_fields.h"

#include "tha4/pose/pose_distribution.h"

namespace tha4 {

const Fields<PoseSource>& pose_source_fields() {
  static const Fields<PoseSource> fields(
      [] {
        auto list = pose_fields(&PoseSource::distribution, &PoseSource::natural);
        list.push_back(field::seed("seed", &PoseSource::seed, "Seed of the poses."));
        return list;
      }(),
      nullptr, "poses");
  return fields;
}

}  // namespace tha4
