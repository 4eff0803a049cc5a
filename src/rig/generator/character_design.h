#pragma once

#include <cstdint>
#include <string>

#include "color.h"

// What a character looks like, before anything is drawn. The choices come from data/generator/choices.json,
// which is part of the library; strings but for `name` are names of kinds (kinds.h).

namespace tha4::generator {

/// Soft light and shade over whole parts, as airbrushes leave them, besides the shapes of shadow that are
/// drawn.
struct Painting {
  float strength = 0;     ///< 0: none; 1: as strong as the shade and the light
  float light_side = -1;  ///< -1: the light comes from the left of the picture; 1: from the right
  float form = 0;         ///< how much everything is shaded as if it were round
  float rim = 1;          ///< how bright what is turned to the light is, beside how dark what is not
  float slope = 0;        ///< how much the whole darkens away from the light
  float blotches = 0;     ///< how uneven it all is
  Color shade;            ///< multiplies what lies in the shade
  Color light;            ///< covers what lies in the light
};

/// How everything is drawn.
struct DrawingStyle {
  std::string name;
  float line_width = 1.2F;       ///< of an ordinary outline, in pixels of the rest image
  float line_darkness = 0.7F;    ///< 0: the colour of what is outlined; 1: nearly black
  float shade_softness = 0;      ///< 0: hard cel shadows; 1: airbrushed
  float shade_strength = 1;      ///< how much darker shadows are
  float highlight = 0.8F;        ///< how strong highlights are
  float saturation = 1;          ///< already applied to the colours of the design
  float lightness = 0;           ///< likewise
  float face_line_width = 1;     ///< of lines in the face, which neither vanish nor smear with the outlines
  float line_strength = 1;       ///< 0: outlines have the colour of what they are around
  Color line_tint;               ///< what all lines are coloured with
  float line_tint_fraction = 0;  ///< and how much
  Painting painting;

  /// The colour of an outline that would be \p line, around something that is \p fill at its edge.
  [[nodiscard]] Color outline(const Color& line, const Color& fill) const {
    return mix(fill, mix(line, line_tint, line_tint_fraction), line_strength);
  }
};

/// Factors are about 1.
struct FaceDesign {
  std::string shape;  ///< of face_shapes()
  float width = 1;
  float length = 1;
  float maturity =
      0;  ///< 0: a child's or a girl's as they are drawn; 1: a grown person's, longer and narrower
  bool has_square_jaw = false;
  float cheek_fullness = 0.5F;  ///< 0 to 1

  Color skin;
  Color skin_shade;
  Color skin_line;
  Color blush;

  std::string eye_shape;  ///< of eye_shapes()
  float eye_width = 1;
  float eye_height = 1;
  float eye_spacing = 0;  ///< outwards, in pixels
  float eye_level = 0;    ///< down, in pixels
  float eye_tilt = 0;     ///< -1 (outer corners down) to 1 (up)
  float lash_thickness = 1;
  float lash_length = 1;
  Color lash;
  std::string lid_kind = "drawn";   ///< of lid_kinds()
  std::string eye_white = "white";  ///< of eye_whites()

  struct Iris {
    Color dark;
    Color base;
    Color light;
  };
  Iris iris_left;  ///< the character's left, at the right of the picture
  Iris iris_right;
  float iris_size = 1;
  std::string iris_pattern;  ///< of iris_patterns()
  std::string highlights;    ///< of highlights()

  std::string brow_shape;  ///< of brow_shapes()
  float brow_thickness = 1;
  float brow_length = 1;
  float brow_level = 0;  ///< down, in pixels
  Color brow;
  float brow_skew = 0;    ///< how much higher the right one is than the left one, in pixels
  float mouth_shift = 0;  ///< of the mouth's middle to the right of the picture, in pixels

  std::string mouth_kind;             ///< of mouth_kinds(): what it is when closed
  std::string rest_mouth = "closed";  ///< of rest_mouths(): what the rest image shows
  float mouth_width = 1;
  float mouth_level = 0;                          ///< down, in pixels
  std::string mouth_inside = "tongue_and_teeth";  ///< of mouth_insides()
  bool has_fang = false;
  std::string nose_kind;   ///< of noses()
  std::string blush_kind;  ///< of blush_kinds()
  float blush_strength = 0.7F;
  std::string mark;          ///< of face_marks()
  bool is_mark_left = true;  ///< on the character's left
};

struct HairDesign {
  std::string front;         ///< of front_hair_styles()
  std::string side;          ///< of side_hair_styles()
  std::string back;          ///< of back_hair_styles()
  std::string ahoge;         ///< of ahoge_kinds()
  std::string color_scheme;  ///< of hair_color_schemes()
  Color base;
  Color shade;
  Color light;
  Color line;
  Color accent;  ///< of the colour scheme

  float volume = 1;          ///< width of the whole about the skull's
  float top = 46;            ///< y of its highest point, ahoge and loose strands aside
  float fringe_level = 118;  ///< y of the fringe's tips
  float fringe_jitter = 1;
  float fringe_locks = 1;  ///< factor of their number
  float side_length = 1;
  float back_length = 1;
  float tail_volume = 1;
  float wave = 0.5F;         ///< 0 straight, 1 curly
  float spikiness = 0.5F;    ///< 0 round tips, 1 pointed ones that stand off
  bool is_mirrored = false;  ///< parted, swept or tied at the other side
  int strays = 0;            ///< single hairs that stand off
  float stray_width = 1;     ///< of the thickest, in pixels
  float stray_length = 20;   ///< of the longest, in pixels
};

struct ClothesDesign {
  std::string kind;     ///< of clothes_styles()
  std::string pattern;  ///< of clothes_patterns()
  Color main;
  Color second;
  Color accent;
  float sleeve_width = 1;
  float hem = 0.5F;  ///< 0 to 1, whatever length the kind lets vary
  bool is_mirrored = false;
};

/// What the arms do at rest.
struct ArmsDesign {
  std::string gesture = "down";  ///< of arm_gestures()
  std::string held;              ///< of held_things(), by gestures that hold; empty: nothing
  bool is_left = true;           ///< of one arm: the character's left, at the right of the picture
};

struct BodyDesign {
  float shoulder_width = 1;
  float neck_width = 1;
  float waist = 1;
  float bust = 0;        ///< 0 to 1
  float arm_spread = 0;  ///< of the hands from the hips, in pixels
  ArmsDesign arms;
};

/// Each is "none" where there is nothing.
struct AccessoryDesign {
  std::string glasses;            ///< of glasses()
  std::string head;               ///< of head_accessories()
  std::string hair;               ///< of hair_accessories()
  std::string neck;               ///< of neckwear()
  std::string headwear = "none";  ///< of headwear(): hides hair, in the place of `head`
  Color color;
  Color second;
  Color metal;
  bool is_left = true;  ///< on the character's left, at the right of the picture
};

/// How the head is held at rest, in degrees; the signs are those of the pose parameters.
struct PostureDesign {
  float up = 0;    ///< head_x
  float turn = 0;  ///< head_y
  float tilt = 0;  ///< neck_z
};

struct CharacterDesign {
  std::uint64_t seed = 0;  ///< seeds the small irregularities of drawing
  bool is_masculine = false;
  DrawingStyle style;
  FaceDesign face;
  HairDesign hair;
  BodyDesign body;
  ClothesDesign clothes;
  AccessoryDesign accessories;
  PostureDesign posture;
};

/// The character of \p seed, the same everywhere. Throws InputError if choices.json has a name that is not
/// known.
CharacterDesign design_character(std::uint64_t seed);

}  // namespace tha4::generator
