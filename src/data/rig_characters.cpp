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
    std::vector<RgbaImage> pictures;
    for (const RigFrame& frame : renderer_of(index).render(poses)) pictures.push_back(to_rgba_image(frame));
    return pictures;
  }

 private:
  RigRenderer& renderer_of(std::uint64_t index) {
    if (!renderer_ || index != index_) {
      renderer_.reset();
      renderer_.emplace(make_rig_(index));
      index_ = index;
    }
    return *renderer_;
  }

  std::function<Rig(std::uint64_t)> make_rig_;
  std::optional<RigRenderer> renderer_;
  std::uint64_t index_ = 0;
};

}  // namespace

std::unique_ptr<CharacterRenderer> make_rig_character_renderer(std::function<Rig(std::uint64_t)> make_rig) {
  return std::make_unique<RigCharacterRenderer>(std::move(make_rig));
}

}  // namespace tha4
