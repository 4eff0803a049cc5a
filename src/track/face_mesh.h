#pragma once

#include <optional>

#include "network.h"
#include "picture_crop.h"

#include "tha4/track/face_points.h"
#include "tha4/track/rgba_image_view.h"

namespace tha4 {

/// MediaPipe's face mesh with attention.
class FaceMesh {
 public:
  /// Refuses models of other results.
  explicit FaceMesh(ModelReader& models);

  /// The points of the face in \p square, or none where it sees none.
  std::optional<FacePoints> find(const RgbaImageView& picture, const PictureSquare& square);

 private:
  Network network_;
};

/// The square of the next picture in which a face with these points is looked for.
PictureSquare square_of(const FacePoints& face);

/// \p before, or where it differs by more than a face that stands still makes it, what leads to \p now: what
/// a network sees of a still face then stays as it is, and so do its points.
PictureSquare followed_square(const PictureSquare& before, const PictureSquare& now);

}  // namespace tha4
