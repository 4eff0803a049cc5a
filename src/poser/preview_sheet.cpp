#include "tha4/poser/preview_sheet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "tha4/image/compositing.h"
#include "tha4/pose/pose_preview.h"
#include "tha4/poser/pictures.h"

namespace tha4 {
namespace {

/// Draws the frame just outside of \p box, as far as it lies within \p image.
void draw_frame(RgbaImage& image, const Region& box) {
  constexpr std::array<std::uint8_t, 4> kRed = {220, 20, 60, 255};
  const auto set = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= image.width || y >= image.height) return;
    const std::size_t at = (static_cast<std::size_t>(y) * image.width + x) * 4;
    std::copy(kRed.begin(), kRed.end(), image.pixels.begin() + static_cast<std::ptrdiff_t>(at));
  };
  for (int x = box.x - 1; x <= box.x + box.width; ++x) {
    set(x, box.y - 1);
    set(x, box.y + box.height);
  }
  for (int y = box.y; y < box.y + box.height; ++y) {
    set(box.x - 1, y);
    set(box.x + box.width, y);
  }
}

}  // namespace

RgbaImage preview_sheet(Poser& poser, HeadBox head_box) {
  std::vector<Pose> poses;
  ContactSheetOptions options{.columns = 4};
  for (LabelledPose& shown : preview_poses()) {
    poses.push_back(shown.pose);
    options.labels.push_back(std::move(shown.label));
  }
  std::vector<RgbaImage> pictures;
  draw_pictures(poser, poses, {}, 1,
                [&](std::size_t, const RgbaImage& picture) { pictures.push_back(picture); });
  if (head_box == HeadBox::shown) draw_head_box(pictures.front());
  return contact_sheet(pictures, options);
}

void draw_head_box(RgbaImage& picture, const FrameWindow& window) {
  const auto scaled = [&](int pixels) {
    return static_cast<int>(std::lround(static_cast<double>(pixels) * window.resolution / kImageSize));
  };
  draw_frame(picture, {scaled(kHeadBox.x) - window.region.x, scaled(kHeadBox.y) - window.region.y,
                       scaled(kHeadBox.width), scaled(kHeadBox.height)});
}

}  // namespace tha4
