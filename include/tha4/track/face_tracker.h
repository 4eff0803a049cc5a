#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "tha4/track/face_points.h"
#include "tha4/track/rgba_image_view.h"

namespace tha4 {

/// Finds one face in the pictures of a camera, one after the other: by MediaPipe's face detector at first,
/// then where the points of the picture before lead, by MediaPipe's face mesh with attention to lips, eyes
/// and irises. Both are run by kernels of the project's own. What is seen is kept nowhere but for the place
/// of the face.
class FaceTracker {
 public:
  /// \param models  the content of read_tracker_models(). Throws InputError where it is not such a file's.
  explicit FaceTracker(std::span<const std::byte> models);
  ~FaceTracker();
  FaceTracker(FaceTracker&&) noexcept;
  FaceTracker& operator=(FaceTracker&&) noexcept;

  /// The points of the face in \p picture, or none where no face is seen. \p picture may be of any size; of
  /// several faces it is the one that the detector is surest of, and that one until it is lost.
  std::optional<FacePoints> find(const RgbaImageView& picture);

  /// Begins anew: the next face is looked for in the whole picture.
  void forget();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tha4
