#include "tha4/engine/frame_painter.h"

#include <algorithm>
#include <utility>

#include "blendshape_painter.h"
#include "premultiply.h"
#include "siren_painter.h"
#include <torch/types.h>

#include "tha4/engine/fused_student.h"
#include "tha4/image/color.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/student_poser.h"

namespace tha4 {
namespace {

/// Of any poser.
class PoserPainter final : public FramePainter {
 public:
  explicit PoserPainter(std::shared_ptr<Poser> poser) : poser_(std::move(poser)) {}

  void paint(const Pose& pose, const FrameWindow& window, AlphaKind alpha, std::uint8_t* pixels) override {
    const RgbaImage image = to_rgba_image(poser_->pose(to_tensor({&pose, 1}), window).blended[0]);
    for (std::size_t i = 0; i < image.pixels.size(); i += kColors, pixels += kColors) {
      std::array<std::uint8_t, 4> pixel;
      std::copy_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(i), kColors, pixel.begin());
      if (alpha == AlphaKind::premultiplied) premultiply(pixel);
      std::copy(pixel.begin(), pixel.end(), pixels);
    }
  }

 private:
  std::shared_ptr<Poser> poser_;
};

}  // namespace

std::unique_ptr<FramePainter> make_painter(const Character& character, std::shared_ptr<TileWorkers> workers,
                                           const EmptyCells& empty) {
  if (is_painted_directly(character)) {
    return std::make_unique<SirenPainter>(character, std::move(workers), empty);
  }
  if (character.body_rotator_kind == BodyRotatorKind::blendshape) {
    return std::make_unique<BlendshapePainter>(character, std::move(workers));
  }
  return make_painter(
      std::make_shared<StudentPoser>(fused(character, std::move(workers), empty), c10::Device(c10::kCPU)));
}

std::unique_ptr<FramePainter> make_painter(std::shared_ptr<Poser> poser) {
  return std::make_unique<PoserPainter>(std::move(poser));
}

}  // namespace tha4
