#pragma once

#include <cstddef>
#include <vector>

#include "frame_drawer.h"
#include "gl_objects.h"

namespace tha4 {

/// Colours of frames on their way from the graphics device: they are asked for one after the other and taken
/// when all are drawn, so that neither waits for the other. Its context must be current whenever it is used,
/// and when it is destroyed.
class FrameReadback {
 public:
  /// Has the colours of \p drawn copied to place \p index, counted from 0, while drawing goes on. What was
  /// there is lost.
  void ask(std::size_t index, const DrawnFrame& drawn);

  /// Gives \p frame, which then holds nothing else, the colours that were asked for last at \p index. Throws
  /// Error where the driver had no memory for them.
  void take(std::size_t index, RigFrame& frame) const;

 private:
  struct Place {
    GlBuffer buffer;
    std::size_t capacity = 0;  ///< in bytes
    int width = 0;
    int height = 0;
    std::size_t bytes() const { return static_cast<std::size_t>(width) * height * 4 * sizeof(float); }
  };
  std::vector<Place> places_;
};

}  // namespace tha4
