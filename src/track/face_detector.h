#pragma once

#include <optional>
#include <span>
#include <vector>

#include "network.h"
#include "picture_crop.h"

#include "tha4/track/rgba_image_view.h"

namespace tha4 {

/// A face as the detector sees it; places in [0, 1] of what it sees.
struct DetectedFace {
  float score = 0;  ///< 0 to 1
  float left = 0, top = 0, right = 0, bottom = 0;
  float eyes[2][2] = {};  ///< x and y of the one at the picture's left, then of the other
};

/// The faces that the detector's four results tell of, at least half sure. \p scores and \p boxes are of the
/// cells of 16x16, two each, then of those of 8x8, six each.
std::vector<DetectedFace> decode_faces(const std::vector<float>& scores, const std::vector<float>& boxes);

/// The face that is surest, as the mean of those that overlap it, weighted by how sure they are.
std::optional<DetectedFace> surest_face(const std::vector<DetectedFace>& faces);

/// MediaPipe's face detector for short range.
class FaceDetector {
 public:
  /// Refuses models of other results.
  explicit FaceDetector(ModelReader& models);

  /// The square of \p picture that the face mesh should see.
  std::optional<PictureSquare> find(const RgbaImageView& picture);

 private:
  Network network_;
};

}  // namespace tha4
