#include "tha4/engine/picture_drawer.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "blend_body.h"
#include <torch/types.h>

#include "tha4/engine/fused_student.h"
#include "tha4/image/color.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

class BlendshapeDrawer final : public PictureDrawer {
 public:
  BlendshapeDrawer(const Character& character, std::shared_ptr<TileWorkers> workers)
      : workers_(std::move(workers)),
        face_(fused_face_morpher(character, workers_)),
        body_(dynamic_cast<BlendshapeBodyRotatorImpl&>(*character.body_rotator), *workers_),
        image_(character.image.width, character.image.height) {
    const at::Tensor rest = to_image_tensor(character.image);
    image_.write(rest.data_ptr<float>(), static_cast<std::ptrdiff_t>(image_.width()) * image_.height(),
                 {0, 0, image_.width(), image_.height()});
    image_.find_empty_blocks(kFaceCrop);
  }

  void draw(const Pose& pose, const FrameWindow& window, std::uint8_t* pixels, std::size_t stride) override {
    check_window(window);
    const std::lock_guard lock(mutex_);
    const torch::NoGradGuard no_grad;
    const at::Tensor face = face_->draw(to_tensor({&pose, 1}).narrow(1, 0, kFacePoseSize));
    image_.write(face.data_ptr<float>(), static_cast<std::ptrdiff_t>(kFaceCrop.width) * kFaceCrop.height,
                 kFaceCrop);
    body_.draw_maps(pose.data(), window);
    const Region& region = window.region;
    body_.draw_pixels(image_, window, [&](const BlendTask& task, float* cells, const BlendBody::Run& run) {
      std::uint8_t* const row = pixels + static_cast<std::size_t>(run.y - region.y) * stride;
      draw_blended_pixels(task, cells, run.offset, run.count,
                          row + static_cast<std::ptrdiff_t>(run.x - region.x) * FixedImage::kColors);
    });
  }

 private:
  std::shared_ptr<TileWorkers> workers_;
  std::shared_ptr<StudentFaceMorpher> face_;
  BlendBody body_;
  FixedImage image_;
  std::mutex mutex_;
};

}  // namespace

std::unique_ptr<PictureDrawer> make_picture_drawer(const Character& character,
                                                   std::shared_ptr<TileWorkers> workers) {
  if (character.body_rotator_kind != BodyRotatorKind::blendshape) return nullptr;
  return std::make_unique<BlendshapeDrawer>(character, std::move(workers));
}

}  // namespace tha4
