#include "window_places.h"

#include "window_errors.h"
#include <gtest/gtest.h>
#include <torch/types.h>

namespace tha4 {
namespace {

constexpr int kPlacedWindow = 128, kAlignment = 4;
constexpr Region kRegion{200, 160, 140, 300};

at::Tensor cells() {
  return torch::zeros({kCells, kCells});
}

/// Calls check(corner) for windows that are drawn by many triples of numbers, as \p where has the first one.
template <class Check>
void for_windows(const WindowPlaces& places, double where, const Check& check) {
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 20; ++j) {
      const kernels::SirenWindow corner = places.at(0, where, i / 20.0, j / 20.0);
      EXPECT_EQ(corner.x % kAlignment, 0);
      EXPECT_EQ(corner.y % kAlignment, 0);
      EXPECT_TRUE(corner.x >= 0 && corner.x <= kImageSize - kPlacedWindow);
      EXPECT_TRUE(corner.y >= 0 && corner.y <= kImageSize - kPlacedWindow);
      check(corner);
    }
  }
}

bool holds_cell(const kernels::SirenWindow& corner, int column, int row) {
  // Cells at an edge of the frame are at one of the window.
  const auto holds = [](int begin, int cell) {
    return begin < (cell + 1) * kCellPixels && begin + kPlacedWindow > cell * kCellPixels;
  };
  return holds(corner.x, column) && holds(corner.y, row);
}

TEST(WindowPlaces, LieWhereTheCharacterIsOrAnywhere) {
  const WindowPlaces places({.anywhere_fraction = 0.25}, kPlacedWindow, kAlignment, kRegion, {}, {});
  int beside = 0;
  for_windows(places, 0.3, [&](const kernels::SirenWindow& corner) {
    EXPECT_GE(corner.x, kRegion.x - kPlacedWindow / 4 - kAlignment);
    EXPECT_LE(corner.x + kPlacedWindow, kRegion.x + kRegion.width + kPlacedWindow / 4);
    EXPECT_GE(corner.y, kRegion.y - kPlacedWindow / 4 - kAlignment);
  });
  for_windows(places, 0.2, [&](const kernels::SirenWindow& corner) {
    beside += corner.x + kPlacedWindow < kRegion.x ? 1 : 0;
  });
  EXPECT_GT(beside, 0);
}

TEST(WindowPlaces, AreDrawnByWhatMoves) {
  at::Tensor moving = cells();
  moving[7][20] = 3;
  moving[31][0] = 1;
  const WindowPlaces places({.anywhere_fraction = 0.25, .moving_fraction = 0.5}, kPlacedWindow, kAlignment,
                            kRegion, moving, {});
  int first = 0, second = 0;
  for (int i = 0; i < 40; ++i) {
    const kernels::SirenWindow corner = places.at(0, 0.25 + 0.5 * (i + 0.5) / 40, 0.5, 0.5);
    first += holds_cell(corner, 20, 7) ? 1 : 0;
    second += holds_cell(corner, 0, 31) ? 1 : 0;
  }
  EXPECT_EQ(first, 30);
  EXPECT_EQ(second, 10);
  for_windows(places, 0.26,
              [](const kernels::SirenWindow& corner) { EXPECT_TRUE(holds_cell(corner, 20, 7)); });
  for_windows(places, 0.74,
              [](const kernels::SirenWindow& corner) { EXPECT_TRUE(holds_cell(corner, 0, 31)); });
}

TEST(WindowPlaces, LieAroundWhatTheirFrameHas) {
  at::Tensor drawn = torch::zeros({3, kCells, kCells}, torch::kBool);
  drawn[0][4][20] = true;
  drawn[2][10][10] = true;
  drawn[2][30][31] = true;
  const WindowPlaces places({.anywhere_fraction = 0, .drawn_fraction = 1}, kPlacedWindow, kAlignment, kRegion,
                            {}, drawn);
  for_windows(places, 0.5,
              [](const kernels::SirenWindow& corner) { EXPECT_TRUE(holds_cell(corner, 20, 4)); });
  EXPECT_TRUE(holds_cell(places.at(2, 0.1, 0.5, 0.5), 10, 10));
  EXPECT_TRUE(holds_cell(places.at(2, 0.9, 0.5, 0.5), 31, 30));
  const WindowPlaces uniform({.anywhere_fraction = 0}, kPlacedWindow, kAlignment, kRegion, {}, {});
  EXPECT_EQ(places.at(1, 0.4, 0.2, 0.7).x, uniform.at(1, 0.4, 0.2, 0.7).x) << "of an empty frame";
}

