#include "frame_readback.h"

#include <cstring>

#include "tha4/base/error.h"

namespace tha4 {

/// \param target  may be null, where the frame has no such part
void FrameReadback::ask(Plane& plane, const GlTarget* target, GLuint picture, const Region& region,
                        GLenum format, GLenum type, std::size_t bytes_a_pixel) {
  plane.bytes =
      target == nullptr ? 0 : bytes_a_pixel * static_cast<std::size_t>(region.width) * region.height;
  if (target == nullptr) return;
  glBindBuffer(GL_PIXEL_PACK_BUFFER, plane.buffer.name());
  if (plane.capacity < plane.bytes) {
    plane.capacity = plane.bytes;
    glBufferData(GL_PIXEL_PACK_BUFFER, static_cast<GLsizeiptr>(plane.capacity), nullptr, GL_STREAM_READ);
  }
  target->read(picture, region, format, type, nullptr);
  glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
}

void FrameReadback::ask(std::size_t index, const DrawnFrame& drawn) {
  if (index >= places_.size()) places_.resize(index + 1);
  Place& place = places_[index];
  place.width = drawn.region.width;
  place.height = drawn.region.height;
  const Region face{0, 0, kFaceCrop.width, kFaceCrop.height};
  ask(place.color, drawn.color, 0, drawn.region, GL_RGBA, GL_FLOAT, 4 * sizeof(float));
  ask(place.flow, drawn.flow, 0, drawn.region, GL_RG, GL_FLOAT, 2 * sizeof(float));
  ask(place.hidden, drawn.flow, 1, drawn.region, GL_RED, GL_UNSIGNED_BYTE, 1);
  ask(place.face, drawn.face, 0, face, GL_RGBA, GL_FLOAT, 4 * sizeof(float));
}

template <class Value>
void FrameReadback::take(const Plane& plane, std::vector<Value>& values) {
  values.resize(plane.bytes / sizeof(Value));
  if (plane.bytes == 0) return;
  glBindBuffer(GL_PIXEL_PACK_BUFFER, plane.buffer.name());
  const void* const pixels =
      glMapBufferRange(GL_PIXEL_PACK_BUFFER, 0, static_cast<GLsizeiptr>(plane.bytes), GL_MAP_READ_BIT);
  if (pixels != nullptr) {
    std::memcpy(values.data(), pixels, plane.bytes);
    glUnmapBuffer(GL_PIXEL_PACK_BUFFER);
  }
  glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
  check_memory_of_driver();
  if (pixels == nullptr) throw Error("the OpenGL driver does not give back what it drew");
}

void FrameReadback::take(std::size_t index, RigFrame& frame) const {
  const Place& place = places_[index];
  frame.width = place.width;
  frame.height = place.height;
  take(place.color, frame.color);
  take(place.flow, frame.flow);
  take(place.hidden, frame.hidden);
  take(place.face, frame.face);
}

}  // namespace tha4
