#include "hair.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "airbrush.h"
#include "face_parts.h"
#include "hair_strays.h"
#include "layers.h"
#include "sheet.h"
#include "skeleton.h"
#include <glm/common.hpp>

namespace tha4::generator {
namespace {

/// The hair on the skull above the forehead, which the locks of the fringe grow from.
void paint_cap(HairBrush& brush) {
  const HairDesign& hair = brush.design().hair;
  const Points arc = skull_arc(hair);
  const Points hairline = smooth_curve(Points{
      arc.back(), {256 + 53, 108}, {256 + 34, 84}, {256, 73}, {256 - 34, 84}, {256 - 53, 108}, arc.front()});
  brush.mass(joined(arc, hairline), arc, hair.top + 20, 116, 0.55F);
  // Hair standing off the outline a little.
  SeededRandom& random = brush.random();
  const int strays = 3 + static_cast<int>(6 * hair.spikiness);
  for (int i = 0; i < strays; ++i) {
    const float at = random.uniform(0.08F, 0.92F);
    if (std::abs(at - 0.5F) < 0.1F) continue;
    const glm::vec2 root = point_at(arc, at);
    const float side = at < 0.5F ? -1.0F : 1.0F;
    const float size = random.uniform(5, 9) * (0.6F + 0.7F * hair.spikiness);
    Lock tuft;
    tuft.spine = {root + glm::vec2(-side * 14, -1), root + glm::vec2(-side * 3, 0.5F),
                  root + glm::vec2(side * size * 0.8F, size * random.uniform(0.5F, 1.1F))};
    tuft.root_width = 3;
    tuft.belly_width = 6;
    tuft.outline_from = 0.45F;
    tuft.root_shade = 0;
    tuft.shadow = 0;
    tuft.strands = 0;
    brush.lock(tuft);
  }
}

void paint_band(HairBrush& brush) {
  const HairDesign& hair = brush.design().hair;
  const float reach = 56 * hair.volume;
  const float level = glm::mix(hair.top, 108.0F, 0.5F);
  const auto band_at = [&](float x) {
    const float aside = (x - 256) / reach;
    return level - 4 + 15 * aside * aside;
  };
  SeededRandom& random = brush.random();
  const Points within = joined(skull_arc(hair, -3), Points{{330, 150}, {182, 150}});
  brush.highlight_band({256, hair.top}, 256 - reach * random.uniform(0.8F, 0.95F),
                       256 - reach * random.uniform(0.05F, 0.3F), band_at, 17, within);
  brush.highlight_band({256, hair.top}, 256 - reach * random.uniform(-0.02F, 0.12F),
                       256 + reach * random.uniform(0.75F, 0.9F), band_at, 13, within);
}

/// Paints the strands on top of the head.
struct AhogeBrush {
  HairBrush* hair;
  glm::vec2 root;
  float rise;  ///< how high they may reach above the root
  float way;   ///< 1 if they fall to the right of the picture, otherwise -1

