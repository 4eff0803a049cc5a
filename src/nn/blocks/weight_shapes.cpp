#include "tha4/nn/blocks/weight_shapes.h"

#include <algorithm>

#include "tha4/base/error.h"

namespace tha4 {

WeightShapes WeightShapes::under(const std::string& prefix) const {
  WeightShapes part = *this;
  part.prefix_ += prefix;
  return part;
}

bool WeightShapes::has(const std::string& key) const {
  return state_->contains(prefix_ + key);
}

std::int64_t WeightShapes::size(const std::string& key, std::int64_t axis, std::int64_t max) const {
  const auto* tensor = state_->find(prefix_ + key);
  if (tensor == nullptr) fail(key, "is missing: these are not the weights of such a network");
  if (axis >= tensor->dim()) {
    fail(key, "has only " + std::to_string(tensor->dim()) + " dimensions");
  }
  const std::int64_t size = tensor->size(axis);
  if (size < 1 || size > max) {
    fail(key, "has size " + std::to_string(size) + " in dimension " + std::to_string(axis) + ", not 1 to " +
                  std::to_string(max));
  }
  return size;
}

std::int64_t WeightShapes::count(const std::string& list, std::int64_t max) const {
  const auto keys = state_->keys();
  std::int64_t blocks = 0;
  const auto has_block = [&] {
    const std::string start = prefix_ + list + "." + std::to_string(blocks) + ".";
    return std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return key.starts_with(start); });
  };
  while (has_block()) {
    if (++blocks > max) fail(list, "has more than " + std::to_string(max) + " blocks");
  }
  return blocks;
}

void WeightShapes::fail(const std::string& key, const std::string& problem) const {
  throw InputError(source_ + ": " + prefix_ + key + " " + problem);
}

}  // namespace tha4
