#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "character_design.h"
#include "face_parts.h"
#include "mouth_shape.h"
#include "rig/generated_face.h"

#include "tha4/rig/generator.h"

// Measures of a generated face, by which a test tells what a pose does to it.

namespace tha4::generator {

/// One side of a face against itself at rest. Ways are in pixels; down and outwards count as positive.
struct SideMeasures {
  std::array<float, 3> brow{};  ///< how far its inner third, its middle and its outer third go down
  float brow_outwards = 0;      ///< its inner third
  float upper_lid = 0;
  float lower_lid = 0;
  float opening = 1;     ///< of the lids where it is widest, as a fraction of that at rest
  float lid_hang = 0;    ///< how far the middle of the upper lid lies below its ends
  float lid_arch = 1;    ///< how far the middle half of the upper lid is bent, as a fraction of that at rest
  float iris_size = 1;   ///< as a fraction of that at rest
  glm::vec2 iris{0, 0};  ///< way of its middle, x to the right of the picture
};

struct MouthMeasures {
  float width = 0;
  float height = 0;
  float rise = 0;                      ///< of the upper lip's middle above the corners
  float fall = 0;                      ///< of the lower lip's middle below them
  std::array<glm::vec2, 2> corners{};  ///< ways of the left and the right one, x to the right of the picture
  float opening = 1;                   ///< size of open mouths of its kind beside the usual ones
};

struct FaceMeasures {
  std::array<SideMeasures, 2> sides;  ///< in the order of kSides
  MouthMeasures mouth;
  float mouth_width_at_rest = 0;
};

/// Measures poses of one rig.
class FaceRuler {
 public:
  explicit FaceRuler(std::uint64_t seed) : rig_(generate_rig(seed)) {
    const FaceDesign design = design_character(seed).face;
    const EyeShape eye = face_layout(design).eye;
    mouth_opening_ = mouth_opening(design);
    for (std::size_t s = 0; s < kSides.size(); ++s) {
      lids_[s] = lid_vertices(mesh_named(rig_, "skin"), eye, kSides[s]);
    }
  }

  [[nodiscard]] const Rig& rig() const { return rig_; }

  [[nodiscard]] FaceMeasures measure(const Pose& pose, PictureMorphs shown = PictureMorphs::gone) const {
    const auto posed = pose_rig(rig_, pose, /*with_bones=*/true, shown);
    FaceMeasures measures;
    for (std::size_t s = 0; s < kSides.size(); ++s) measures.sides[s] = measure_side(posed, s);
    measures.mouth = measure_mouth(posed);
    measures.mouth_width_at_rest = measure_mouth(pose_rig(rig_, Pose{})).width;
    return measures;
  }

 private:
  using Posed = std::vector<PosedMesh>;

  [[nodiscard]] SideMeasures measure_side(const Posed& posed, std::size_t s) const {
    SideMeasures side;
    measure_brow(posed, kSides[s], side);
    const auto& at_rest = mesh_named(rig_, "skin").positions;
    const auto& skin = posed_named(rig_, posed, "skin").positions;
    const auto mean_way = [&](const std::vector<std::size_t>& vertices) {
      float sum = 0;
      for (const std::size_t v : vertices) sum += skin[v].y - at_rest[v].y;
      return sum / static_cast<float>(vertices.size());
    };
    side.upper_lid = mean_way(lids_[s].upper);
    side.lower_lid = mean_way(lids_[s].lower);
    side.opening = opening(skin, lids_[s]).first / opening(at_rest, lids_[s]).first;
    const auto& upper = lids_[s].upper;
    const auto below_chord = [&](const std::vector<glm::vec3>& points, std::size_t from, std::size_t to) {
      return points[upper[(from + to) / 2]].y - (points[upper[from]].y + points[upper[to]].y) / 2;
    };
    const std::size_t last = upper.size() - 1;
    side.lid_hang = below_chord(skin, 0, last);
    side.lid_arch =
        below_chord(skin, last / 4, last - last / 4) / below_chord(at_rest, last / 4, last - last / 4);
    const auto& iris_at_rest = mesh_named(rig_, named("iris", kSides[s])).positions;
    const auto& iris = posed_named(rig_, posed, named("iris", kSides[s])).positions;
    side.iris_size = extent(iris).y / extent(iris_at_rest).y;
    side.iris = middle(iris) - middle(iris_at_rest);
    return side;
  }