TEST(WindowPlaces, FollowErrorsOnceTheyAreKnown) {
  WindowPlaces places({.anywhere_fraction = 0, .error_fraction = 1}, kPlacedWindow, kAlignment, kRegion, {},
                      {});
  const WindowPlaces uniform({.anywhere_fraction = 0}, kPlacedWindow, kAlignment, kRegion, {}, {});
  const kernels::SirenWindow before = places.at(0, 0.5, 0.3, 0.8), usual = uniform.at(0, 0.5, 0.3, 0.8);
  EXPECT_EQ(before.x, usual.x);
  EXPECT_EQ(before.y, usual.y);
  at::Tensor errors = cells();
  errors[2][3] = 1e-3;
  places.take_errors(errors.unsqueeze(0));
  for_windows(places, 0.5, [](const kernels::SirenWindow& corner) { EXPECT_TRUE(holds_cell(corner, 3, 2)); });
}

TEST(WindowPlaces, FollowTheErrorsOfEachFrame) {
  constexpr int kFramePixels = kImageSize / kFrameCells;
  at::Tensor errors = torch::zeros({3, kFrameCells, kFrameCells}, torch::kFloat64);
  errors[0][1][2] = 1e-3;
  errors[2][5][6] = 3e-3;
  WindowPlaces places({.anywhere_fraction = 0, .error_fraction = 1}, kPlacedWindow, kAlignment, kRegion, {},
                      {});
  places.take_errors(errors);
  int counts[3] = {};
  for (int i = 0; i < 40; ++i) {
    const kernels::SirenWindow window = places.at(1, (i + 0.5) / 40, 0.5, 0.5);
    ++counts[window.frame];
    const int column = window.frame == 0 ? 2 : 6, row = window.frame == 0 ? 1 : 5;
    EXPECT_NEAR(window.x + kPlacedWindow / 2, (column + 0.5) * kFramePixels, kAlignment);
    EXPECT_NEAR(window.y + kPlacedWindow / 2, (row + 0.5) * kFramePixels, kAlignment);
  }
  EXPECT_EQ(counts[0], 10);
  EXPECT_EQ(counts[1], 0) << "which has no errors";
  EXPECT_EQ(counts[2], 30);
}

TEST(WindowPlaces, AWholeFrameHasOnePlace) {
  const WindowPlaces places({.error_fraction = 0.5}, kImageSize, kAlignment, kRegion, {}, {});
  for (const double where : {0.0, 0.4, 0.9}) EXPECT_EQ(places.at(0, where, 0.99, 0.99).x, 0);
}

TEST(WindowErrors, GoOnFromTheirState) {
  const auto sums = [](double error, std::int64_t pixels) {
    const at::Tensor of_cells = torch::zeros({kCells * kCells, 2}, torch::kFloat64);
    of_cells[5][0] = error;
    of_cells[5][1] = pixels;
    of_cells[6][1] = 1;
    return of_cells;
  };
  StateDict state;
  state.insert("running", sums(100, 10));
  state.insert("fetched_0", sums(40, 20).to(torch::kLong));
  state.insert("fetched_1", sums(1e6, 1).to(torch::kLong));
  WindowErrors errors(torch::kCPU, {.across = kCells});
  errors.restore(state);
  for (const auto& item : errors.state())
    EXPECT_TRUE(torch::equal(item.value(), state[item.key()])) << item.key();
  const at::Tensor map = errors.map()[0];
  // The last fetch may still be under way.
  const double error = 0.9 * 100 + 40, pixels = 0.9 * 10 + 20;
  EXPECT_NEAR(map[0][5].item<double>(), error / pixels, 1e-9);
  EXPECT_EQ(map[0][6].item<double>(), 0);
  EXPECT_NEAR(map[31][31].item<double>(), error / (pixels + 1.9), 1e-9) << "the mean where nothing is known";
  errors.restore(StateDict());
  EXPECT_FALSE(errors.map().defined());
}

TEST(WindowErrors, OfEachFrameLastUntilItIsSeenAgain) {
  constexpr int kAcross = 2;
  const auto sums = [](int frame, int cell, double error, double pixels) {
    const at::Tensor all = torch::zeros({2, kAcross * kAcross, 2}, torch::kFloat64);
    all[frame][cell][0] = error;
    all[frame][cell][1] = pixels;
    return all.view({-1, 2});
  };
  StateDict state;
  state.insert("running", sums(0, 1, 80, 10) + sums(1, 2, 60, 10));
  state.insert("fetched_0", sums(0, 1, 10, 5).to(torch::kLong));
  state.insert("fetched_1", sums(1, 1, 1e6, 1).to(torch::kLong));
  WindowErrors errors(torch::kCPU, {.frames = 2, .across = kAcross});
  errors.restore(state);
  const at::Tensor map = errors.map();
  ASSERT_EQ(map.sizes(), (std::vector<std::int64_t>{2, kAcross, kAcross}));
  EXPECT_NEAR(map[0][0][1].item<double>(), 50.0 / 10, 1e-9);
  EXPECT_NEAR(map[1][1][0].item<double>(), 6, 1e-9);
  EXPECT_NEAR(map[1][0][1].item<double>(), 5, 1e-9) << "the other frame's where it has none";
  EXPECT_NEAR(map[1][1][1].item<double>(), 110.0 / 20, 1e-9) << "that of all where nothing is known";
}

}  // namespace
}  // namespace tha4
