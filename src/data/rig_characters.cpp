#include "rig_characters.h"

#include <optional>
#include <utility>

#include "tha4/render/rig_renderer.h"

namespace tha4 {
namespace {

class RigCharacterRenderer final : public CharacterRenderer {
 public:
  explicit RigCharacterRenderer(std::function<Rig(std::uint64_t)> make_rig)
      : make_rig_(std::move(make_rig)) {}

  RgbaImage rest(std::uint64_t index) override { return posed(index, std::vector<Pose>(1)).front(); }

  std::vector<RgbaImage> posed(std::uint64_t index, std::span<const Pose> poses) override {
    RigRenderer& renderer = renderer_of(index);
    std::vector<RgbaImage> pictures;
    for (const Pose& pose : poses) {
      renderer.render(pose, {}, {}, frame_);
      pictures.push_back(to_rgba_image(frame_));
    }
    return pictures;
  }

 private:
  RigRenderer& renderer_of(std::uint64_t index) {
    if (index != index_) {
      Rig rig = make_rig_(index);
      if (renderer_) {
        renderer_->replace_rig(std::move(rig));
      } else {
        renderer_.emplace(std::move(rig));
      }
      index_ = index;
    }
    return *renderer_;
  }

  std::function<Rig(std::uint64_t)> make_rig_;
  std::optional<RigRenderer> renderer_;  ///< goes from character to character: it is dear to make
  std::optional<std::uint64_t> index_;   ///< of the character that it draws
  RigFrame frame_;                       ///< room for the frame that is drawn
};

}  // namespace

std::unique_ptr<CharacterRenderer> make_rig_character_renderer(std::function<Rig(std::uint64_t)> make_rig) {
  return std::make_unique<RigCharacterRenderer>(std::move(make_rig));
}

}  // namespace tha4
