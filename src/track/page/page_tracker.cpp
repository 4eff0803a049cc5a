// The face tracker as a page sees it: functions of WebAssembly, made by scripts/build_tracker_kernel.sh;
// nothing here is part of the library. src/export/page/tracker.js calls them, one after the other.

#include <cstdint>
#include <cstdlib>
#include <optional>

#include "model_file.h"

#include "tha4/track/face_tracker.h"
#include "tha4/track/pose_from_face.h"

namespace tha4 {

void refuse_models(const char*) {
  __builtin_trap();
}

namespace {

struct PageTracker {
  FaceTracker tracker;
  PoseFromFace poser;
  std::optional<FacePoints> face;  ///< the last one that was found
  Pose pose{};
};

PageTracker* page_tracker = nullptr;

}  // namespace
}  // namespace tha4

extern "C" {

/// Memory for what the page gives; 0 where there is none.
void* take_memory(std::uint32_t bytes) {
  return std::malloc(bytes);
}

void free_memory(void* memory) {
  std::free(memory);
}

/// Begins with the file of models, which is not needed afterwards. Traps where it is none.
void open_tracker(const std::byte* models, std::uint32_t bytes) {
  delete tha4::page_tracker;
  tha4::page_tracker = new tha4::PageTracker{tha4::FaceTracker({models, bytes}), {}, {}, {}};
}

/// Looks for a face in a picture and makes a pose.
/// \param gains  brows, eyes, iris, mouth, head, body
/// \return 1 where there is a face, else 0
int update_tracker(const std::uint8_t* pixels, int width, int height, double seconds, int mirror,
                   const float* gains) {
  tha4::PageTracker& page = *tha4::page_tracker;
  const std::optional<tha4::FacePoints> face = page.tracker.find({pixels, width, height});
  const tha4::TrackingSettings settings{mirror != 0,
                                        {gains[0], gains[1], gains[2], gains[3], gains[4], gains[5]}};
  page.pose = page.poser.update(face, seconds, settings);
  if (face) page.face = face;
  return face ? 1 : 0;
}

/// Points of the last face, 478 times x, y, z; 0 where there was none.
const float* tracker_points() {
  const tha4::PageTracker& page = *tha4::page_tracker;
  return page.face ? &page.face->points.front().x : nullptr;
}

/// Pitch, yaw and roll of the last face, in degrees.
const float* tracker_angles() {
  return &tha4::page_tracker->poser.angles().pitch;
}

const float* tracker_pose() {
  return tha4::page_tracker->pose.data();
}

void set_tracker_neutral() {
  tha4::page_tracker->poser.set_neutral();
}

}  // extern "C"
