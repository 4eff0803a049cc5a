#include "character_design.h"

#include <algorithm>

#include "accessories.h"
#include "arm_gestures.h"
#include "choices.h"
#include "choices_check.h"
#include "clothes.h"
#include "hair.h"
#include "seeded_random.h"
#include <glm/common.hpp>
#include <nlohmann/json.hpp>

namespace tha4::generator {
namespace {

using Json = nlohmann::ordered_json;

const Json& choices() {
  static const Json checked = [] {
    Json parsed = Json::parse(choices_json(), nullptr, true, /*ignore_comments=*/true);
    check_choices(parsed);
    return parsed;
  }();
  return checked;
}

Color color_of(const Json& hex) {
  return from_hex(
      static_cast<std::uint32_t>(std::stoul(hex.get_ref<const std::string&>().substr(1), nullptr, 16)));
}

/// One name of an object of weights.
std::string pick_name(const Json& weights, SeededRandom& random) {
  float sum = 0;
  for (const auto& weight : weights) sum += weight.get<float>();
  float left = random.uniform(0, sum);
  for (const auto& [name, weight] : weights.items()) {
    left -= weight.get<float>();
    if (left < 0) return name;
  }
  return weights.items().begin().key();
}

/// One entry of a list of objects, which may have a "weight".
const Json& pick_entry(const Json& entries, SeededRandom& random) {
  float sum = 0;
  for (const auto& entry : entries) sum += entry.value("weight", 1.0F);
  float left = random.uniform(0, sum);
  for (const auto& entry : entries) {
    left -= entry.value("weight", 1.0F);
    if (left < 0) return entry;
  }
  return entries.front();
}

float pick_between(const Json& range, SeededRandom& random) {
  return random.uniform(range.at(0).get<float>(), range.at(1).get<float>());
}

/// What one character's sections are drawn with.
struct Sampler {
  std::uint64_t seed;
  std::string build;  // "feminine" or "masculine"
  DrawingStyle style;

  [[nodiscard]] SeededRandom stream(const char* name) const { return {seed, name}; }

  float range(const char* name, SeededRandom& random) const {
    const Json& range = choices().at("ranges").at(name);
    return pick_between(range.is_object() ? range.at(build) : range, random);
  }

