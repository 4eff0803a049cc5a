#pragma once

#include <functional>
#include <vector>

#include "canvas.h"
#include "character_design.h"
#include "kinds.h"
#include "seeded_random.h"

namespace tha4::generator {

/// One tapered strand of hair.
struct Lock {
  Points spine;               ///< a few points from the root to the tip; a smooth curve goes through them
  float root_width = 8;       ///< pixels of the rest image
  float belly_width = 14;     ///< where it is widest
  float belly_at = 0.5F;      ///< fraction of the length
  float tip_width = 0;        ///< 0: pointed
  float outline_from = 0.3F;  ///< fraction of the length from which it is outlined: roots melt into the rest
  float root_shade = 0.5F;    ///< how dark the root is, 0 to 1
  float tip_shade = 0;        ///< the same of the tip
  float shadow = 0.5F;        ///< cast on what lies below
  int strands = 2;            ///< thin lines inside
  bool is_streak = false;     ///< wholly of the accent colour
};

/// A point beside the spine: \p side from -1 (its right hand edge) to 1 at the half width of \p width.
struct LockFrame {
  Points spine;
  std::vector<glm::vec2> normals;
  std::vector<float> half_widths;

  explicit LockFrame(const Lock& lock);
  [[nodiscard]] glm::vec2 at(float along, float side) const;
  [[nodiscard]] Points row(float from, float to, float side) const;
  [[nodiscard]] Points outline() const;
};

/// How the accent colour is spread over hair.
struct HairColorScheme;

/// The kinds that HairDesign::color_scheme names.
KindNames hair_color_schemes();

/// Paints hair the way it is drawn: lock over lock, each with its own shadow side, line work and strands.
class HairBrush {
 public:
  HairBrush(Canvas& canvas, const CharacterDesign& design, SeededRandom& random);

  /// Colours from \p from (roots) to \p to (tips) by y; where not called, tips stay plain.
  void set_tips(float from, float to);

  /// Wholly in the shade, as hair behind the head is.
  void set_behind(float amount) { behind_ = amount; }

  void lock(const Lock& lock);

  /// Whether a lock is to be a streak of the accent colour, by chance; never, and without a random number,
  /// where the colour scheme has no streaks.
  [[nodiscard]] bool picks_streak(float probability);

  /// A plain area of hair, shaded towards its lower end, with an outline along \p outlined.
  void mass(const Points& loop, const Points& outlined, float shade_from, float shade_to, float shade);

  /// A line between strands.
  void crease(const Points& path, float width);

  /// The broken band of light on the crown: spindles along lines from \p root, where they cross the height
  /// that \p band_at gives for x.
  void highlight_band(glm::vec2 root, float left, float right, const std::function<float(float)>& band_at,
                      float height, const Points& within);

  [[nodiscard]] const CharacterDesign& design() const { return *design_; }
  [[nodiscard]] SeededRandom& random() const { return *random_; }
  [[nodiscard]] Canvas& canvas() const { return *canvas_; }

  /// What the locks and masses so far cover.
  [[nodiscard]] const std::vector<Points>& outlines() const { return outlines_; }

  /// The locks so far.
  [[nodiscard]] const std::vector<LockFrame>& locks() const { return locks_; }

  /// Colours after set_behind().
  [[nodiscard]] Color base() const;
  [[nodiscard]] Color shade() const;
  [[nodiscard]] Color line() const;

 private:
  /// The colour of hair at height \p y, \p shading 0 to 1 in the shade.
  [[nodiscard]] Color color_at(float y, float shading, bool is_streak) const;
  [[nodiscard]] Paint lock_paint(const Lock& lock, const Points& spine) const;

  Canvas* canvas_;
  const CharacterDesign* design_;
  SeededRandom* random_;
  const HairColorScheme* scheme_;
  float tips_from_ = 1e6F;
  float tips_to_ = 1e6F;
  float behind_ = 0;
  std::vector<Points> outlines_;
  std::vector<LockFrame> locks_;
};

}  // namespace tha4::generator
