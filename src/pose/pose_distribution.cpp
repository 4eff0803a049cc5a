#include "tha4/pose/pose_distribution.h"

namespace tha4 {

PoseDistributionChoice read_pose_distribution(const ConfigReader& reader) {
  PoseDistributionChoice choice;
  const auto kind = reader.get<std::string>("distribution");
  if (kind != "natural" && kind != "uniform") reader.fail("distribution", "must be natural or uniform");
  choice.kind = kind == "natural" ? PoseDistribution::natural : PoseDistribution::uniform;
  for (const NaturalPoseMember& member : natural_pose_members()) {
    const std::string name(member.name);
    if (reader.has(name)) choice.natural.*member.value = reader.number(name, 0, 1);
  }
  return choice;
}

}  // namespace tha4
