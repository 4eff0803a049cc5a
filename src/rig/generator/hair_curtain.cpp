#include "hair_curtain.h"

#include <algorithm>
#include <cmath>

#include "hair.h"
#include <glm/common.hpp>

namespace tha4::generator {
namespace {

Points curtain_spine(const Curtain& curtain, float at, float end, float reach, SeededRandom& random) {
  const glm::vec2 root(256 + at * reach * 0.78F, 88);
  const float drop = end - root.y;
  Points spine{root};
  const int bends = curtain.wave > 0 ? std::max(4, static_cast<int>(drop / 34)) : 3;
  const float phase = random.chance(0.5F) ? 1.0F : -1.0F;
  for (int k = 1; k < bends; ++k) {
    const float along = static_cast<float>(k) / static_cast<float>(bends);
    const float half = along < 0.5F ? glm::mix(reach, curtain.middle, along * 2)
                                    : glm::mix(curtain.middle, curtain.width, along * 2 - 1);
    const float swing = curtain.wave * (k % 2 == 0 ? phase : -phase) * (0.4F + along);
    spine.emplace_back(256 + at * half + swing, root.y + drop * along);
  }
  spine.emplace_back(256 + at * curtain.width + curtain.curl * at, end);
  return spine;
}

}  // namespace

void paint_curtain(HairBrush& brush, const Curtain& curtain) {
  const HairDesign& hair = brush.design().hair;
  SeededRandom& random = brush.random();
  const float reach = 71 * hair.volume;
  brush.set_tips(glm::mix(120.0F, curtain.end, 0.35F), curtain.end);
  const Points arc = skull_arc(hair, -1.5F);
  const float inner = curtain.end - curtain.jitter * 2 - 14;
  Points loop = arc;
  loop = joined(loop, smooth_curve(Points{arc.back(),
                                          {256 + curtain.middle * 0.96F, glm::mix(148.0F, inner, 0.5F)},
                                          {256 + curtain.width * 0.86F, inner},
                                          {256, inner + 6},
                                          {256 - curtain.width * 0.86F, inner},
                                          {256 - curtain.middle * 0.96F, glm::mix(148.0F, inner, 0.5F)},
                                          arc.front()}));
  brush.mass(loop, arc, 60, 190, 1.0F);
  const int count = curtain.locks;
  for (int pass = 0; pass < 2; ++pass) {
    for (int i = 0; i < count; ++i) {
      // From the middle outwards, every second one on top: the outline is that of whole locks.
      if (i % 2 != pass) continue;
      const float at = static_cast<float>(i) / static_cast<float>(count - 1) * 2 - 1;
      const float end = curtain.end + random.jitter(curtain.jitter) - std::abs(at) * 4;
      Lock lock;
      lock.spine =
          curtain_spine(curtain, std::clamp(at + random.jitter(0.08F), -1.0F, 1.0F), end, reach, random);
      lock.root_width = curtain.lock_width * 0.35F;
      lock.belly_width = curtain.lock_width * random.uniform(0.85F, 1.15F);
      lock.belly_at = 0.55F;
      lock.tip_width = curtain.tip_width;
      lock.outline_from = 0.12F;
      lock.root_shade = 0.9F;
      // Behind the face and the neck there is no light.
      lock.tip_shade = std::abs(at) < 0.6F && curtain.end < 260 ? 0.7F : 0.15F;
      lock.strands = 3;
      lock.shadow = 0.4F;
      lock.is_streak = brush.picks_streak(0.15F);
      brush.lock(lock);
    }
  }
}

float hair_level(const HairBrush& brush, float length) {
  return 130 + length * brush.design().hair.back_length;
}

float wave_of(const HairBrush& brush, float max) {
  const float wave = brush.design().hair.wave;
  return wave < 0.45F ? 0 : (wave - 0.3F) * max;
}

}  // namespace tha4::generator
