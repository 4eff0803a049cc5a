#pragma once

#include <cmath>
#include <random>

#include <torch/types.h>

#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// A character of a few flat shapes. Its head is moved and scaled about the middle of the head box.
struct PaintedCharacter {
  double right = 0;  ///< pixels
  double down = 0;
  double scale = 1;
  bool is_upside_down = false;
  bool has_eyes = true;
  bool has_mouth = true;
};

/// The character as it winks and opens its mouth; nothing else of a pose shows.
inline RgbaImage paint(const PaintedCharacter& character, const Pose& pose = {}) {
  const auto value = [&](const char* name) {
    return pose[static_cast<std::size_t>(pose_parameter_index(name))];
  };
  const double left = 1 - value("eye_wink_left"), right = 1 - value("eye_wink_right");
  const double mouth = value("mouth_aaa");
  const auto in_ellipse = [](double x, double y, double cx, double cy, double rx, double ry) {
    return ry > 0 && std::pow((x - cx) / rx, 2) + std::pow((y - cy) / ry, 2) <= 1;
  };
  RgbaImage image(kImageSize, kImageSize);
  for (int row = 0; row < kImageSize; ++row) {
    for (int column = 0; column < kImageSize; ++column) {
      const int upright = character.is_upside_down ? kImageSize - 1 - row : row;
      const double x = 256 + (column + 0.5 - 256 - character.right) / character.scale;
      const double y = 128 + (upright + 0.5 - 128 - character.down) / character.scale;
      std::uint8_t* pixel = &image.pixels[(static_cast<std::size_t>(row) * kImageSize + column) * 4];
      const auto set = [&](std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
        pixel[0] = red, pixel[1] = green, pixel[2] = blue, pixel[3] = 255;
      };
      if (x > 190 && x < 322 && y > 215) set(60, 80, 160);  // body
      if (in_ellipse(x, y, 256, 135, 80, 85)) set(245, 215, 195);
      if (!character.has_eyes) {
      } else if (in_ellipse(x, y, 284, 133, 14, 15 * left) || in_ellipse(x, y, 228, 133, 14, 15 * right)) {
        set(30, 40, 90);
      }
      if (character.has_mouth && in_ellipse(x, y, 256, 184, 16, 2 + 10 * mouth)) set(150, 30, 40);
    }
  }
  return image;
}

/// Poses a painted character.
class PaintedPoser final : public Poser {
 public:
  explicit PaintedPoser(const PaintedCharacter& character)
      : character_(character), rest_image_(to_image_tensor(paint(character))) {}

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window = {}) override {
    std::vector<at::Tensor> frames;
    for (const Pose& pose : to_poses(poses)) frames.push_back(to_image_tensor(paint(character_, pose)));
    PosedFrame frame;
    frame.blended = crop(torch::stack(frames), window.region);
    return frame;
  }

  at::Tensor face(const at::Tensor& poses) override { return pose(poses, {kImageSize, kFaceCrop}).blended; }
  const at::Tensor& rest_image() const override { return rest_image_; }
  at::Device device() const override { return torch::kCPU; }

 private:
  PaintedCharacter character_;
  at::Tensor rest_image_;
};

/// The colours of a photograph in the place of those of \p image: gradients and grain everywhere.
inline RgbaImage like_a_photograph(RgbaImage image) {
  std::mt19937 generator(5);
  std::size_t at = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const double light = 120 + 60 * std::sin(x / 37.0) + 50 * std::cos(y / 51.0);
      for (int channel = 0; channel < 3; ++channel) {
        const auto grain = static_cast<int>(generator() % 7) - 3;
        image.pixels[at++] = static_cast<std::uint8_t>(light + 4 * channel + grain);
      }
      ++at;
    }
  }
  return image;
}

}  // namespace tha4
