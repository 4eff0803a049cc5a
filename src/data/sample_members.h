#pragma once

#include <string>
#include <string_view>

#include "tha4/data/triple.h"

namespace tha4 {

/// The largest member of a sample that is read. A 512x512 picture is 1 MiB uncompressed.
inline constexpr std::size_t kMaxPictureMember = std::size_t{4} << 20;
inline constexpr std::size_t kMaxPoseMember = std::size_t{64} << 10;

/// Name of the member that holds the pose, after the key; that of a picture ends in its format.
inline constexpr std::string_view kPoseSuffix = ".pose.json";
inline constexpr std::string_view kRestSuffix = ".rest.";
inline constexpr std::string_view kPosedSuffix = ".posed.";

/// A sample as a shard holds it: the contents of its three members.
struct SampleMembers {
  std::string key;
  std::string rest;   ///< a picture file
  std::string posed;  ///< a picture file
  std::string pose;   ///< JSON: {"character": id, "pose": {name: value of each of the 45 parameters}}
};

/// The content of a pose member.
std::string pose_member(const std::string& character, const Pose& pose);

/// Throws InputError that begins with \p where and names the member, if one is damaged, a picture is not
/// 512x512, a value of the pose is missing or out of range, or the character's id is none.
Triple decode_sample(const SampleMembers& members, const std::string& where);

/// Whether \p text may stand in names of members: letters, digits, '-' and '_', 1 to \p longest of them.
bool is_plain_name(std::string_view text, std::size_t longest);

}  // namespace tha4
