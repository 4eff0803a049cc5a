#include "blendshape_painter.h"

#include <algorithm>
#include <utility>

#include "premultiply.h"
#include <torch/types.h>

#include "tha4/engine/fused_student.h"
#include "tha4/image/color.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

constexpr std::ptrdiff_t kPixelBytes = FixedImage::kColors;

void premultiply_run(std::uint8_t* pixels, int count) {
  for (int i = 0; i < count; ++i, pixels += kPixelBytes) {
    std::array<std::uint8_t, 4> pixel;
    std::copy_n(pixels, kPixelBytes, pixel.begin());
    premultiply(pixel);
    std::copy_n(pixel.begin(), kPixelBytes, pixels);
  }
}

}  // namespace

BlendshapePainter::BlendshapePainter(const Character& character, std::shared_ptr<TileWorkers> workers)
    : workers_(std::move(workers)),
      face_(fused_face_morpher(character, workers_)),
      body_(dynamic_cast<BlendshapeBodyRotatorImpl&>(*character.body_rotator), *workers_),
      image_(character.image.width, character.image.height) {
  const at::Tensor rest = to_image_tensor(character.image);
  image_.write(rest.data_ptr<float>(), static_cast<std::ptrdiff_t>(image_.width()) * image_.height(),
               {0, 0, image_.width(), image_.height()});
  image_.find_empty_blocks(kFaceCrop);
}

void BlendshapePainter::paint(const Pose& pose, const FrameWindow& window, AlphaKind alpha,
                              std::uint8_t* pixels) {
  check_window(window);
  const std::lock_guard lock(mutex_);
  const torch::NoGradGuard no_grad;
  const at::Tensor face = face_->draw(to_tensor({&pose, 1}).narrow(1, 0, kFacePoseSize));
  image_.write(face.data_ptr<float>(), static_cast<std::ptrdiff_t>(kFaceCrop.width) * kFaceCrop.height,
               kFaceCrop);
  body_.draw_maps(pose.data(), window);
  const Region& region = window.region;
  body_.draw_pixels(image_, window, [&](const BlendTask& task, float* cells, const BlendBody::Run& run) {
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(run.y - region.y) * region.width;
    std::uint8_t* const place = pixels + (row + run.x - region.x) * kPixelBytes;
    draw_blended_pixels(task, cells, run.offset, run.count, place);
    if (alpha == AlphaKind::premultiplied) premultiply_run(place, run.count);
  });
}

}  // namespace tha4
