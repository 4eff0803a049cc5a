#include "tha4/data/character_set.h"

#include "stable_hash.h"

#include "tha4/base/error.h"

namespace tha4 {

Pose CharacterRenderer::within_reach(std::uint64_t, const Pose& pose) {
  return pose;
}

std::vector<MovedPicture> CharacterRenderer::moved(std::uint64_t, std::span<const Pose>) {
  throw Error("these characters do not know how their surfaces move");
}

std::string_view split_name(Split split) {
  return split == Split::train ? "train" : "test";
}

Split parse_split(std::string_view text) {
  if (text == split_name(Split::train)) return Split::train;
  if (text == split_name(Split::test)) return Split::test;
  throw InputError("'" + std::string(text) + "' is not a split; use train or test");
}

Split split_of(std::string_view character, double test_fraction) {
  return unit_of(hash_text(character)) < test_fraction ? Split::test : Split::train;
}

}  // namespace tha4
