#include "tha4/poser/picture_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "tha4/base/error.h"
#include "tha4/image/region.h"
#include "tha4/poser/preview_sheet.h"

namespace tha4 {
namespace {

// Thresholds lie between what was measured of good pictures (a painted character, four painted by a network,
// generated characters) and of bad ones (the same moved, scaled and turned over, photographs, backgrounds).

/// Alpha from which on a pixel is drawn, or hides what is behind it.
constexpr int kDrawn = 128;
constexpr int kOpaque = 250;

/// Fraction of the picture that is drawn. A head that is half as large as it should be is 0.012 alone.
constexpr double kMinDrawn = 0.01;

/// Fraction of opaque pixels, of all (good: up to 0.30; a disc as large as the picture: 0.79), and of the
/// upper half of the picture's edge (good: up to 0.05, of hair and hats; a background with round corners:
/// 0.91).
constexpr double kMaxOpaque = 0.7;
constexpr double kMaxOpaqueEdge = 0.5;

/// Fraction of pixels that are neither drawn nor quite transparent, from kFaint on (good: up to 0.0053, of
/// edges; a background that a program took for a thin veil: 0.72).
constexpr double kMaxFaint = 0.2;
constexpr int kFaint = 4;

/// Of places where the colours go up or down by at most kSmoothStep to either side, the fraction at which
/// they do so evenly, by the same step but for kEvenStep (levels of 255). Good: from 0.49 on; a drawing that
/// was kept as a JPEG of quality 80: 0.32; photographs: 0.11 to 0.29.
constexpr double kMinEven = 0.3;
constexpr int kSmoothStep = 8;
constexpr int kEvenStep = 1;
constexpr int kMinSmoothPlaces = 1000;  ///< fewer say nothing

/// Pixels of the topmost drawn row that a character which is cut off there has at least, while the lowest
/// drawn row has less than half of them, or the picture's bottom is free: hair that touches the edge has
/// fewer, and hats that are as wide (54) stand over bodies that are cut off below (from 98 on).
constexpr int kMaxCutPixels = 40;

/// Where the topmost drawn pixel may be (good: 4 to 64), and how far the drawn pixels in the rows of the head
/// box may be off the middle, on the average (good: up to 32, by a ponytail).
constexpr int kLowestTop = 112;
constexpr double kFarthestFromMiddle = 64;

/// How far from the usual place the mouth may move (good: x 250 to 257, y 178 to 188): what teachers learn
/// from is moved by less.
constexpr double kFarthestMouthX = 24;
constexpr double kFarthestMouthY = 20;

/// How far below the eyes the mouth moves (good: from 18 on; faces that are not found: up to 7).
constexpr double kMinEyesToMouth = 10;

/// Sizes of heads (see head_size()) that are as they should be (good: 0.8 to 1.2). Pictures whose heads are
/// 0.7 and 1.4 times as large as they were drawn are beyond.
constexpr double kMinHeadSize = 0.67;
constexpr double kMaxHeadSize = 1.3;

constexpr const char* kWhereTheHeadBelongs =
    "the head belongs roughly inside the 128x128 box centred at (256,128)";

using Findings = std::vector<PictureFinding>;

const std::uint8_t* pixel_at(const RgbaImage& picture, int x, int y) {
  return &picture.pixels[(static_cast<std::size_t>(y) * picture.width + x) * 4];
}

int alpha_at(const RgbaImage& picture, int x, int y) {
  return pixel_at(picture, x, y)[3];
}

/// What is drawn where.
struct Silhouette {
  std::int64_t drawn = 0;
  int top = kImageSize;              ///< row of the topmost drawn pixel
  int bottom = 0;                    ///< row of the lowest
  int top_row = 0;                   ///< drawn pixels in the topmost row
  int bottom_row = 0;                ///< and in the lowest
  std::int64_t beside_head_box = 0;  ///< drawn pixels in the rows of the head box
  double head_x = 0;                 ///< their mean
};

Silhouette silhouette_of(const RgbaImage& picture) {
  Silhouette result;
  double sum = 0;
  for (int y = 0; y < kImageSize; ++y) {
    const bool is_beside_box = y >= kHeadBox.y && y < kHeadBox.y + kHeadBox.height;
    for (int x = 0; x < kImageSize; ++x) {
      if (alpha_at(picture, x, y) < kDrawn) continue;
      ++result.drawn;
      result.top = std::min(result.top, y);
      if (y > result.bottom) result.bottom_row = 0;
      result.bottom = y;
      if (y == result.top) ++result.top_row;
      ++result.bottom_row;
      if (!is_beside_box) continue;
      ++result.beside_head_box;
      sum += x;
    }
  }
  if (result.beside_head_box > 0) result.head_x = sum / static_cast<double>(result.beside_head_box);
  return result;
}

/// Fractions of opaque pixels, of all and of the upper half of the edge.
std::array<double, 2> opaque_fractions(const RgbaImage& picture) {
  int all = 0, edge = 0, edge_pixels = 0;
  for (int y = 0; y < kImageSize; ++y) {
    for (int x = 0; x < kImageSize; ++x) {
      const bool is_edge = y == 0 || (y < kImageSize / 2 && (x == 0 || x == kImageSize - 1));
      const bool is_opaque = alpha_at(picture, x, y) >= kOpaque;
      all += is_opaque;
      edge += is_edge && is_opaque;
      edge_pixels += is_edge;
    }
  }
  return {static_cast<double>(all) / (kImageSize * kImageSize), static_cast<double>(edge) / edge_pixels};
}

/// Of three opaque pixels in a row, the largest step of a channel between neighbours, and the largest
/// difference of its two steps.
struct Steps {
  int step = 0;
  int difference = 0;
};

Steps steps_of(const std::uint8_t* before, const std::uint8_t* pixel, const std::uint8_t* after) {
  Steps result;
  for (int c = 0; c < 3; ++c) {
    const int first = pixel[c] - before[c], second = after[c] - pixel[c];
    result.step = std::max({result.step, std::abs(first), std::abs(second)});
    result.difference = std::max(result.difference, std::abs(second - first));
  }
  return result;
}

/// The fraction of even places among those that are smooth, along rows; 1 where there are too few to tell.
double even_fraction(const RgbaImage& picture) {
  std::int64_t smooth = 0, even = 0;
  for (int y = 0; y < kImageSize; ++y) {
    for (int x = 1; x + 1 < kImageSize; ++x) {
      const std::uint8_t* const pixel = pixel_at(picture, x, y);
      if (std::min({pixel[-1], pixel[3], pixel[7]}) < kOpaque) continue;
      const Steps steps = steps_of(pixel - 4, pixel, pixel + 4);
      if (steps.step > kSmoothStep) continue;
      ++smooth;
      even += steps.difference <= kEvenStep;
    }
  }
  return smooth < kMinSmoothPlaces ? 1 : static_cast<double>(even) / static_cast<double>(smooth);
}

/// The fraction of pixels that are faint.
double faint_fraction(const RgbaImage& picture) {
  int faint = 0;
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) {
    faint += picture.pixels[i] >= kFaint && picture.pixels[i] < kDrawn;
  }
  return static_cast<double>(faint) / (kImageSize * kImageSize);
}

void check_veil(const RgbaImage& picture, Findings& findings) {
  const double faint = faint_fraction(picture);
  if (faint < kMaxFaint) return;
  findings.push_back(
      {PictureFault::opaque_background,
       fmt::format(
           "the background was not erased altogether: {:.0f} % of all pixels are faint, neither opaque nor "
           "transparent; erase what is behind the character in a paint program",
           100 * faint)});
}

void check_opacity(const RgbaImage& picture, Findings& findings) {
  const auto [all, edge] = opaque_fractions(picture);
  if (all < kMaxOpaque && edge < kMaxOpaqueEdge) return;
  findings.push_back(
      {PictureFault::opaque_background,
       fmt::format(
           "the background looks opaque: {:.1f} % of all pixels are, and {:.0f} % of the upper half of "
           "the picture's edge; erase it in a paint program, or with a tool such as rembg",
           100 * all, 100 * edge)});
}

void check_smoothness(const RgbaImage& picture, Findings& findings) {
  const double even = even_fraction(picture);
  if (even >= kMinEven) return;
  findings.push_back(
      {PictureFault::photograph,
       fmt::format(
           "this looks like a photograph, or strongly compressed: colours change evenly in {:.0f} % of "
           "the smooth places, and in drawings in half of them or more; teachers know drawn anime "
           "characters only, best kept as PNG",
           100 * even)});
}

void check_silhouette(const Silhouette& silhouette, Findings& findings) {
  const bool ends_above_edge = silhouette.top == 0 && silhouette.bottom < kImageSize - 1;
  if (silhouette.top_row > kMaxCutPixels &&
      (ends_above_edge || 2 * silhouette.bottom_row < silhouette.top_row)) {
    findings.push_back(
        {PictureFault::cut_off_at_top,
         fmt::format(
             "the topmost row that is drawn, y = {}, has {} pixels and the lowest, y = {}, has {}: turn the "
             "picture over if it stands on its head, or leave room above the head",
             silhouette.top, silhouette.top_row, silhouette.bottom, silhouette.bottom_row)});
  }
  if (silhouette.top > kLowestTop) {
    findings.push_back(
        {PictureFault::head_misplaced,
         fmt::format(
             "nothing is drawn above y = {}, where the head should be: move and scale the character; {}",
             silhouette.top, kWhereTheHeadBelongs)});
    return;
  }
  const double off = silhouette.head_x - (kHeadBox.x + kHeadBox.width / 2.0);
  if (silhouette.beside_head_box > 0 && std::abs(off) <= kFarthestFromMiddle) return;
  findings.push_back(
      {PictureFault::head_misplaced,
       fmt::format("what is drawn in the rows {} to {}, where the head should be, is {:.0f} pixels {} of the "
                   "middle: move the character there; {}",
                   kHeadBox.y, kHeadBox.y + kHeadBox.height - 1, std::abs(off), off < 0 ? "left" : "right",
                   kWhereTheHeadBelongs)});
}

bool has_fault(const Findings& findings, PictureFault fault) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const PictureFinding& finding) { return finding.fault == fault; });
}

