#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "frame_drawer.h"
#include "gl_objects.h"

namespace tha4 {

/// Frames on their way from the graphics device: they are asked for one after the other and taken when all
/// are drawn, so that neither waits for the other. Its context must be current whenever it is used, and when
/// it is destroyed.
class FrameReadback {
 public:
  /// Has what \p drawn holds copied to place \p index, counted from 0, while drawing goes on. What was there
  /// is lost.
  void ask(std::size_t index, const DrawnFrame& drawn);

  /// Gives \p frame, which then holds nothing else, what was asked for last at \p index. Throws Error where
  /// the driver had no memory for it.
  void take(std::size_t index, RigFrame& frame) const;

 private:
  /// A part of a frame.
  struct Plane {
    GlBuffer buffer;
    std::size_t capacity = 0;  ///< in bytes
    std::size_t bytes = 0;     ///< 0: the frame has no such part
  };
  struct Place {
    int width = 0;
    int height = 0;
    Plane color, flow, hidden, face;
  };

  static void ask(Plane& plane, const GlTarget* target, GLuint picture, const Region& region, GLenum format,
                  GLenum type, std::size_t bytes_a_pixel);
  template <class Value>
  static void take(const Plane& plane, std::vector<Value>& values);

  std::vector<Place> places_;
};

}  // namespace tha4