  void measure_brow(const Posed& posed, Side which, SideMeasures& side) const {
    const auto& at_rest = mesh_named(rig_, named("brow", which)).positions;
    const auto& brow = posed_named(rig_, posed, named("brow", which)).positions;
    const auto aside = [&](std::size_t v) { return std::abs(at_rest[v].x - 256); };
    float inner = 1e6F;
    float outer = 0;
    for (std::size_t v = 0; v < at_rest.size(); ++v) {
      inner = std::min(inner, aside(v));
      outer = std::max(outer, aside(v));
    }
    std::array<int, 3> counts{};
    for (std::size_t v = 0; v < at_rest.size(); ++v) {
      const auto third = static_cast<std::size_t>(std::min(2.0F, 3 * (aside(v) - inner) / (outer - inner)));
      side.brow[third] += brow[v].y - at_rest[v].y;
      if (third == 0) side.brow_outwards += std::abs(brow[v].x - 256) - aside(v);
      ++counts[third];
    }
    side.brow_outwards /= static_cast<float>(counts[0]);
    for (std::size_t third = 0; third < 3; ++third) side.brow[third] /= static_cast<float>(counts[third]);
  }

  [[nodiscard]] MouthMeasures measure_mouth(const Posed& posed) const {
    const auto& at_rest = mesh_named(rig_, "mouth_inside").positions;
    const auto& mouth = posed_named(rig_, posed, "mouth_inside").positions;
    MouthMeasures measures;
    measures.opening = mouth_opening_;
    float top = 1e6F;
    float bottom = -1e6F;
    for (std::size_t i = 0; i + 1 < mouth.size(); i += 2) {
      measures.height = std::max(measures.height, mouth[i + 1].y - mouth[i].y);
      top = std::min(top, mouth[i].y);
      bottom = std::max(bottom, mouth[i + 1].y);
    }
    const auto by_x = [](const glm::vec3& a, const glm::vec3& b) { return a.x < b.x; };
    const auto [right, left] = std::ranges::minmax_element(at_rest, by_x);
    const std::array<std::size_t, 2> ends = {static_cast<std::size_t>(left - at_rest.begin()),
                                             static_cast<std::size_t>(right - at_rest.begin())};
    for (std::size_t s = 0; s < 2; ++s) measures.corners[s] = glm::vec2(mouth[ends[s]] - at_rest[ends[s]]);
    measures.width = mouth[ends[0]].x - mouth[ends[1]].x;
    const float level = (mouth[ends[0]].y + mouth[ends[1]].y) / 2;
    measures.rise = level - top;
    measures.fall = bottom - level;
    return measures;
  }

  static glm::vec2 min(const std::vector<glm::vec3>& points) {
    glm::vec2 result(1e6F);
    for (const glm::vec3& point : points) result = glm::min(result, glm::vec2(point));
    return result;
  }
  static glm::vec2 max(const std::vector<glm::vec3>& points) {
    glm::vec2 result(-1e6F);
    for (const glm::vec3& point : points) result = glm::max(result, glm::vec2(point));
    return result;
  }
  static glm::vec2 extent(const std::vector<glm::vec3>& points) { return max(points) - min(points); }
  static glm::vec2 middle(const std::vector<glm::vec3>& points) { return (max(points) + min(points)) / 2.0F; }

  Rig rig_;
  std::array<LidVertices, 2> lids_;
  float mouth_opening_;
};

}  // namespace tha4::generator
