#include "shard_file.h"

#include <algorithm>

#include "tar_stream.h"

#include "tha4/base/error.h"

namespace tha4 {
namespace {

/// A name in a message: from outside, so without what is not printable.
std::string shown(std::string text) {
  constexpr std::size_t kLongest = 120;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return "'" + (text.size() > kLongest ? text.substr(0, kLongest) + "..." : text) + "'";
}

/// tar itself names the files of a folder "./NAME".
std::string_view without_folder(std::string_view name) {
  return name.starts_with("./") ? name.substr(2) : name;
}

std::string_view key_of(std::string_view name) {
  const std::string_view plain = without_folder(name);
  return plain.substr(0, plain.find('.'));
}

/// The part of \p members that a member of the suffix \p suffix is; null for others.
std::string* part_of(SampleMembers& members, std::string_view suffix) {
  if (suffix == kPoseSuffix) return &members.pose;
  if (suffix.starts_with(kRestSuffix)) return &members.rest;
  if (suffix.starts_with(kPosedSuffix)) return &members.posed;
  return nullptr;
}

void check_member(const TarMember& member, std::size_t largest) {
  if (!member.is_plain_file) {
    throw InputError("the member " + shown(member.name) + " is not a regular file");
  }
  if (member.size == 0 || member.size > largest) {
    throw InputError("the member " + shown(member.name) + " has " + std::to_string(member.size) +
                     " bytes; 1 to " + std::to_string(largest) + " are expected");
  }
}

}  // namespace

ShardFile::ShardFile(const std::filesystem::path& file) : file_(file) {
  find_samples();
}

void ShardFile::find_samples() {
  try {
    TarStream tar(file_, 0);
    while (const auto member = tar.next()) {
      const std::string_view key = key_of(member->name);
      if (without_folder(member->name).empty()) continue;
      if (samples_.empty() || samples_.back().key != key) {
        samples_.push_back({std::string(key), member->header_offset});
      }
    }
  } catch (const InputError& error) {
    damage_ = error.what();
  }
}

SampleMembers ShardFile::read(std::uint64_t index) const {
  if (index >= samples_.size()) {
    throw InputError(name() + ": sample " + std::to_string(index + 1) + " is missing; " +
                     (damage_.empty() ? "the file ends after " + std::to_string(samples_.size()) : damage_));
  }
  const Sample& sample = samples_[index];
  try {
    return read_members(sample);
  } catch (const InputError& error) {
    throw InputError(name() + ": sample " + shown(sample.key) + ": " + error.what());
  }
}

SampleMembers ShardFile::read_members(const Sample& sample) const {
  if (!is_plain_name(sample.key, 100)) throw InputError("this is not the name of a sample");
  SampleMembers members;
  members.key = sample.key;
  TarStream tar(file_, sample.offset);
  while (const auto member = tar.next()) {
    if (key_of(member->name) != sample.key) break;
    std::string* const part = part_of(members, without_folder(member->name).substr(sample.key.size()));
    if (part == nullptr) continue;
    check_member(*member, part == &members.pose ? kMaxPoseMember : kMaxPictureMember);
    if (!part->empty()) throw InputError("the member " + shown(member->name) + " is there twice");
    *part = tar.content(*member);
  }
  if (members.rest.empty()) throw InputError("the rest image (KEY.rest.png or .webp) is missing");
  if (members.posed.empty()) throw InputError("the posed image (KEY.posed.png or .webp) is missing");
  if (members.pose.empty()) throw InputError("the pose (KEY.pose.json) is missing");
  return members;
}

}  // namespace tha4
