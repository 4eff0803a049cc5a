#include <algorithm>
#include <array>
#include <atomic>
#include <vector>

#include "body_pixels.h"
#include "pose_evolution.h"
#include "siren_player.h"

#include "tha4/base/error.h"
#include "tha4/engine/empty_cells.h"
#include "tha4/image/color.h"
#include "tha4/pose/pose_sampler.h"

// Cells are found to be empty by a sample of poses. Four things make it a safe one.
//
// Networks smear a little into the background in rare poses. Where they do, a fraction of what 8 bits begin
// to show is there in many more poses: that much is counted in random poses, and the neighbours of such a
// cell with it.
//
// Rare poses are looked for, not waited for: an evolution breeds those that show most in each cell where
// nothing was counted so far.
//
// What moves a character's outline furthest are its six rotations: all 64 corners of their ranges are drawn.
// Networks were hardly trained there and smear much more than anywhere else, so that only outlines count, and
// their neighbours.
//
// Two rows of 16 are drawn of a pose, other ones of the next, and only of cells that nothing was seen in so
// far. That takes a sixth of the time of drawing frames, and smears are found by many poses rather than by
// many rows.
//
// What that is worth is measured in whole frames by tests/engine/check_empty_cells.cpp; docs/engine.md has
// the figures.

namespace tha4 {
namespace {

constexpr int kAcross = EmptyCells::kAcross;
constexpr int kCellSize = kImageSize / kAcross;

/// Fractions of the largest colour or alpha: of random poses, and of the corners.
constexpr float kTrace = 0.3F / 255;
constexpr float kOutline = 0.05F;

constexpr int kRandomPoses = 256;
constexpr int kChildren = 1024;

/// Random poses, and the character at rest.
std::vector<Pose> random_poses() {
  std::vector<Pose> poses = sample_poses(PoseDistribution::natural, 32, /*seed=*/15);
  const std::vector<Pose> wild = sample_poses(PoseDistribution::uniform, kRandomPoses, /*seed=*/16);
  poses.insert(poses.end(), wild.begin(), wild.end());
  poses.push_back(Pose{});
  return poses;
}

/// The corners of the ranges of all rotations.
std::vector<Pose> extreme_poses() {
  std::vector<Pose> poses;
  const auto parameters = pose_parameters();
  for (unsigned corner = 0; corner < 1U << kRotationPoseSize; ++corner) {
    Pose pose{};
    for (std::size_t i = 0; i < kRotationPoseSize; ++i) {
      const PoseParameter& parameter = parameters[kFacePoseSize + i];
      pose[kFacePoseSize + i] = (corner >> i & 1U) != 0 ? parameter.max : parameter.min;
    }
    poses.push_back(pose);
  }
  return poses;
}

/// Cells, marked by several threads.
class MarkedCells {
 public:
  bool contains(int column, int row) const { return cells_[index(column, row)]; }
  void add(int column, int row) { cells_[index(column, row)] = true; }
  /// \param take  is called with the index of each, row by row
  template <class Take>
  void for_each(const Take& take) const {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (cells_[i]) take(i);
    }
  }
  /// Adds the neighbours of \p others, and them.
  void add_grown(const MarkedCells& others) {
    for (int row = 0; row < kAcross; ++row) {
      for (int column = 0; column < kAcross; ++column) {
        if (others.contains(column, row)) add_around(column, row);
      }
    }
  }

 private:
  static std::size_t index(int column, int row) { return static_cast<std::size_t>(row * kAcross + column); }
  void add_around(int column, int row) {
    for (int y = std::max(row - 1, 0); y <= std::min(row + 1, kAcross - 1); ++y) {
      for (int x = std::max(column - 1, 0); x <= std::min(column + 1, kAcross - 1); ++x) add(x, y);
    }
  }

