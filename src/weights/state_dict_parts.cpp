#include "tha4/weights/state_dict_parts.h"

namespace tha4 {

StateDict part_of(const StateDict& state, const std::string& prefix) {
  StateDict part;
  for (const auto& item : state) {
    if (item.key().starts_with(prefix)) part.insert(item.key().substr(prefix.size()), item.value());
  }
  return part;
}

void add_part(StateDict& state, const std::string& prefix, const StateDict& part) {
  for (const auto& item : part) state.insert(prefix + item.key(), item.value());
}

}  // namespace tha4
