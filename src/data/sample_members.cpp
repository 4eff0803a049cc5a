#include "sample_members.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tha4/base/config.h"
#include "tha4/base/error.h"
#include "tha4/base/json_nesting.h"
#include "tha4/base/json_text.h"
#include "tha4/image/image_io.h"
#include "tha4/image/region.h"

namespace tha4 {
namespace {

RgbaImage decode_picture(const std::string& bytes, const std::string& name) {
  const auto [width, height] = picture_size(bytes, name);
  if (width != kImageSize || height != kImageSize) {
    throw InputError(name + " is " + std::to_string(width) + "x" + std::to_string(height) + ", not 512x512");
  }
  return decode_image(bytes, name, {.as_stored = true});
}

nlohmann::json parse_json(const std::string& text, const std::string& name) {
  check_json_nesting(text, name);
  nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) throw InputError(name + " is not valid JSON");
  return json;
}

Pose parse_pose(const ConfigReader& reader, const std::string& name) {
  Pose pose{};
  for (std::size_t i = 0; i < pose.size(); ++i) {
    const std::string parameter(pose_parameters()[i].name);
    pose[i] = checked_pose_value(static_cast<int>(i), reader.get<double>(parameter), name);
  }
  reader.reject_unknown_keys();
  return pose;
}

}  // namespace

std::string pose_member(const std::string& character, const Pose& pose) {
  nlohmann::ordered_json values;
  for (std::size_t i = 0; i < pose.size(); ++i) values[std::string(pose_parameters()[i].name)] = pose[i];
  return json_text(nlohmann::ordered_json{{"character", character}, {"pose", values}}) + "\n";
}

Triple decode_sample(const SampleMembers& members, const std::string& where) {
  Triple triple;
  triple.key = members.key;
  const std::string pose_name = where + ": " + members.key + std::string(kPoseSuffix);
  const nlohmann::json json = parse_json(members.pose, pose_name);
  const ConfigReader reader(json, pose_name);
  triple.character = reader.get<std::string>("character");
  if (!is_plain_name(triple.character, 80)) reader.fail("character", "is not the id of a character");
  triple.pose = parse_pose(reader.object("pose"), pose_name);
  triple.rest = decode_picture(members.rest, where + ": the rest image of " + members.key);
  triple.posed = decode_picture(members.posed, where + ": the posed image of " + members.key);
  return triple;
}

bool is_plain_name(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace tha4