  /// A colour of the data, in the palette of the style.
  [[nodiscard]] Color graded(const Json& hex, float fraction = 1) const {
    const Color color = color_of(hex);
    const glm::vec3 hsl = to_hsl(color);
    const float saturation = glm::mix(1.0F, style.saturation, fraction);
    const float lightness = style.lightness * fraction;
    const float room = lightness > 0 ? 1 - hsl.z : hsl.z;
    return from_hsl(hsl.x, std::clamp(hsl.y * saturation, 0.0F, 1.0F), hsl.z + lightness * 2 * room);
  }
};

DrawingStyle design_style(SeededRandom random) {
  const Json& entry = pick_entry(choices().at("drawing_styles"), random);
  DrawingStyle style;
  style.name = entry.at("name").get<std::string>();
  style.line_width = pick_between(entry.at("line_width"), random);
  style.line_darkness = entry.at("line_darkness").get<float>();
  style.shade_softness = entry.at("shade_softness").get<float>();
  style.shade_strength = pick_between(entry.at("shade_strength"), random);
  style.highlight = pick_between(entry.at("highlight"), random);
  style.saturation = pick_between(entry.at("saturation"), random);
  style.lightness = pick_between(entry.at("lightness"), random);
  return style;
}

/// How heavy lines are, and of what colour, whatever the style says.
void choose_lines(DrawingStyle& style, SeededRandom random) {
  const Json& entry = pick_entry(choices().at("line_kinds"), random);
  const float width = pick_between(entry.at("width"), random);
  if (width > 0) style.line_width = width;
  style.line_strength = pick_between(entry.at("strength"), random);
  style.line_tint_fraction = pick_between(entry.at("tint"), random);
  const Json& tints = choices().at("line_tints");
  style.line_tint = color_of(tints.at(random.index(tints.size())));
  style.face_line_width = std::clamp(style.line_width, 0.75F, 1.7F);
}

void choose_painting(DrawingStyle& style, SeededRandom random) {
  const Json& entry = pick_entry(choices().at("paintings"), random);
  Painting& painting = style.painting;
  painting.strength = pick_between(entry.at("strength"), random);
  painting.light_side = random.chance(0.6F) ? -1.0F : 1.0F;
  painting.form = pick_between(entry.at("form"), random);
  painting.rim = pick_between(entry.at("rim"), random);
  painting.slope = pick_between(entry.at("slope"), random);
  painting.blotches = pick_between(entry.at("blotches"), random);
  const Json& shades = choices().at("painting_shades");
  painting.shade = color_of(shades.at(random.index(shades.size())));
  const Json& lights = choices().at("painting_lights");
  painting.light = color_of(lights.at(random.index(lights.size())));
  style.shade_softness = std::max(style.shade_softness, pick_between(entry.at("softness"), random));
}

void choose_strays(HairDesign& hair, SeededRandom random) {
  const Json& entry = pick_entry(choices().at("strays"), random);
  hair.strays = static_cast<int>(pick_between(entry.at("count"), random));
  hair.stray_width = pick_between(entry.at("width"), random);
  hair.stray_length = pick_between(entry.at("length"), random);
}

HairDesign design_hair(const Sampler& sampler) {
  SeededRandom random = sampler.stream("hair");
  const Json& parts = choices().at("parts").at(sampler.build);
  HairDesign hair;
  hair.front = pick_name(parts.at("front_hair"), random);
  hair.side = pick_name(parts.at("side_hair"), random);
  hair.back = pick_name(parts.at("back_hair"), random);
  hair.ahoge = pick_name(choices().at("ahoge"), random);
  hair.color_scheme = pick_name(choices().at("hair_color_schemes"), random);

  const Json& color = pick_entry(choices().at("hair_colors"), random);
  hair.base = sampler.graded(color.at("base"));
  hair.shade = sampler.graded(color.at("shade"));
  hair.light = sampler.graded(color.at("light"));
  hair.line = sampler.graded(color.at("line"));
  const Json& accents = color.at("accents");
  hair.accent = sampler.graded(accents.at(random.index(accents.size())));

  hair.volume = sampler.range("hair_volume", random);
  hair.top = sampler.range("hair_top", random);
  hair.fringe_level = sampler.range("fringe_level", random);
  hair.fringe_jitter = sampler.range("fringe_jitter", random);
  hair.fringe_locks = sampler.range("fringe_locks", random);
  hair.side_length = sampler.range("side_length", random);
  hair.back_length = sampler.range("back_length", random);
  hair.tail_volume = sampler.range("tail_volume", random);
  hair.wave = sampler.range("hair_wave", random);
  hair.spikiness = sampler.range("hair_spikiness", random);
  hair.is_mirrored = random.chance(0.5F);
  return hair;
}

FaceDesign::Iris pick_iris(const Sampler& sampler, SeededRandom& random) {
  const Json& entry = pick_entry(choices().at("eye_colors"), random);
  return {sampler.graded(entry.at("dark")), sampler.graded(entry.at("base")),
          sampler.graded(entry.at("light"))};
}

void choose_eyes(const Sampler& sampler, const HairDesign& hair, FaceDesign& face) {
  SeededRandom random = sampler.stream("eyes");
  const Json& data = choices().at("face");
  face.eye_shape = pick_name(data.at("eye_shapes").at(sampler.build), random);
  face.eye_width = sampler.range("eye_width", random);
  face.eye_height = sampler.range("eye_height", random);
  face.eye_spacing = sampler.range("eye_spacing", random);
  face.eye_level = sampler.range("eye_level", random);
  face.eye_tilt = sampler.range("eye_tilt", random);
  face.lash_thickness = sampler.range("lash_thickness", random);
  face.lash_length = sampler.range("lash_length", random);
  face.lash = mix(mix(hair.line, Color{0.13F, 0.08F, 0.12F}, 0.6F), sampler.style.line_tint,
                  sampler.style.line_tint_fraction * 0.5F);
  face.iris_left = pick_iris(sampler, random);
  face.iris_right = face.iris_left;
  if (random.chance(choices().at("heterochromia_share").get<float>())) {
    face.iris_right = pick_iris(sampler, random);
  }
  face.iris_size = sampler.range("iris_size", random);
  face.iris_pattern = pick_name(data.at("iris_patterns"), random);
  face.highlights = pick_name(data.at("highlights"), random);
}

FaceDesign design_face(const Sampler& sampler, const HairDesign& hair) {
  SeededRandom random = sampler.stream("face");
  const Json& data = choices().at("face");
  FaceDesign face;
  face.shape = pick_name(data.at("shapes"), random);
  face.width = sampler.range("face_width", random);
  face.length = sampler.range("face_length", random);
  face.cheek_fullness = sampler.range("cheek_fullness", random);

  const Json& skin = pick_entry(choices().at("skins"), random);
  // Skin keeps most of its colour in every palette, or it looks ill.
  face.skin = sampler.graded(skin.at("base"), 0.35F);
  face.skin_shade = sampler.graded(skin.at("shade"), 0.35F);
  const DrawingStyle& style = sampler.style;
  face.skin_line =
      mix(sampler.graded(skin.at("line"), 0.6F), style.line_tint, style.line_tint_fraction * 0.7F);
  face.blush = sampler.graded(skin.at("blush"), 0.5F);
  choose_eyes(sampler, hair, face);

  face.brow_shape = pick_name(data.at("brow_shapes"), random);
  face.brow_thickness = sampler.range("brow_thickness", random);
  face.brow_length = sampler.range("brow_length", random);
  face.brow_level = sampler.range("brow_level", random);
  face.brow = mix(hair.shade, hair.line, 0.55F);
  face.mouth_kind = pick_name(data.at("mouth_kinds"), random);
  face.mouth_width = sampler.range("mouth_width", random);
  face.mouth_level = sampler.range("mouth_level", random);
  face.has_fang = random.chance(data.at("fang_share").get<float>());
  face.nose_kind = pick_name(data.at("nose_kinds"), random);
  face.blush_kind = pick_name(data.at("blush_kinds"), random);
  face.blush_strength = sampler.range("blush_strength", random);
  face.mark = pick_name(data.at("marks"), random);
  face.is_mark_left = random.chance(0.5F);
  return face;
}

ClothesDesign design_clothes(const Sampler& sampler) {
  SeededRandom random = sampler.stream("clothes");
  ClothesDesign clothes;
  clothes.kind = pick_name(choices().at("parts").at(sampler.build).at("clothes"), random);
  clothes.pattern = pick_name(choices().at("clothes_patterns"), random);
  const Json& colors = pick_entry(choices().at("clothes_colors"), random);
  clothes.main = sampler.graded(colors.at("main"));
  clothes.second = sampler.graded(colors.at("second"));
  clothes.accent = sampler.graded(colors.at("accent"));
  clothes.sleeve_width = sampler.range("sleeve_width", random);
  clothes.hem = sampler.range("hem", random);
  clothes.is_mirrored = random.chance(0.5F);
  return clothes;
}

BodyDesign design_body(const Sampler& sampler) {
  SeededRandom random = sampler.stream("body");
  BodyDesign body;
  body.shoulder_width = sampler.range("shoulder_width", random);
  body.neck_width = sampler.range("neck_width", random);
  body.waist = sampler.range("waist", random);
  body.bust = sampler.range("bust", random);
  body.arm_spread = sampler.range("arm_spread", random);
  return body;
}

/// How grown the character is, which changes what was chosen before.
void choose_maturity(const Sampler& sampler, CharacterDesign& design) {
  SeededRandom random = sampler.stream("maturity");
  const Json& entry = pick_entry(choices().at("maturities").at(sampler.build), random);
  const float grown = pick_between(entry.at("maturity"), random);
  const std::string front = pick_name(choices().at("grown_front_hair"), random);
  const bool has_front = random.chance(choices().at("grown_front_hair_share").get<float>());
  FaceDesign& face = design.face;
  face.maturity = grown;
  face.has_square_jaw = design.is_masculine && random.chance(0.6F);
  face.width *= 1 - 0.09F * grown;
  face.cheek_fullness *= 1 - grown;
  face.eye_height *= 1 - 0.42F * grown;
  face.eye_width *= 1 - 0.18F * grown;
  face.eye_level -= 2.5F * grown;
  face.iris_size *= 1 - 0.05F * grown;
  face.brow_level += 2 * grown;
  face.mouth_width *= 1 + 0.12F * grown;
  design.body.shoulder_width *= 1 + 0.04F * grown;
  if (!design.is_masculine) return;
  face.eye_height *= 1 - 0.08F * grown;
  face.eye_width *= 1 - 0.05F * grown;
  face.brow_thickness *= 1 + 0.5F * grown;
  face.lash_length *= 1 - 0.5F * grown;
  face.lash_thickness *= 1 - 0.2F * grown;
  design.body.shoulder_width *= 1 + 0.08F * grown;
  design.body.neck_width *= 1 + 0.2F * grown;
  design.body.waist *= 1 + 0.08F * grown;
  if (grown > 0.3F && has_front) design.hair.front = front;
}

/// What hides hair leaves no room for what stands on it.
void choose_headwear(const Sampler& sampler, CharacterDesign& design) {
  SeededRandom random = sampler.stream("headwear");
  design.accessories.headwear = pick_name(choices().at("headwear"), random);
  const Accessory& worn = headwear().named(design.accessories.headwear);
  if (worn.is_nothing()) return;
  HairDesign& hair = design.hair;
  hair.ahoge = "none";
  design.accessories.hair = "none";
  hair.volume = std::min(hair.volume, 1.03F);
  const std::string_view front = front_hair_styles().named(hair.front).under_hat;
  if (!front.empty()) hair.front = front;
  const std::string_view back =
      worn.back_hair.empty() ? back_hair_styles().named(hair.back).under_hat : worn.back_hair;
  if (!back.empty()) hair.back = back;
}

/// No drawn face is its own mirror image.
void choose_skew(FaceDesign& face, SeededRandom random) {
  const Json& entry = pick_entry(choices().at("skews"), random);
  face.brow_skew = pick_between(entry.at("brow"), random);
  face.mouth_shift = pick_between(entry.at("mouth"), random);
}

PostureDesign design_posture(SeededRandom random) {
  const Json& entry = pick_entry(choices().at("postures"), random);
  PostureDesign posture;
  posture.up = pick_between(entry.at("up"), random);
  posture.turn = pick_between(entry.at("turn"), random);
  posture.tilt = pick_between(entry.at("tilt"), random);
  return posture;
}

std::string pick_rest_mouth(SeededRandom random) {
  return pick_name(choices().at("rest_mouths"), random);
}

/// How the parts of the face are drawn that close and open, whatever their shapes are.
void choose_lids_and_insides(FaceDesign& face, SeededRandom random) {
  const Json& data = choices().at("face");
  face.lid_kind = pick_name(data.at("lid_kinds"), random);
  face.eye_white = pick_name(data.at("eye_whites"), random);
  face.mouth_inside = pick_name(data.at("mouth_insides"), random);
}

ArmsDesign design_arms(const ClothesDesign& clothes, SeededRandom random) {
  ArmsDesign arms;
  arms.gesture = pick_name(choices().at("gestures"), random);
  const std::string held = pick_name(choices().at("held_things"), random);
  arms.is_left = random.chance(0.5F);
  if (clothes_styles().named(clothes.kind).keeps_arms_down) arms.gesture = "down";
  if (arm_gestures().named(arms.gesture).holds) arms.held = held;
  return arms;
}

AccessoryDesign design_accessories(const Sampler& sampler, const ClothesDesign& clothes) {
  SeededRandom random = sampler.stream("accessories");
  const Json& data = choices().at("accessories");
  AccessoryDesign accessories;
  accessories.glasses = pick_name(data.at("glasses"), random);
  accessories.head = pick_name(data.at("head"), random);
  accessories.hair = pick_name(data.at("hair"), random);
  accessories.neck = pick_name(data.at("neck"), random);
  const Json& colors = pick_entry(choices().at("clothes_colors"), random);
  const bool matches_clothes = random.chance(0.6F);
  accessories.color = matches_clothes ? clothes.accent : sampler.graded(colors.at("accent"));
  accessories.second = matches_clothes ? clothes.second : sampler.graded(colors.at("second"));
  accessories.metal = random.chance(0.6F) ? from_hex(0xe8c15a) : from_hex(0xc9ced8);
  accessories.is_left = random.chance(0.5F);
  return accessories;
}

}  // namespace

CharacterDesign design_character(std::uint64_t seed) {
  CharacterDesign design;
  design.seed = seed;
  design.is_masculine = SeededRandom(seed, "build").chance(choices().at("masculine_share").get<float>());
  design.style = design_style(SeededRandom(seed, "style"));
  choose_lines(design.style, SeededRandom(seed, "lines"));
  choose_painting(design.style, SeededRandom(seed, "painting"));
  const Sampler sampler{seed, design.is_masculine ? "masculine" : "feminine", design.style};
  design.hair = design_hair(sampler);
  design.face = design_face(sampler, design.hair);
  design.clothes = design_clothes(sampler);
  design.body = design_body(sampler);
  design.accessories = design_accessories(sampler, design.clothes);
  choose_strays(design.hair, sampler.stream("strays"));
  design.face.rest_mouth = pick_rest_mouth(sampler.stream("rest mouth"));
  choose_lids_and_insides(design.face, sampler.stream("lids and insides"));
  choose_maturity(sampler, design);
  choose_headwear(sampler, design);
  choose_skew(design.face, sampler.stream("skew"));
  design.posture = design_posture(sampler.stream("posture"));
  design.body.arms = design_arms(design.clothes, sampler.stream("arms"));
  return design;
}

}  // namespace tha4::generator
