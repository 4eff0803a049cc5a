#include "tha4/track/face_tracker.h"

#include "face_detector.h"
#include "face_mesh.h"
#include "model_file.h"

namespace tha4 {

struct FaceTracker::State {
  explicit State(ModelReader models) : detector(models), mesh(models) { models.finish(); }

  FaceDetector detector;
  FaceMesh mesh;
  std::optional<PictureSquare> square;  ///< where the last picture's face was
};

FaceTracker::FaceTracker(std::span<const std::byte> models)
    : state_(std::make_unique<State>(ModelReader(models))) {}
FaceTracker::~FaceTracker() = default;
FaceTracker::FaceTracker(FaceTracker&&) noexcept = default;
FaceTracker& FaceTracker::operator=(FaceTracker&&) noexcept = default;

std::optional<FacePoints> FaceTracker::find(const RgbaImageView& picture) {
  if (picture.pixels == nullptr || picture.width <= 0 || picture.height <= 0) return std::nullopt;
  std::optional<PictureSquare>& square = state_->square;
  if (square) {
    if (const std::optional<FacePoints> face = state_->mesh.find(picture, *square)) {
      square = followed_square(*square, square_of(*face));
      return face;
    }
  }
  square = state_->detector.find(picture);
  if (!square) return std::nullopt;
  // The detector's square is a rough one: the mesh's own points lead to a better one at once.
  std::optional<FacePoints> face;
  for (int i = 0; i < 2 && square; ++i) {
    face = state_->mesh.find(picture, *square);
    square = face ? std::optional(square_of(*face)) : std::nullopt;
  }
  return face;
}

void FaceTracker::forget() {
  state_->square.reset();
}

}  // namespace tha4