void check_still(const FaceMotion& motion, Findings& findings) {
  if (has_still_eyes(motion)) {
    findings.push_back({PictureFault::still_eyes,
                        fmt::format("winking moves {} and {} pixels of the face crop (x 192 to 319, y 80 to "
                                    "207): are both eyes open, in sight and there? {}",
                                    motion.left_eye.count, motion.right_eye.count, kWhereTheHeadBelongs)});
  }
  if (has_still_mouth(motion)) {
    findings.push_back(
        {PictureFault::still_mouth,
         fmt::format("opening the mouth moves {} pixels of the face crop (x 192 to 319, y 80 to "
                     "207): is the mouth in sight and there? {}",
                     motion.mouth.count, kWhereTheHeadBelongs)});
  }
}

void check_place(const FaceMotion& motion, Findings& findings) {
  const double right = motion.mouth.x - kUsualMouthX, down = motion.mouth.y - kUsualMouthY;
  const double below_eyes = eyes_to_mouth(motion), size = head_size(motion);
  if (below_eyes < kMinEyesToMouth) {
    findings.push_back(
        {PictureFault::head_misplaced,
         fmt::format(
             "no face was found: the mouth moves around y = {:.0f} and the eyes around y = {:.0f}, "
             "which is not above it; the head may be too large, too small, elsewhere, or on its head: {}",
             motion.mouth.y, motion.mouth.y - below_eyes, kWhereTheHeadBelongs)});
  } else if (is_mixed_up(motion)) {
    findings.push_back(
        {PictureFault::head_misplaced,
         fmt::format("no face was found: the mouth moves around x = {:.0f} and the character's own right and "
                     "left eye around "
                     "x = {:.0f} and {:.0f}, which is not on both sides of it; the head may be too large, "
                     "too small, or "
                     "elsewhere: {}",
                     motion.mouth.x, motion.right_eye.x, motion.left_eye.x, kWhereTheHeadBelongs)});
  } else if (std::abs(right) > kFarthestMouthX || std::abs(down) > kFarthestMouthY) {
    findings.push_back(
        {PictureFault::head_misplaced,
         fmt::format(
             "the mouth moves around ({:.0f},{:.0f}) and not around ({:.0f},{:.0f}): move the character "
             "by ({:.0f},{:.0f}), or scale it; {}",
             motion.mouth.x, motion.mouth.y, kUsualMouthX, kUsualMouthY, -right, -down,
             kWhereTheHeadBelongs)});
  } else if (size != 0 && (size < kMinHeadSize || size > kMaxHeadSize)) {
    findings.push_back(
        {PictureFault::head_misplaced,
         fmt::format(
             "the head is about {:.2f} times as large as heads of rest images: scale the character by "
             "{:.2f}, with the head where it is; {}",
             size, 1 / size, kWhereTheHeadBelongs)});
  }
}

}  // namespace

