#pragma once

#include <optional>
#include <string_view>

#include "body.h"
#include "canvas.h"
#include "character_design.h"
#include "kinds.h"
#include "seeded_random.h"

namespace tha4::generator {

/// A pair of sleeves, as it goes on on raised forearms; see ClothesBrush::sleeves().
struct SleeveLook {
  Color color;
  float reach = 1;
  float width = 1;
  float cuff = 0;
  Color cuff_color;
  bool has_pattern = false;
};

struct ClothesPattern;

/// Paints cloth: panels with a shadow side, folds, patterns and trimmings.
class ClothesBrush {
 public:
  ClothesBrush(Canvas& canvas, const CharacterDesign& design, SeededRandom& random);

  [[nodiscard]] const CharacterDesign& design() const { return *design_; }
  [[nodiscard]] const ClothesDesign& clothes() const { return design_->clothes; }
  [[nodiscard]] const BodyShape& shape() const { return shape_; }
  [[nodiscard]] SeededRandom& random() const { return *random_; }
  [[nodiscard]] Canvas& canvas() const { return *canvas_; }

  /// Whether the cloth has no pattern, or one that is woven, as of skirts of uniforms.
  [[nodiscard]] bool is_plain() const;
  [[nodiscard]] bool is_woven() const;

  [[nodiscard]] float line_width() const { return design_->style.line_width; }
  [[nodiscard]] Color line_of(const Color& color) const;
  [[nodiscard]] Color shade_color(const Color& color) const;

  /// A piece of cloth, shaded at its right and lower edge over about \p edge pixels, and outlined.
  void panel(const Points& loop, const Color& color, float edge = 6, bool has_pattern = false);

  /// A tapered crease in cloth of \p color with its shadow of \p width.
  void fold(const Points& path, const Color& color, float width = 3.5F);

  /// A plain area of shadow within \p loop.
  void shadow(const Points& within, const Points& loop, const Color& color);

  void seam(const Points& path, const Color& color, float width = 1);
  void trim(const Points& path, float width, const Color& color);
  void button(glm::vec2 center, float radius, const Color& color);
  void bow(glm::vec2 center, float size, const Color& color, bool has_tails = true);
  void neck_tie(glm::vec2 knot, float length, const Color& color);

  /// The torso's garment down to \p hem, with a neckline \p depth below the collar's height that is \p wide.
  Points bodice(const Color& color, float hem, float neck_depth, float neck_wide, bool is_v, bool has_pattern,
                float ease = 2);

  /// Both sleeves from the shoulder to the fraction \p reach of the arm (1: the wrist). Where a forearm is
  /// raised, to the elbow at most; the rest is that of raised_arms.h.
  void sleeves(const Color& color, float reach, float width, float cuff, const Color& cuff_color,
               bool has_pattern = false);

  /// What sleeves() painted last.
  [[nodiscard]] const std::optional<SleeveLook>& sleeve() const { return sleeve_; }

  /// From \p top to \p hem, standing off by \p flare; with pleats or loose folds.
  void skirt(const Color& color, float top, float hem, float flare, int pleats, bool has_pattern);

  /// Down to \p end with a gap between the legs.
  void trousers(const Color& color, float top, float end);

  /// Skirt or trousers, as fits the character.
  void usual_bottom(const Color& color, float top, bool has_pattern);

  /// A row of ruffles along \p path.
  void frill(const Points& path, float depth, const Color& color);

 private:
  void pattern_over(const Points& loop, const Color& color);

  Canvas* canvas_;
  const CharacterDesign* design_;
  BodyShape shape_;
  SeededRandom* random_;
  const ClothesPattern* pattern_;
  std::optional<SleeveLook> sleeve_;
};

/// One kind of clothes.
struct ClothesStyle {
  std::string_view name;
  void (*paint)(ClothesBrush&);
  void (*paint_collar)(ClothesBrush&) = nullptr;  ///< what lies before the neck: collars, ties, ribbons
  void (*paint_behind)(ClothesBrush&) = nullptr;  ///< what stands up behind it: hoods
  bool keeps_arms_down = false;                   ///< its sleeves hang down with the arms in them
};

/// The kinds that ClothesDesign::kind names.
const Kinds<ClothesStyle>& clothes_styles();

}  // namespace tha4::generator
