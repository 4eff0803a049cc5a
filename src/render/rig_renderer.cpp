#include "tha4/render/rig_renderer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "gl_context.h"
#include "rig_scene.h"

#include "tha4/base/error.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

/// Samples of a pixel along each side.
constexpr int kSamples = 2;

/// Pixels of a side that are drawn at a time: larger frames are put together from tiles.
constexpr int kLargestTile = 1024;

/// Averages the samples of a tile into its part of the frame.
void average_samples(const std::vector<float>& samples, const Region& tile, RigFrame& frame) {
  const auto row_length = static_cast<std::size_t>(tile.width) * kSamples * 4;
  for (int y = 0; y < tile.height; ++y) {
    const float* const first = samples.data() + static_cast<std::size_t>(y) * 2 * row_length;
    const float* const second = first + row_length;
    float* to = frame.color.data() + (static_cast<std::size_t>(tile.y + y) * frame.width + tile.x) * 4;
    for (std::size_t x = 0; x < static_cast<std::size_t>(tile.width); ++x) {
      for (std::size_t c = x * 8; c < x * 8 + 4; ++c) {
        *to++ = 0.25F * (first[c] + first[c + 4] + second[c] + second[c + 4]);
      }
    }
  }
}

}  // namespace

class RigRenderer::Implementation {
 public:
  explicit Implementation(Rig rig) : rig_(std::move(rig)) {
    const GlContext::Current current(context_);
    scene_.emplace(rig_);
  }

  ~Implementation() {
    const GlContext::Current current(context_);
    target_.reset();
    scene_.reset();
  }

  const Rig& rig() const { return rig_; }
  const GlContext& context() const { return context_; }

  RigFrame render(const Pose& pose, const FrameWindow& window, Skeleton skeleton) {
    const std::vector<PosedMesh> source = pose_rig(rig_, pose, false);
    scene_->upload(skeleton == Skeleton::posed ? pose_rig(rig_, pose) : source, source);
    RigFrame frame;
    frame.width = window.region.width;
    frame.height = window.region.height;
    frame.color.resize(static_cast<std::size_t>(frame.width) * frame.height * 4);
    for (int y = 0; y < frame.height; y += kLargestTile) {
      for (int x = 0; x < frame.width; x += kLargestTile) {
        const Region tile{x, y, std::min(kLargestTile, frame.width - x),
                          std::min(kLargestTile, frame.height - y)};
        render_tile(window, tile, frame);
      }
    }
    return frame;
  }

 private:
  void render_tile(const FrameWindow& window, const Region& tile, RigFrame& frame) {
    const int width = tile.width * kSamples;
    const int height = tile.height * kSamples;
    if (!target_ || target_->width() != width || target_->height() != height) {
      target_.reset();
      target_.emplace(width, height, std::array<GLenum, 1>{GL_RGBA16F}, scene_->uses_depth());
    }
    RigView view;
    view.scale = static_cast<float>(window.resolution * kSamples) / kImageSize;
    view.origin = {(window.region.x + tile.x) * kSamples, (window.region.y + tile.y) * kSamples};
    scene_->draw(*target_, view, /*at_rest=*/false);
    samples_.resize(static_cast<std::size_t>(width) * height * 4);
    target_->read(0, GL_RGBA, samples_.data());
    average_samples(samples_, tile, frame);
  }

  Rig rig_;
  GlContext context_;
  std::optional<RigScene> scene_;
  std::optional<GlTarget> target_;
  std::vector<float> samples_;
};

RigRenderer::RigRenderer(Rig rig) : implementation_(std::make_unique<Implementation>(std::move(rig))) {}
RigRenderer::~RigRenderer() = default;
RigRenderer::RigRenderer(RigRenderer&&) noexcept = default;
RigRenderer& RigRenderer::operator=(RigRenderer&&) noexcept = default;

const Rig& RigRenderer::rig() const {
  return implementation_->rig();
}
const std::string& RigRenderer::device_name() const {
  return implementation_->context().renderer();
}

std::vector<RigFrame> RigRenderer::render(std::span<const Pose> poses, const FrameWindow& window,
                                          Skeleton skeleton) {
  check_region(window.region, window.resolution, window.resolution);
  const GlContext::Current current(implementation_->context());
  std::vector<RigFrame> frames;
  for (const Pose& pose : poses) frames.push_back(implementation_->render(pose, window, skeleton));
  return frames;
}

RgbaImage to_rgba_image(const RigFrame& frame) {
  constexpr float kLeastVisibleAlpha = 0.5F / 255;
  RgbaImage image(frame.width, frame.height);
  const SrgbLevels& level = srgb_levels();
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    const float alpha = std::min(frame.color[i + 3], 1.0F);
    if (alpha < kLeastVisibleAlpha) continue;
    for (std::size_t c = 0; c < 3; ++c) image.pixels[i + c] = level(frame.color[i + c] / alpha);
    image.pixels[i + 3] = static_cast<std::uint8_t>(alpha * 255 + 0.5F);
  }
  return image;
}

RgbaImage draw_rig(RigRenderer& renderer, const Pose& pose, int resolution) {
  return to_rgba_image(renderer.render({&pose, 1}, FrameWindow::whole(resolution)).front());
}

}  // namespace tha4
