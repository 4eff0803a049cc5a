#include "frame_readback.h"

#include <cstring>

#include "tha4/base/error.h"

namespace tha4 {

void FrameReadback::ask(std::size_t index, const DrawnFrame& drawn) {
  if (index >= places_.size()) places_.resize(index + 1);
  Place& place = places_[index];
  place.width = drawn.region.width;
  place.height = drawn.region.height;
  glBindBuffer(GL_PIXEL_PACK_BUFFER, place.buffer.name());
  if (place.capacity < place.bytes()) {
    place.capacity = place.bytes();
    glBufferData(GL_PIXEL_PACK_BUFFER, static_cast<GLsizeiptr>(place.capacity), nullptr, GL_STREAM_READ);
  }
  drawn.color->read(0, drawn.region, GL_RGBA, GL_FLOAT, nullptr);
  glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
}

void FrameReadback::take(std::size_t index, RigFrame& frame) const {
  const Place& place = places_[index];
  frame.width = place.width;
  frame.height = place.height;
  frame.color.resize(place.bytes() / sizeof(float));
  frame.flow.clear();
  frame.hidden.clear();
  frame.face.clear();
  glBindBuffer(GL_PIXEL_PACK_BUFFER, place.buffer.name());
  const void* const pixels =
      glMapBufferRange(GL_PIXEL_PACK_BUFFER, 0, static_cast<GLsizeiptr>(place.bytes()), GL_MAP_READ_BIT);
  if (pixels != nullptr) {
    std::memcpy(frame.color.data(), pixels, place.bytes());
    glUnmapBuffer(GL_PIXEL_PACK_BUFFER);
  }
  glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
  check_memory_of_driver();
  if (pixels == nullptr) throw Error("the OpenGL driver does not give back what it drew");
}

}  // namespace tha4
