#include "tha4/render/rig_renderer.h"

#include <algorithm>
#include <array>
#include <optional>

#include "flow_extension.h"
#include "frame_resolver.h"
#include "gl_context.h"
#include "rig_scene.h"

#include "tha4/base/error.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

/// Pixels of a side that are drawn at a time: larger frames are put together from tiles.
constexpr int kLargestTile = 1024;

constexpr std::array<GLenum, 1> kSampleFormats{GL_RGBA16F};
constexpr std::array<GLenum, 1> kSurfaceFormats{GL_RGBA32F};
constexpr std::array<GLenum, 2> kFrameFormats{GL_RGBA32F, GL_RGBA32F};  // colour and motion

/// A target that is made anew when another size is asked for.
class ReusedTarget {
 public:
  ReusedTarget(std::span<const GLenum> formats, int samples) : formats_(formats), samples_(samples) {}

  const GlTarget& get(int width, int height, bool has_depth) {
    if (!target_ || target_->width() != width || target_->height() != height) {
      target_.reset();
      target_.emplace(width, height, formats_, samples_, has_depth);
    }
    return *target_;
  }

 private:
  std::span<const GLenum> formats_;
  int samples_;
  std::optional<GlTarget> target_;
};

/// Copies the rows of a tile, four values a pixel, to their place in a frame.
void place_tile(const std::vector<float>& values, const Region& tile, int frame_width,
                std::vector<float>& frame) {
  const std::size_t row = static_cast<std::size_t>(tile.width) * 4;
  for (int y = 0; y < tile.height; ++y) {
    std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(y) * row), row,
                frame.begin() + (static_cast<std::ptrdiff_t>(tile.y + y) * frame_width + tile.x) * 4);
  }
}

/// The parts \p region of each row of a frame of \p width pixels with \p channels values.
template <class Value>
void crop_rows(std::vector<Value>& values, int width, const Region& region, int channels) {
  std::vector<Value> cropped;
  cropped.reserve(static_cast<std::size_t>(region.width) * region.height * channels);
  for (int y = region.y; y < region.y + region.height; ++y) {
    const auto row = values.begin() + (static_cast<std::ptrdiff_t>(y) * width + region.x) * channels;
    cropped.insert(cropped.end(), row, row + static_cast<std::ptrdiff_t>(region.width) * channels);
  }
  values = std::move(cropped);
}

/// Turns what the resolver found out about each pixel into flow and hidden surfaces.
void read_motion(const std::vector<float>& motion, RigFrame& frame) {
  const std::size_t area = static_cast<std::size_t>(frame.width) * frame.height;
  constexpr float kPerPixel = 2.0F / kImageSize;
  std::vector<float> is_seen(area);
  frame.flow.resize(2 * area);
  frame.hidden.resize(area);
  for (std::size_t i = 0; i < area; ++i) {
    frame.flow[2 * i] = motion[4 * i] * kPerPixel;
    frame.flow[2 * i + 1] = motion[4 * i + 1] * kPerPixel;
    is_seen[i] = motion[4 * i + 2];
    frame.hidden[i] = motion[4 * i + 3] > 0.5F ? 1 : 0;
  }
  extend_flow(frame.flow, is_seen, frame.width, frame.height);
}

}  // namespace

class RigRenderer::Implementation {
 public:
  explicit Implementation(Rig rig) : rig_(std::move(rig)) {
    check_rig(rig_, rig_.name.empty() ? "rig" : rig_.name);
    const GlContext::Current current(context_);
    drawing_.emplace(rig_);
  }

  ~Implementation() {
    const GlContext::Current current(context_);
    drawing_.reset();
  }

  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  const Rig& rig() const { return rig_; }
  const GlContext& context() const { return context_; }

  RigFrame render(const Pose& pose, const FrameWindow& window, const FrameContents& contents) {
    upload(pose, contents.skeleton);
    RigFrame frame;
    if (contents.face) frame.face = render_window({kImageSize, kFaceCrop}, nullptr, true).color;
    const FrameWindow whole = FrameWindow::whole(window.resolution);
    const bool crops = contents.flow && window != whole;
    RigFrame drawn = render_window(crops ? whole : window, contents.flow ? &surfaces_at_rest() : nullptr,
                                   /*at_rest=*/false);
    drawn.face = std::move(frame.face);
    if (crops) crop_frame(drawn, window.region);
    return drawn;
  }

 private:
  /// Everything on the graphics device.
  struct Drawing {
    explicit Drawing(const Rig& rig) : scene(rig) {}
    RigScene scene;
    FrameResolver resolver;
    ReusedTarget samples{kSampleFormats, kSamples};
    ReusedTarget face_samples{kSampleFormats, kSamples};
    ReusedTarget frame{kFrameFormats, 1};
    ReusedTarget face{std::span(kFrameFormats).first(1), 1};
    ReusedTarget color{std::span(kFrameFormats).first(1), 1};
    ReusedTarget surfaces{kSurfaceFormats, 1};
    ReusedTarget surfaces_at_rest{kSurfaceFormats, 1};
  };

