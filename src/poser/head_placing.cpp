#include "tha4/poser/head_placing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "tha4/image/region.h"
#include "tha4/poser/picture_check.h"

namespace tha4 {
namespace {

/// Alpha from which on a pixel is drawn.
constexpr int kDrawnAlpha = 128;

/// Where a rest image has its hair begin, and how far from there its chin is.
constexpr double kTopOfHead = 62;
constexpr double kHeadHeight = 128;

/// Fractions of a character's height that its head may be: portraits, busts, childlike and grown figures.
constexpr std::array kHeadFractions{0.8, 0.55, 0.4, 0.28, 0.2, 0.14};

/// What is corrected: so many of the trials, so many times each.
constexpr int kCorrected = 2;
constexpr int kCorrections = 4;

/// Errors (see error_of()) that are as good as none, and that no head has which is where it belongs.
constexpr double kGoodError = 0.12;
constexpr double kMaxError = 0.4;

/// One place that was tried, and what moved there.
struct Trial {
  PicturePlace place;
  FaceMotion motion;
  double error = std::numeric_limits<double>::infinity();
};

/// 0 of a head of the usual size and place; a tenth is a size that is 10 % off, or ten pixels. Infinite where
/// nothing moves as a face does.
double error_of(const FaceMotion& motion) {
  const double size = head_size(motion);
  if (size == 0 || has_still_eyes(motion) || has_still_mouth(motion))
    return std::numeric_limits<double>::infinity();
  const double off = std::hypot(motion.mouth.x - kUsualMouthX, motion.mouth.y - kUsualMouthY);
  const double slant = std::abs(motion.left_eye.y - motion.right_eye.y);
  return std::abs(std::log(size)) + off / 100 + slant / 100;
}

/// The place at which the face of \p trial would be of the usual size and where it belongs.
PicturePlace corrected(const Trial& trial) {
  const PicturePlace& place = trial.place;
  const double scale = place.scale / head_size(trial.motion);
  const auto offset = [&](double moved, double was, double wanted) {
    return wanted - (moved - was) / place.scale * scale;
  };
  return {scale, offset(trial.motion.mouth.x, place.x, kUsualMouthX),
          offset(trial.motion.mouth.y, place.y, kUsualMouthY)};
}

/// The drawn pixels of each row: how many, and the sum of their columns.
struct DrawnRow {
  std::int64_t count = 0;
  std::int64_t columns = 0;
};

std::vector<DrawnRow> drawn_rows(const RgbaImage& picture) {
  std::vector<DrawnRow> rows(static_cast<std::size_t>(picture.height));
  for (int y = 0; y < picture.height; ++y) {
    DrawnRow& row = rows[static_cast<std::size_t>(y)];
    for (int x = 0; x < picture.width; ++x) {
      if (picture.pixels[(static_cast<std::size_t>(y) * picture.width + x) * 4 + 3] < kDrawnAlpha) continue;
      ++row.count;
      row.columns += x;
    }
  }
  return rows;
}

/// Places at which heads of the sizes kHeadFractions would be where they belong.
std::vector<PicturePlace> likely_places(const RgbaImage& picture) {
  const std::vector<DrawnRow> rows = drawn_rows(picture);
  const auto is_drawn = [](const DrawnRow& row) { return row.count > 0; };
  const auto first = std::find_if(rows.begin(), rows.end(), is_drawn);
  const auto last = std::find_if(rows.rbegin(), rows.rend(), is_drawn).base();
  std::vector<PicturePlace> places;
  if (first == rows.end()) return places;
  const auto top = static_cast<double>(first - rows.begin());
  const auto height = static_cast<double>(last - first);
  for (const double fraction : kHeadFractions) {
    const double head = std::max(1.0, fraction * height);
    DrawnRow sum;
    for (auto row = first; row != last && static_cast<double>(row - first) < head; ++row) {
      sum.count += row->count;
      sum.columns += row->columns;
    }
    const double middle = static_cast<double>(sum.columns) / static_cast<double>(sum.count) + 0.5;
    const double scale = kHeadHeight / head;
    places.push_back({scale, kImageSize / 2.0 - middle * scale, kTopOfHead - top * scale});
  }
  return places;
}

}  // namespace

std::optional<PicturePlace> place_of_head(const RgbaImage& picture, const FaceMotionMeter& measure) {
  const auto tried = [&](const PicturePlace& place) {
    Trial trial{place, measure(placed(picture, place))};
    trial.error = error_of(trial.motion);
    return trial;
  };
  // What is as it should be stays as it is.
  std::vector<Trial> trials = {tried(centred_place(picture))};
  if (check_face_motion(trials[0].motion).empty()) return trials[0].place;
  for (const PicturePlace& place : likely_places(picture)) trials.push_back(tried(place));
  const auto is_better = [](const Trial& a, const Trial& b) { return a.error < b.error; };
  std::sort(trials.begin(), trials.end(), is_better);
  trials.resize(std::min<std::size_t>(trials.size(), kCorrected));
  for (Trial& trial : trials) {
    for (int i = 0; i < kCorrections && std::isfinite(trial.error) && trial.error > kGoodError; ++i) {
      const Trial next = tried(corrected(trial));
      if (!is_better(next, trial)) break;
      trial = next;
    }
    if (trial.error <= kGoodError) break;
  }
  const Trial& best = *std::min_element(trials.begin(), trials.end(), is_better);
  if (best.error > kMaxError || !check_face_motion(best.motion).empty()) return std::nullopt;
  return best.place;
}

}  // namespace tha4
