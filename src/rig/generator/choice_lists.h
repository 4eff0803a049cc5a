#pragma once

#include <string>
#include <vector>

#include "kinds.h"

namespace tha4::generator {

/// The lists of choices.json that offer the kinds of one family.
struct ChoiceList {
  KindNames kinds;
  std::vector<std::string> paths;  ///< JSON pointers, such as "/face/shapes"; objects of weights by name
};

/// One of each family of kinds.
const std::vector<ChoiceList>& choice_lists();

}  // namespace tha4::generator