  void upload(const Pose& pose, Skeleton skeleton) {
    std::vector<PosedMesh> meshes = pose_rig(rig_, pose, /*with_bones=*/false);
    drawing_->scene.upload_source(meshes);
    if (skeleton == Skeleton::posed) bend_rig(rig_, pose, meshes);
    drawing_->scene.upload_posed(meshes);
  }

  /// Which surface each pixel of the expression at rest shows.
  const GlTarget& surfaces_at_rest() {
    const GlTarget& target = drawing_->surfaces_at_rest.get(kImageSize, kImageSize, uses_depth());
    drawing_->scene.draw_surfaces(target, {}, /*at_rest=*/true);
    return target;
  }

  /// Draws with motion if \p surfaces is given.
  RigFrame render_window(const FrameWindow& window, const GlTarget* surfaces, bool at_rest) {
    RigFrame frame;
    frame.width = window.region.width;
    frame.height = window.region.height;
    const std::size_t length = static_cast<std::size_t>(frame.width) * frame.height * 4;
    frame.color.resize(length);
    std::vector<float> motion(surfaces != nullptr ? length : 0);
    for (int y = 0; y < frame.height; y += kLargestTile) {
      for (int x = 0; x < frame.width; x += kLargestTile) {
        const Region tile{x, y, std::min(kLargestTile, frame.width - x),
                          std::min(kLargestTile, frame.height - y)};
        const GlTarget& drawn = render_tile(window, tile, surfaces, at_rest);
        read_tile(drawn, 0, tile, frame.width, frame.color);
        if (surfaces != nullptr) read_tile(drawn, 1, tile, frame.width, motion);
      }
    }
    if (surfaces != nullptr) read_motion(motion, frame);
    return frame;
  }

  const GlTarget& render_tile(const FrameWindow& window, const Region& tile, const GlTarget* surfaces_at_rest,
                              bool at_rest) {
    const RigView view{static_cast<float>(window.resolution) / kImageSize,
                       glm::vec2(window.region.x + tile.x, window.region.y + tile.y)};
    Drawing& drawing = *drawing_;
    const GlTarget& samples =
        (at_rest ? drawing.face_samples : drawing.samples).get(tile.width, tile.height, uses_depth());
    drawing.scene.draw_colors(samples, view, at_rest);
    if (surfaces_at_rest == nullptr) {
      const GlTarget& frame = (at_rest ? drawing.face : drawing.color).get(tile.width, tile.height, false);
      drawing.resolver.resolve(samples, nullptr, frame, view);
      return frame;
    }
    const GlTarget& surfaces = drawing.surfaces.get(tile.width, tile.height, uses_depth());
    drawing.scene.draw_surfaces(surfaces, view, at_rest);
    const FrameResolver::Surfaces both{surfaces, *surfaces_at_rest};
    const GlTarget& frame = drawing.frame.get(tile.width, tile.height, false);
    drawing.resolver.resolve(samples, &both, frame, view);
    return frame;
  }

  void read_tile(const GlTarget& drawn, std::size_t picture, const Region& tile, int frame_width,
                 std::vector<float>& frame) {
    if (tile.width == frame_width &&
        static_cast<std::size_t>(tile.height) * frame_width * 4 == frame.size()) {
      drawn.read(picture, GL_RGBA, frame.data());
      return;
    }
    read_.resize(static_cast<std::size_t>(tile.width) * tile.height * 4);
    drawn.read(picture, GL_RGBA, read_.data());
    place_tile(read_, tile, frame_width, frame);
  }

  static void crop_frame(RigFrame& frame, const Region& region) {
    crop_rows(frame.color, frame.width, region, 4);
    crop_rows(frame.flow, frame.width, region, 2);
    crop_rows(frame.hidden, frame.width, region, 1);
    frame.width = region.width;
    frame.height = region.height;
  }

  bool uses_depth() const { return drawing_->scene.uses_depth(); }

  Rig rig_;
  GlContext context_;
  std::optional<Drawing> drawing_;
  std::vector<float> read_;
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
                                          const FrameContents& contents) {
  check_region(window.region, window.resolution, window.resolution);
  const GlContext::Current current(implementation_->context());
  std::vector<RigFrame> frames;
  frames.reserve(poses.size());
  for (const Pose& pose : poses) frames.push_back(implementation_->render(pose, window, contents));
  if (glGetError() == GL_OUT_OF_MEMORY) {
    throw Error("the OpenGL driver is out of memory; draw at a lower resolution, or fewer rigs at once");
  }
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
