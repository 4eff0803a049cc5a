#include "frame_drawer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace tha4 {
namespace {

/// Pixels of a side that are drawn at a time: larger frames are put together from tiles.
constexpr int kMaxTile = 1024;

constexpr std::array<GLenum, 1> kSampleFormats{GL_RGBA16F};
constexpr std::array<GLenum, 2> kSurfaceFormats{GL_R32F, GL_RG32F};  // which, and how far off
constexpr std::span<const GLenum> kSurfaceAtRestFormats = std::span(kSurfaceFormats).first(1);
constexpr std::array<GLenum, 2> kFrameFormats{GL_RGBA32F, GL_RGBA32F};  // colour and motion
constexpr std::span<const GLenum> kColorFormats = std::span(kFrameFormats).first(1);

}  // namespace

FrameDrawer::FrameDrawer(const Rig& rig)
    : rig_(&rig),
      scene_(std::make_unique<RigScene>(rig, texture_lights(rig))),
      samples_(kSampleFormats, kSamples),
      face_samples_(kSampleFormats, kSamples),
      surfaces_(kSurfaceFormats, 1),
      surfaces_at_rest_(kSurfaceAtRestFormats, 1),
      frame_(kFrameFormats, 1),
      color_(kColorFormats, 1),
      face_(kColorFormats, 1) {}

void FrameDrawer::replace_rig(const Rig& rig, std::span<const TextureLight> lights) {
  scene_ = std::make_unique<RigScene>(rig, lights);
  rig_ = &rig;
}

DrawnFrame FrameDrawer::draw(const Pose& pose, const FrameWindow& window, const FrameContents& contents) {
  upload(pose, contents);
  DrawnFrame drawn{};
  if (contents.face) {
    drawn.face = &face_.get(kFaceCrop.width, kFaceCrop.height, false);
    draw_window({kImageSize, kFaceCrop}, nullptr, /*at_rest=*/true, *drawn.face);
  }
  if (!contents.flow) {
    drawn.color = &color_.get(window.region.width, window.region.height, false);
    draw_window(window, nullptr, /*at_rest=*/false, *drawn.color);
    drawn.region = {0, 0, window.region.width, window.region.height};
    return drawn;
  }
  // The flow beside the character depends on the whole of it.
  drawn.color = &frame_.get(window.resolution, window.resolution, false);
  draw_window(FrameWindow::whole(window.resolution), &draw_surfaces_at_rest(), /*at_rest=*/false,
              *drawn.color);
  drawn.flow = &flow_extender_.extend(drawn.color->texture(1), window.resolution, window.resolution);
  drawn.region = window.region;
  return drawn;
}

void FrameDrawer::upload(const Pose& pose, const FrameContents& contents) {
  std::vector<PosedMesh> meshes = pose_rig(*rig_, pose, /*with_bones=*/false, contents.picture);
  scene_->upload_source(meshes);
  if (contents.skeleton == Skeleton::posed) bend_rig(*rig_, pose, meshes);
  scene_->upload_posed(meshes);
}

/// Which surface each pixel of the expression at rest shows.
const GlTarget& FrameDrawer::draw_surfaces_at_rest() {
  const GlTarget& target = surfaces_at_rest_.get(kImageSize, kImageSize, scene_->uses_depth());
  scene_->draw_surfaces(programs_, target, {}, /*at_rest=*/true);
  return target;
}

/// Draws with motion if \p surfaces_at_rest is given.
void FrameDrawer::draw_window(const FrameWindow& window, const GlTarget* surfaces_at_rest, bool at_rest,
                              const GlTarget& frame) {
  const float scale = static_cast<float>(window.resolution) / kImageSize;
  const glm::ivec2 origin(window.region.x, window.region.y);
  for (int y = 0; y < window.region.height; y += kMaxTile) {
    for (int x = 0; x < window.region.width; x += kMaxTile) {
      const int width = std::min(kMaxTile, window.region.width - x);
      const int height = std::min(kMaxTile, window.region.height - y);
      const RigView tile{scale, glm::vec2(origin + glm::ivec2(x, y))};
      const GlTarget& samples = (at_rest ? face_samples_ : samples_).get(width, height, scene_->uses_depth());
      scene_->draw_colors(programs_, samples, tile, at_rest);
      std::optional<FrameResolver::Surfaces> surfaces;
      if (surfaces_at_rest != nullptr) {
        const GlTarget& posed = surfaces_.get(width, height, scene_->uses_depth());
        scene_->draw_surfaces(programs_, posed, tile, at_rest);
        surfaces.emplace(FrameResolver::Surfaces{posed, *surfaces_at_rest});
      }
      resolver_.resolve(samples, surfaces ? &*surfaces : nullptr, frame, {x, y}, {scale, glm::vec2(origin)});
    }
  }
}

}  // namespace tha4
