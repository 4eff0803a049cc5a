#include "rig_characters.h"

#include <optional>
#include <utility>

#include "tha4/render/rig_renderer.h"
#include "tha4/rig/rig_reach.h"

namespace tha4 {
namespace {

PictureMotion motion_of(const RigFrame& frame) {
  constexpr float kMinAlpha = 0.5F;
  PictureMotion motion;
  motion.flow.assign(frame.flow.begin(), frame.flow.end());
  motion.surface.resize(frame.hidden.size());
  for (std::size_t i = 0; i < motion.surface.size(); ++i) {
    motion.surface[i] = frame.color[4 * i + 3] < kMinAlpha ? SurfaceState::none
                        : frame.hidden[i] != 0             ? SurfaceState::hidden
                                                           : SurfaceState::visible;
  }
  return motion;
}

class RigCharacterRenderer final : public CharacterRenderer {
 public:
  RigCharacterRenderer(std::function<Rig(std::uint64_t)> make_rig, int cuda_device)
      : make_rig_(std::move(make_rig)), cuda_device_(cuda_device) {}

  RgbaImage rest(std::uint64_t index) override {
    return posed(index, std::vector<Pose>(1), PictureMorphs::shown).front();
  }

  std::vector<RgbaImage> posed(std::uint64_t index, std::span<const Pose> poses,
                               PictureMorphs shown) override {
    std::vector<RgbaImage> pictures;
    renderer_of(index).render_each(
        poses, [&](const RigFrame& frame) { pictures.push_back(to_rgba_image(frame)); }, {.picture = shown});
    return pictures;
  }

  Pose within_reach(std::uint64_t index, const Pose& pose) override {
    RigRenderer& renderer = renderer_of(index);
    if (!reach_) reach_ = reach_of(renderer.rig());
    return tha4::within_reach(*reach_, pose);
  }

  std::vector<MovedPicture> moved(std::uint64_t index, std::span<const Pose> poses) override {
    std::vector<MovedPicture> pictures;
    renderer_of(index).render_each(poses,
                                   [&](const RigFrame& frame) {
                                     pictures.push_back({to_rgba_image(frame), motion_of(frame)});
                                   },
                                   {.flow = true});
    return pictures;
  }

 private:
  /// With the rig of the character \p index.
  RigRenderer& renderer_of(std::uint64_t index) {
    if (index == index_) return *renderer_;
    Rig next = make_rig_(index);
    if (renderer_) {
      renderer_->replace_rig(std::move(next));
    } else {
      renderer_.emplace(std::move(next), cuda_device_);
    }
    index_ = index;
    reach_.reset();
    return *renderer_;
  }

  std::function<Rig(std::uint64_t)> make_rig_;
  int cuda_device_;
  std::optional<RigRenderer> renderer_;  ///< goes from character to character: it is dear to make
  std::optional<std::uint64_t> index_;   ///< of the character that it draws
  std::optional<RigReach> reach_;        ///< what moves in that character, once it was asked for
};

}  // namespace

std::unique_ptr<CharacterRenderer> make_rig_character_renderer(std::function<Rig(std::uint64_t)> make_rig,
                                                               int cuda_device) {
  return std::make_unique<RigCharacterRenderer>(std::move(make_rig), cuda_device);
}

}  // namespace tha4