std::vector<PictureFinding> check_picture(const RgbaImage& picture) {
  if (picture.width != kImageSize || picture.height != kImageSize) {
    throw Error("a rest image must be 512x512 to be checked");
  }
  const Silhouette silhouette = silhouette_of(picture);
  Findings findings;
  if (static_cast<double>(silhouette.drawn) < kMinDrawn * kImageSize * kImageSize) {
    findings.push_back(
        {PictureFault::hardly_anything,
         fmt::format("hardly anything is drawn: {} pixels of 512x512, {:.2f} %; scale the character up: {}",
                     silhouette.drawn,
                     100.0 * static_cast<double>(silhouette.drawn) / (kImageSize * kImageSize),
                     kWhereTheHeadBelongs)});
    return findings;
  }
  check_opacity(picture, findings);
  check_veil(picture, findings);
  check_smoothness(picture, findings);
  check_silhouette(silhouette, findings);
  return findings;
}

std::vector<PictureFinding> check_face_motion(const FaceMotion& motion) {
  Findings findings;
  check_still(motion, findings);
  if (findings.empty()) check_place(motion, findings);
  return findings;
}

std::vector<PictureFinding> check_picture(const RgbaImage& picture, Poser& poser) {
  Findings findings = check_picture(picture);
  if (has_fault(findings, PictureFault::hardly_anything) ||
      has_fault(findings, PictureFault::head_misplaced)) {
    return findings;
  }
  for (PictureFinding& finding : check_face_motion(measure_face_motion(poser))) {
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace tha4
