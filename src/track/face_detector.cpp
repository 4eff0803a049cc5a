#include "face_detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "model_file.h"

namespace tha4 {
namespace {

constexpr int kDetectorSize = 128;
constexpr float kMinScore = 0.5F;
constexpr float kMinOverlap = 0.3F;     ///< of boxes that are of one face, area shared over area of both
constexpr float kLargerThanBox = 1.5F;  ///< what the mesh sees
constexpr std::size_t kBoxNumbers = 16;

/// Cells whose boxes a result gives: side x side of them, `each` boxes in every one.
struct Cells {
  int side;
  int each;
};
constexpr std::array kCells = {Cells{16, 2}, Cells{8, 6}};

float overlap(const DetectedFace& a, const DetectedFace& b) {
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  if (!(width > 0 && height > 0)) return 0;
  const auto area = [](const DetectedFace& face) {
    return (face.right - face.left) * (face.bottom - face.top);
  };
  return width * height / (area(a) + area(b) - width * height);
}

}  // namespace

std::vector<DetectedFace> decode_faces(const std::vector<float>& scores, const std::vector<float>& boxes) {
  std::vector<DetectedFace> faces;
  std::size_t index = 0;
  for (const Cells& cells : kCells) {
    for (int cell = 0; cell < cells.side * cells.side; ++cell) {
      const int column = cell % cells.side, row = cell / cells.side;
      const float x = (static_cast<float>(column) + 0.5F) / static_cast<float>(cells.side);
      const float y = (static_cast<float>(row) + 0.5F) / static_cast<float>(cells.side);
      for (int i = 0; i < cells.each; ++i, ++index) {
        const float score = 1 / (1 + std::exp(-std::clamp(scores[index], -100.0F, 100.0F)));
        if (!(score >= kMinScore)) continue;
        const float* const box = boxes.data() + index * kBoxNumbers;
        const auto at = [&](std::size_t number) { return box[number] / kDetectorSize; };
        const float middle_x = x + at(0), middle_y = y + at(1);
        DetectedFace face{.score = score,
                          .left = middle_x - at(2) / 2,
                          .top = middle_y - at(3) / 2,
                          .right = middle_x + at(2) / 2,
                          .bottom = middle_y + at(3) / 2,
                          .eyes = {{x + at(4), y + at(5)}, {x + at(6), y + at(7)}}};
        faces.push_back(face);
      }
    }
  }
  return faces;
}

std::optional<DetectedFace> surest_face(const std::vector<DetectedFace>& faces) {
  const auto surest =
      std::max_element(faces.begin(), faces.end(),
                       [](const DetectedFace& a, const DetectedFace& b) { return a.score < b.score; });
  if (surest == faces.end()) return std::nullopt;
  DetectedFace mean;
  float sum = 0;
  for (const DetectedFace& face : faces) {
    if (&face != &*surest && overlap(face, *surest) <= kMinOverlap) continue;
    sum += face.score;
    const auto add = [&](float& to, float value) { to += face.score * value; };
    add(mean.left, face.left);
    add(mean.top, face.top);
    add(mean.right, face.right);
    add(mean.bottom, face.bottom);
    for (int eye = 0; eye < 2; ++eye) {
      for (int axis = 0; axis < 2; ++axis) add(mean.eyes[eye][axis], face.eyes[eye][axis]);
    }
  }
  for (float* const value : {&mean.left, &mean.top, &mean.right, &mean.bottom, &mean.eyes[0][0],
                             &mean.eyes[0][1], &mean.eyes[1][0], &mean.eyes[1][1]}) {
    *value /= sum;
  }
  mean.score = surest->score;
  return mean;
}

FaceDetector::FaceDetector(ModelReader& models) : network_(models) {
  bool fits = network_.input_size() == kDetectorSize && network_.outputs() == 4;
  for (int i = 0; fits && i < 4; ++i) {
    const Cells& cells = kCells[static_cast<std::size_t>(i % 2)];
    const auto side = static_cast<std::size_t>(cells.side);
    const std::size_t boxes = side * side * static_cast<std::size_t>(cells.each);
    fits = network_.output_count(i) == boxes * (i < 2 ? 1 : kBoxNumbers);
  }
  if (!fits) refuse_models("the first network is no face detector");
}

std::optional<PictureSquare> FaceDetector::find(const RgbaImageView& picture) {
  const auto width = static_cast<float>(picture.width), height = static_cast<float>(picture.height);
  const PictureSquare whole{width / 2, height / 2, std::max(width, height), 0};
  crop_picture(picture, whole, PictureEdge::black, kDetectorSize, 2.0F / 255, -1, network_.input());
  network_.run();
  const auto joined = [&](int first) {
    std::vector<float> values = network_.output(first);
    const std::vector<float> more = network_.output(first + 1);
    values.insert(values.end(), more.begin(), more.end());
    return values;
  };
  const std::optional<DetectedFace> face = surest_face(decode_faces(joined(0), joined(2)));
  if (!face) return std::nullopt;
  const PicturePlace middle = place_in(whole, (face->left + face->right) / 2, (face->top + face->bottom) / 2);
  const float side = std::max(face->right - face->left, face->bottom - face->top) * whole.side;
  return PictureSquare{middle.x, middle.y, kLargerThanBox * side,
                       std::atan2(face->eyes[1][1] - face->eyes[0][1], face->eyes[1][0] - face->eyes[0][0])};
}

}  // namespace tha4