  /// One strand through points that are so far from the root; y is a fraction of the rise.
  void strand(std::initializer_list<glm::vec2> offsets, float width) const {
    Lock lock;
    lock.spine = {root};
    for (const glm::vec2 offset : offsets) lock.spine.push_back(root + glm::vec2(offset.x, -rise * offset.y));
    lock.root_width = 3.5F;
    lock.belly_width = width;
    lock.belly_at = 0.4F;
    lock.outline_from = 0.1F;
    lock.root_shade = 0;
    lock.shadow = 0.2F;
    lock.strands = 1;
    hair->lock(lock);
  }
};

void paint_curl_ahoge(const AhogeBrush& brush) {
  const float way = brush.way;
  brush.strand({{-way * 2, 0.6F}, {way * 9, 1}, {way * 25, 0.72F}, {way * 27, 0.4F}}, 7);
}

void paint_spike_ahoge(const AhogeBrush& brush) {
  brush.strand({{brush.way * 6, 0.5F}, {brush.way * 19, 0.85F}}, 7);
}

void paint_pair_ahoge(const AhogeBrush& brush) {
  brush.strand({{-4, 0.5F}, {-18, 0.78F}}, 6);
  brush.strand({{5, 0.55F}, {20, 0.9F}}, 6.5F);
}

void paint_heart_ahoge(const AhogeBrush& brush) {
  brush.strand({{-12, 0.5F}, {-9, 0.95F}, {-0.5F, 0.68F}}, 5);
  brush.strand({{12, 0.5F}, {9, 0.95F}, {0.5F, 0.68F}}, 5);
}

struct Ahoge {
  std::string_view name;
  void (*paint)(const AhogeBrush&) = nullptr;
};

constexpr auto kAhogeRows = std::to_array<Ahoge>({
    {"none"},
    {"curl", paint_curl_ahoge},
    {"spike", paint_spike_ahoge},
    {"pair", paint_pair_ahoge},
    {"heart", paint_heart_ahoge},
});
constexpr Kinds<Ahoge> kAhoges{"ahoge", kAhogeRows};

void paint_ahoge(HairBrush& brush) {
  const HairDesign& hair = brush.design().hair;
  const Ahoge& ahoge = kAhoges.named(hair.ahoge);
  if (ahoge.paint == nullptr) return;
  const float way = hair.is_mirrored ? -1.0F : 1.0F;
  const glm::vec2 root(256 - way * 3, hair.top + 7);
  ahoge.paint({&brush, root, root.y - std::max(14.0F, hair.top - 26), way});
}

/// The shadow that the fringe and the side locks throw on the skin.
void add_hair_shadow(RigBuilder& builder, const CharacterDesign& design, const std::vector<Points>& locks) {
  const glm::vec2 corner(180, 56);
  const glm::vec2 size(152, 150);
  Canvas cast(corner, size);
  const FaceLayout layout = face_layout(design.face);
  cast.clipped(layout.outline, [&] {
    for (const Points& lock : locks) cast.fill(shifted(lock, {1.5F, 7}), design.face.skin_shade);
  });
  const Lids open = lids(layout.eye, LidState::rest);
  const Points eye = joined(open.upper, reversed(open.lower));
  cast.erase(eye);
  cast.erase(mirrored(eye));
  const float painted = std::min(1.0F, design.style.painting.strength);
  if (design.style.shade_softness > 0.3F) cast.blur(1.2F + 1.5F * painted);
  Canvas canvas(corner, size);
  canvas.draw(cast, 0.8F);
  if (painted > 0.1F) {
    // Hair takes light from more of the skin than it covers.
    cast.blur(5);
    canvas.clipped(layout.outline, [&] { canvas.draw(cast, 0.7F * painted); });
    canvas.erase(eye);
    canvas.erase(mirrored(eye));
  }
  add_sheet(builder, canvas,
            {"hair shadow", kLayerFaceLines - 2, [](glm::vec2 point) { return head_depth(point) + 1; },
             [](glm::vec2) { return one_bone(kBoneHead); }, 8});
}

}  // namespace

KindNames ahoge_kinds() {
  return kAhoges.names();
}

Points skull_arc(const HairDesign& hair, float spread) {
  constexpr float kTemples = 118;
  constexpr float kRoundness = 2.25F;  // exponent of a superellipse; 2: an ellipse
  constexpr int kCount = 40;
  const float reach = 70 * hair.volume + spread;
  const float rise = kTemples - (hair.top - spread);
  Points arc{{256 - reach + 2.5F, 148}, {256 - reach + 0.6F, 133}};
  for (int i = 0; i <= kCount; ++i) {
    const float angle = 3.14159265F * static_cast<float>(i) / kCount;
    const float across = std::cos(angle);
    const float up = std::pow(std::max(0.0F, std::sin(angle)), 2 / kRoundness);
    arc.emplace_back(256 - std::copysign(std::pow(std::abs(across), 2 / kRoundness), across) * reach,
                     kTemples - rise * up);
  }
  arc.emplace_back(256 + reach - 0.6F, 133);
  arc.emplace_back(256 + reach - 2.5F, 148);
  return arc;
}

void add_back_hair(RigBuilder& builder, const CharacterDesign& design) {
  SeededRandom random(design.seed, "back hair");
  Canvas canvas({16, 8}, {480, 520});
  HairBrush brush(canvas, design, random);
  brush.set_behind(0.35F);
  back_hair_styles().named(design.hair.back).paint(brush);
  paint_strays(brush, design.hair.strays);
  airbrush(canvas, design, "back hair");
  add_sheet(builder, canvas,
            {"back hair", kLayerBackHair,
             [](glm::vec2 point) {
               // On the crown it lies close under the cap, or its outline would come out above it.
               const float aside = std::min(1.6F, std::abs(point.x - 256) / 76);
               return glm::mix(head_depth(point) + 5, -34 + 20 * aside,
                               glm::smoothstep(70.0F, 135.0F, point.y));
             },
             hanging_hair_weights, 10});
}

void add_front_hair(RigBuilder& builder, const CharacterDesign& design) {
  if (const HairStyle& style = back_hair_styles().named(design.hair.back);
      style.paint_before_body != nullptr) {
    SeededRandom random(design.seed, "tails");
    Canvas canvas({136, 130}, {240, 320});
    HairBrush brush(canvas, design, random);
    style.paint_before_body(brush);
    paint_strays(brush, design.hair.strays / 4);
    airbrush(canvas, design, "tails");
    add_sheet(builder, canvas,
              {"tails", kLayerSideHair - 5, [](glm::vec2) { return 22.0F; }, hanging_hair_weights, 10});
  }
  std::vector<Points> locks;
  {
    SeededRandom random(design.seed, "side hair");
    Canvas canvas({150, 70}, {212, 340});
    HairBrush brush(canvas, design, random);
    brush.set_tips(150, 100 + 180 * design.hair.side_length);
    side_hair_styles().named(design.hair.side).paint(brush);
    locks = brush.outlines();
    paint_strays(brush, design.hair.strays / 3);
    airbrush(canvas, design, "side hair");
    add_sheet(builder, canvas,
              {"side hair", kLayerSideHair,
               [](glm::vec2 point) {
                 return head_depth({point.x, std::min(point.y, 150.0F)}) + 5;
               },
               hanging_hair_weights, 8});
  }
  SeededRandom random(design.seed, "front hair");
  Canvas canvas({150, 6}, {212, 190});
  HairBrush brush(canvas, design, random);
  brush.set_tips(112, 160);
  paint_cap(brush);
  front_hair_styles().named(design.hair.front).paint(brush);
  locks.insert(locks.end(), brush.outlines().begin(), brush.outlines().end());
  add_hair_shadow(builder, design, locks);
  paint_band(brush);
  paint_ahoge(brush);
  paint_strays(brush, design.hair.strays / 4);
  paint_crown_strays(brush, design.hair.strays / 3);
  airbrush_front_hair(canvas, design);
  add_sheet(builder, canvas,
            {"front hair", kLayerFrontHair, [](glm::vec2 point) { return head_depth(point) + 9; },
             [](glm::vec2) { return one_bone(kBoneHead); }, 7});
}

}  // namespace tha4::generator
