#include "siren_painter.h"

#include <algorithm>
#include <utility>

#include "premultiply.h"

#include "tha4/image/color.h"
#include "tha4/image/srgb.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

/// Paints a tile's pixels.
/// \param pixels  of the window's region
void paint_tile(const TileResults& tile, const PixelImage& image, const FrameWindow& window, AlphaKind alpha,
                std::uint8_t* pixels) {
  const Region& region = window.region;
  std::uint8_t* place =
      pixels + (static_cast<std::ptrdiff_t>(tile.y - region.y) * region.width + tile.x - region.x) * kColors;
  if (tile.values == nullptr) {
    std::fill_n(place, tile.count * kColors, std::uint8_t{0});
    return;
  }
  const float y = pixel_centre(tile.y, window.resolution);
  for (int i = 0; i < tile.count; ++i, place += kColors) {
    const float* const values = tile.values + tile.offset + i;
    auto pixel =
        rgba_pixel(body_pixel(values, pixel_centre(tile.x + i, window.resolution), y, image).blended);
    if (alpha == AlphaKind::premultiplied) premultiply(pixel);
    std::copy(pixel.begin(), pixel.end(), place);
  }
}

}  // namespace

bool is_painted_directly(const Character& character) {
  return character.face_morpher_kind == FaceMorpherKind::siren && can_skip_cells(character);
}

SirenPainter::SirenPainter(const Character& character, std::shared_ptr<TileWorkers> workers,
                           const EmptyCells& empty)
    : workers_(std::move(workers)),
      face_player_(make_siren_program(siren_matrices(state_dict_of(*character.face_morpher), 0)), *workers_),
      body_player_(body_program(*character.body_rotator, resolution_of(character.body_rotator_kind)),
                   *workers_, empty),
      image_(to_image_tensor(character.image)) {}

void SirenPainter::paste_face(const Pose& pose) {
  const auto take = [this](const TileResults& tile) {
    for (int i = 0; i < tile.count; ++i) {
      float* const pixel = image_.pixel(kFaceCrop.x + tile.x + i, kFaceCrop.y + tile.y);
      for (int color = 0; color < kColors; ++color) {
        pixel[color] = tile.values[color * kTileLength + tile.offset + i];
      }
    }
  };
  face_player_.draw(pose.data(), FrameWindow::whole(kFaceCrop.width), std::ref(take));
}

void SirenPainter::paint(const Pose& pose, const FrameWindow& window, AlphaKind alpha, std::uint8_t* pixels) {
  check_window(window);
  const std::lock_guard lock(mutex_);
  paste_face(pose);
  const auto take = [&](const TileResults& tile) { paint_tile(tile, image_, window, alpha, pixels); };
  body_player_.draw(pose.data(), window, std::ref(take));
}

}  // namespace tha4
