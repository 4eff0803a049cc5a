#pragma once

#include <string>

namespace tha4 {

/// A number that shows how a training does: a point of a curve, a word in the log.
struct Measure {
  std::string name;
  double value = 0;
};

}  // namespace tha4