  std::array<std::atomic<bool>, static_cast<std::size_t>(kAcross) * kAcross> cells_{};
};

/// Adds a row of pixels of all cells but \p known.
void add_row(int y, const MarkedCells& known, std::vector<PixelRun>& runs) {
  for (int column = 0; column < kAcross; ++column) {
    if (known.contains(column, y / kCellSize)) continue;
    const int x = column * kCellSize;
    if (!runs.empty() && runs.back().y == y && runs.back().x + runs.back().count == x) {
      runs.back().count += kCellSize;
    } else {
      runs.push_back({x, y, kCellSize});
    }
  }
}

/// The rows of drawing \p index, without the cells \p known.
std::vector<PixelRun> rows_of(int index, const MarkedCells& known) {
  // An odd row and the next one lie between the same rows of a map of half the size. Cells have their turn in
  // every other drawing.
  constexpr int kStep = 16;
  constexpr std::array kFirst{3, 11, 7, 15, 1, 9, 5, 13};
  std::vector<PixelRun> runs;
  for (int y = kFirst[static_cast<std::size_t>(index) % kFirst.size()] - kStep; y < kImageSize; y += kStep) {
    if (y >= 0) add_row(y, known, runs);
    if (y + 1 >= 0 && y + 1 < kImageSize) add_row(y + 1, known, runs);
  }
  return runs;
}

/// The greatest value that several threads find in each cell.
class GreatestOfCells {
 public:
  void take(int column, int row, float value) {
    std::atomic<float>& greatest = values_[static_cast<std::size_t>(row * kAcross + column)];
    float before = greatest.load(std::memory_order_relaxed);
    while (before < value && !greatest.compare_exchange_weak(before, value, std::memory_order_relaxed)) {
    }
  }
  std::vector<float> values() const { return {values_.begin(), values_.end()}; }

 private:
  std::array<std::atomic<float>, static_cast<std::size_t>(kAcross) * kAcross> values_{};
};

/// Draws poses of a character in search of what is not empty.
class Search {
 public:
  Search(const Character& character, TileWorkers& workers)
      : player_(body_program(*character.body_rotator, resolution_of(character.body_rotator_kind)), workers),
        image_(to_image_tensor(character.image)) {}

  /// Draws some rows of a pose, without the cells \p known.
  /// \param take  is called with cells that are drawn and the maximum of their pixels' colours and alphas
  template <class Take>
  void draw(const Pose& pose, const MarkedCells& known, const Take& take) {
    const auto take_tile = [&](const TileResults& tile) {
      const float y = pixel_centre(tile.y, kImageSize);
      for (int i = 0; i < tile.count; ++i) {
        const BodyPixel pixel =
            body_pixel(tile.values + tile.offset + i, pixel_centre(tile.x + i, kImageSize), y, image_);
        const float max = *std::max_element(pixel.blended.begin(), pixel.blended.end());
        take((tile.x + i) / kCellSize, tile.y / kCellSize, max * 0.5F + 0.5F);
      }
    };
    player_.draw_runs(pose.data(), kImageSize, rows_of(drawings_++, known), std::ref(take_tile));
  }

 private:
  SirenPlayer player_;
  PixelImage image_;  ///< its face is that at rest: expressions do not change where it is transparent
  int drawings_ = 0;
};

void check_stop(const Context& context) {
  if (context.stop.stop_requested()) throw InterruptedError("interrupted before the empty cells were found");
}

}  // namespace

bool can_skip_cells(const Character& character) {
  return character.body_rotator_kind == BodyRotatorKind::siren ||
         character.body_rotator_kind == BodyRotatorKind::siren_single_resolution;
}

EmptyCells find_empty_cells(const Character& character, TileWorkers& workers, const Context& context) {
  if (!can_skip_cells(character)) return {};
  Search search(character, workers);
  MarkedCells traces, drawn, outlines;
  PoseEvolution evolution(kAcross * kAcross, /*seed=*/17);
  const auto draw_traces = [&](const Pose& pose) {
    check_stop(context);
    GreatestOfCells greatest;
    search.draw(pose, traces, [&](int column, int row, float max) {
      if (!(max < kTrace)) traces.add(column, row);  // also where it is not a number
      greatest.take(column, row, max);
    });
    evolution.take(pose, greatest.values());
    traces.for_each([&](std::size_t cell) { evolution.close(cell); });
  };
  for (const Pose& pose : random_poses()) draw_traces(pose);
  for (int i = 0; i < kChildren; ++i) draw_traces(evolution.child());
  drawn.add_grown(traces);
  for (const Pose& pose : extreme_poses()) {
    // Twice, for all cells to have their turn.
    for (int i = 0; i < 2; ++i) {
      check_stop(context);
      search.draw(pose, drawn, [&](int column, int row, float max) {
        if (!(max < kOutline)) outlines.add(column, row);
      });
    }
  }
  drawn.add_grown(outlines);
  EmptyCells empty;
  for (int row = 0; row < kAcross; ++row) {
    for (int column = 0; column < kAcross; ++column) {
      empty.set_empty(column, row, !drawn.contains(column, row));
    }
  }
  return empty;
}

}  // namespace tha4
