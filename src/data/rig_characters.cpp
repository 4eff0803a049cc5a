#include "rig_characters.h"

#include <optional>
#include <utility>

#include "tha4/render/rig_renderer.h"

namespace tha4 {
namespace {

class RigCharacterRenderer final : public CharacterRenderer {
 public:
  RigCharacterRenderer(std::function<Rig(std::uint64_t)> make_rig, int cuda_device)
      : make_rig_(std::move(make_rig)), cuda_device_(cuda_device) {}

  RgbaImage rest(std::uint64_t index) override { return posed(index, std::vector<Pose>(1)).front(); }

  std::vector<RgbaImage> posed(std::uint64_t index, std::span<const Pose> poses) override {
    std::optional<Rig> next;
    if (index != index_) next = make_rig_(index);
    RigRenderer& renderer = renderer_of(index, std::move(next));
    std::vector<RgbaImage> pictures;
    renderer.render_each(poses, [&](const RigFrame& frame) { pictures.push_back(to_rgba_image(frame)); });
    return pictures;
  }

 private:
  /// \param next  the rig of the character \p index, if another was drawn before
  RigRenderer& renderer_of(std::uint64_t index, std::optional<Rig> next) {
    if (!next) return *renderer_;
    if (renderer_) {
      renderer_->replace_rig(std::move(*next));
    } else {
      renderer_.emplace(std::move(*next), cuda_device_);
    }
    index_ = index;
    return *renderer_;
  }

  std::function<Rig(std::uint64_t)> make_rig_;
  int cuda_device_;
  std::optional<RigRenderer> renderer_;  ///< goes from character to character: it is dear to make
  std::optional<std::uint64_t> index_;   ///< of the character that it draws
};

}  // namespace

std::unique_ptr<CharacterRenderer> make_rig_character_renderer(std::function<Rig(std::uint64_t)> make_rig,
                                                               int cuda_device) {
  return std::make_unique<RigCharacterRenderer>(std::move(make_rig), cuda_device);
}

}  // namespace tha4
