#pragma once

#include <optional>
#include <span>

#include "gl_objects.h"

namespace tha4 {

/// A target that is made anew when another size is asked for, or depth where there was none or the reverse.
class ReusedTarget {
 public:
  ReusedTarget(std::span<const GLenum> formats, int samples) : formats_(formats), samples_(samples) {}

  const GlTarget& get(int width, int height, bool has_depth);

 private:
  std::span<const GLenum> formats_;
  int samples_;
  std::optional<GlTarget> target_;
};

}  // namespace tha4
