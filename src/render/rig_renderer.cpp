#include "tha4/render/rig_renderer.h"

#include <algorithm>
#include <optional>

#include "frame_drawer.h"
#include "frame_readback.h"
#include "gl_context.h"
#include "gpu_turn.h"

#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

/// Frames that render_each() draws before their colours, 4 MiB each, are taken. In software nothing is gained
/// by several.
constexpr std::size_t kFramesOfAGpuTurn = 16;

void read_colors(const GlTarget& drawn, const Region& region, std::vector<float>& colors) {
  colors.resize(static_cast<std::size_t>(region.width) * region.height * 4);
  drawn.read(0, region, GL_RGBA, GL_FLOAT, colors.data());
}

void read_frame(const DrawnFrame& drawn, RigFrame& frame) {
  const Region& region = drawn.region;
  frame.width = region.width;
  frame.height = region.height;
  read_colors(*drawn.color, region, frame.color);
  frame.face.clear();
  frame.flow.clear();
  frame.hidden.clear();
  if (drawn.face != nullptr) read_colors(*drawn.face, {0, 0, kFaceCrop.width, kFaceCrop.height}, frame.face);
  if (drawn.flow == nullptr) return;
  const std::size_t area = static_cast<std::size_t>(region.width) * region.height;
  frame.flow.resize(2 * area);
  drawn.flow->read(0, region, GL_RG, GL_FLOAT, frame.flow.data());
  frame.hidden.resize(area);
  drawn.flow->read(1, region, GL_RED, GL_UNSIGNED_BYTE, frame.hidden.data());
}

std::unique_ptr<const Rig> checked(Rig rig) {
  check_rig(rig, rig.name.empty() ? "rig" : rig.name);
  return std::make_unique<const Rig>(std::move(rig));
}

void draw_frame(FrameDrawer& drawer, const Pose& pose, const FrameWindow& window,
                const FrameContents& contents, RigFrame& frame) {
  read_frame(drawer.draw(pose, window, contents), frame);
  check_memory_of_driver();
}

}  // namespace

class RigRenderer::Implementation {
 public:
  Implementation(Rig rig, int cuda_device) : rig_(checked(std::move(rig))), context_(cuda_device) {
    const GlContext::Current current(context_);
    drawer_.emplace(*rig_);
  }

  ~Implementation() {
    const GlContext::Current current(context_);
    readback_.reset();
    drawer_.reset();
  }

  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  void replace_rig(Rig rig) {
    std::unique_ptr<const Rig> next = checked(std::move(rig));
    const std::vector<TextureLight> lights = texture_lights(*next);
    const GlContext::Current current(context_);
    const GpuTurn turn(context_);
    drawer_->replace_rig(*next, lights);
    rig_ = std::move(next);
  }

  void draw_all(std::span<const Pose> poses, const FrameContents& contents) {
    const GlContext::Current current(context_);
    const GpuTurn turn(context_);
    if (!readback_) readback_.emplace();
    for (std::size_t i = 0; i < poses.size(); ++i) readback_->ask(i, drawer_->draw(poses[i], {}, contents));
  }

  void take(std::size_t index, RigFrame& frame) const {
    const GlContext::Current current(context_);
    readback_->take(index, frame);
  }

  const Rig& rig() const { return *rig_; }
  const GlContext& context() const { return context_; }
  FrameDrawer& drawer() { return *drawer_; }

 private:
  std::unique_ptr<const Rig> rig_;  ///< stays where it is: the drawer refers to it
  GlContext context_;
  std::optional<FrameDrawer> drawer_;
  std::optional<FrameReadback> readback_;
};

RigRenderer::RigRenderer(Rig rig, int cuda_device)
    : implementation_(std::make_unique<Implementation>(std::move(rig), cuda_device)) {}
RigRenderer::~RigRenderer() = default;
RigRenderer::RigRenderer(RigRenderer&&) noexcept = default;
RigRenderer& RigRenderer::operator=(RigRenderer&&) noexcept = default;

void RigRenderer::replace_rig(Rig rig) {
  implementation_->replace_rig(std::move(rig));
}

const Rig& RigRenderer::rig() const {
  return implementation_->rig();
}
const std::string& RigRenderer::device_name() const {
  return implementation_->context().renderer();
}

void RigRenderer::render(const Pose& pose, const FrameWindow& window, const FrameContents& contents,
                         RigFrame& frame) {
  check_region(window.region, window.resolution, window.resolution);
  const GlContext::Current current(implementation_->context());
  draw_frame(implementation_->drawer(), pose, window, contents, frame);
}

void RigRenderer::render_each(std::span<const Pose> poses, const std::function<void(const RigFrame&)>& use,
                              const FrameContents& contents) {
  const std::size_t max = implementation_->context().draws_in_software() ? 1 : kFramesOfAGpuTurn;
  RigFrame frame;
  while (!poses.empty()) {
    const std::span<const Pose> together = poses.first(std::min(poses.size(), max));
    implementation_->draw_all(together, contents);
    for (std::size_t i = 0; i < together.size(); ++i) {
      implementation_->take(i, frame);
      use(frame);
    }
    poses = poses.subspan(together.size());
  }
}

std::vector<RigFrame> RigRenderer::render(std::span<const Pose> poses, const FrameWindow& window,
                                          const FrameContents& contents) {
  std::vector<RigFrame> frames(poses.size());
  for (std::size_t i = 0; i < poses.size(); ++i) render(poses[i], window, contents, frames[i]);
  return frames;
}

RgbaImage to_rgba_image(const RigFrame& frame) {
  constexpr float kMinVisibleAlpha = 0.5F / 255;
  RgbaImage image(frame.width, frame.height);
  const SrgbLevels& level = srgb_levels();
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    const float alpha = std::min(frame.color[i + 3], 1.0F);
    if (alpha < kMinVisibleAlpha) continue;
    for (std::size_t c = 0; c < 3; ++c) image.pixels[i + c] = level(frame.color[i + c] / alpha);
    image.pixels[i + 3] = static_cast<std::uint8_t>(alpha * 255 + 0.5F);
  }
  return image;
}

RgbaImage draw_rest_image(RigRenderer& renderer) {
  const Pose rest{};
  return to_rgba_image(renderer.render({&rest, 1}, {}, kRestImageContents).front());
}

RgbaImage draw_rig(RigRenderer& renderer, const Pose& pose, int resolution) {
  return to_rgba_image(renderer.render({&pose, 1}, FrameWindow::whole(resolution)).front());
}

}  // namespace tha4
