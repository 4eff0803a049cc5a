#include <algorithm>

#include "tha4/base/config.h"
#include "tha4/data/dataset_writer.h"
#include "tha4/pose/pose_distribution.h"

namespace tha4 {
namespace {

std::string_view encoding_name(PictureEncoding encoding) {
  return encoding == PictureEncoding::png ? "png" : "webp";
}

PictureEncoding read_encoding(const ConfigReader& reader) {
  const auto name = reader.get<std::string>("format");
  if (name != "png" && name != "webp") reader.fail("format", "must be png or webp");
  return name == "png" ? PictureEncoding::png : PictureEncoding::webp;
}

void read_poses(const ConfigReader& reader, DatasetSettings& settings) {
  const PoseDistributionChoice choice = read_pose_distribution(reader);
  settings.distribution = choice.kind;
  settings.natural = choice.natural;
  reader.reject_unknown_keys();
}

}  // namespace

DatasetSettings parse_dataset_settings(const nlohmann::json& json, const std::string& source) {
  const ConfigReader reader(json, source);
  DatasetSettings settings;
  settings.step = parse_pose_step(reader.get<std::string>("step"));
  settings.poses_per_character = static_cast<int>(reader.integer("poses_per_character", 1, 1'000'000));
  settings.seed = reader.get<std::uint64_t>("seed");
  settings.test_share = reader.number("test_share", 0, 1);
  settings.encoding = read_encoding(reader);
  settings.samples_per_shard = static_cast<int>(reader.integer("samples_per_shard", 1, 1'000'000));
  read_poses(reader.object("poses"), settings);
  reader.reject_unknown_keys();
  return settings;
}

nlohmann::json to_json(const DatasetSettings& settings) {
  const bool is_natural = settings.distribution == PoseDistribution::natural;
  nlohmann::json poses = {{"distribution", is_natural ? "natural" : "uniform"}};
  for (const NaturalPoseMember& member : natural_pose_members()) {
    if (is_natural) poses[std::string(member.name)] = settings.natural.*member.value;
  }
  return {{"step", pose_step_name(settings.step)},
          {"poses_per_character", settings.poses_per_character},
          {"seed", settings.seed},
          {"test_share", settings.test_share},
          {"format", encoding_name(settings.encoding)},
          {"samples_per_shard", settings.samples_per_shard},
          {"poses", poses}};
}

}  // namespace tha4
