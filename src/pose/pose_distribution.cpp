#include "tha4/pose/pose_distribution.h"

namespace tha4 {

const Fields<NaturalPoseDistribution>& natural_pose_fields() {
  static const Fields<NaturalPoseDistribution> fields([] {
    std::vector<Field<NaturalPoseDistribution>> list;
    for (const NaturalPoseMember& member : natural_pose_members()) {
      list.push_back(field::optional(
          field::number(std::string(member.name), member.value, {0, 1}, std::string(member.meaning))));
      if (!member.before.empty())
        list.back() = field::renamed(std::string(member.before), std::move(list.back()));
    }
    return list;
  }());
  return fields;
}

}  // namespace tha4
