#include "tha4/engine/empty_cells.h"

#include <cmath>
#include <fstream>

#include "engine/engine_fixtures.h"
#include "pose_evolution.h"
#include "test_files.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/engine/fused_student.h"
#include "tha4/image/color.h"
#include "tha4/metrics/psnr.h"
#include "tha4/poser/student_poser.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// Whether a pixel of a frame of \p resolution touches only cells that are empty.
at::Tensor empty_pixels(const EmptyCells& cells, int resolution) {
  at::Tensor mask = torch::zeros({resolution, resolution}, torch::kBool);
  auto values = mask.accessor<bool, 2>();
  const auto cell = [&](double pixel) { return static_cast<int>(pixel * EmptyCells::kAcross / resolution); };
  for (int y = 0; y < resolution; ++y) {
    for (int x = 0; x < resolution; ++x) {
      bool is_empty = true;
      for (int row = cell(y); row <= cell(y + 0.9999); ++row) {
        for (int column = cell(x); column <= cell(x + 0.9999); ++column) {
          is_empty = is_empty && cells.is_empty(column, row);
        }
      }
      values[y][x] = is_empty;
    }
  }
  return mask;
}

TEST(EmptyCells, AreTransparentAndLeaveAllOthersAsTheyAre) {
  const Character character = small_character(disc(), 0.3);
  const EmptyCells cells = scattered_cells();
  StudentPoser whole(fused(character, two_workers()), c10::kCPU);
  StudentPoser skipping(fused(character, two_workers(), cells), c10::kCPU);
  const at::Tensor poses = some_poses(2);
  for (const int resolution : {512, 100, 16, 700}) {
    const FrameWindow window = FrameWindow::whole(resolution);
    const PosedFrame expected = whole.pose(poses, window), frame = skipping.pose(poses, window);
    const at::Tensor empty = empty_pixels(cells, resolution);
    for (const auto& [ours, theirs, value] : {std::tuple{frame.blended, expected.blended, -1},
                                              {frame.warped, expected.warped, -1},
                                              {frame.direct, expected.direct, -1},
                                              {frame.alpha, expected.alpha, 0},
                                              {frame.flow, expected.flow, 0}}) {
      EXPECT_TRUE(torch::equal(ours, torch::where(empty, torch::full_like(theirs, value), theirs)))
          << resolution;
    }
  }
}

TEST(EmptyCells, AreThoseOfTheFrameInEveryWindow) {
  const Character character = small_character(disc(), 0.3);
  StudentPoser student(fused(character, two_workers(), scattered_cells()), c10::kCPU);
  const at::Tensor poses = some_poses(1);
  for (const int resolution : {512, 300}) {
    const at::Tensor whole = student.pose(poses, FrameWindow::whole(resolution)).blended;
    const int width = resolution / 3 + 1, height = resolution / 2 + 1;
    for (int y = 0; y < resolution; y += height) {
      for (int x = 0; x < resolution; x += width) {
        const Region region{x, y, std::min(width, resolution - x), std::min(height, resolution - y)};
        const at::Tensor part = student.pose(poses, {resolution, region}).blended;
        EXPECT_TRUE(torch::equal(part, whole.narrow(2, y, region.height).narrow(3, x, region.width)))
            << resolution << " " << x << " " << y;
      }
    }
  }
}

/// How near a pose is to all values at an end of their ranges, up to 1.
float nearness(const Pose& pose, float PoseParameter::*end) {
  double sum = 0;
  for (std::size_t i = 0; i < pose.size(); ++i) {
    const PoseParameter& parameter = pose_parameters()[i];
    sum += std::abs(pose[i] - parameter.*end) / (parameter.max - parameter.min);
  }
  return 1 - static_cast<float>(sum / kPoseSize);
}

std::array<float, 2> shown_by(const Pose& pose) {
  return {nearness(pose, &PoseParameter::max), nearness(pose, &PoseParameter::min)};
}

TEST(PoseEvolution, FindsInEveryPlaceWhatRandomPosesDoNot) {
  constexpr int kPoses = 4000;
  std::array<float, 2> random{}, bred{};
  for (const Pose& pose : sample_poses(PoseDistribution::uniform, kPoses, 3)) {
    for (std::size_t i = 0; i < 2; ++i) random[i] = std::max(random[i], shown_by(pose)[i]);
  }
  PoseEvolution evolution(2, 3);
  for (int i = 0; i < kPoses; ++i) {
    const Pose pose = evolution.child();
    const std::array<float, 2> shown = shown_by(pose);
    evolution.take(pose, shown);
    for (std::size_t k = 0; k < 2; ++k) bred[k] = std::max(bred[k], shown[k]);
  }
  // Random poses' mean of 45 values is near a half.
  EXPECT_LT(random[0], 0.7F);
  EXPECT_LT(random[1], 0.7F);
  EXPECT_GT(bred[0], 0.85F);
  EXPECT_GT(bred[1], 0.85F);
}

TEST(PoseEvolution, LooksNoMoreWherePlacesAreClosed) {
  PoseEvolution evolution(2, 3);
  evolution.close(0);
  for (int i = 0; i < 1500; ++i) {
    const Pose pose = evolution.child();
    evolution.take(pose, shown_by(pose));
  }
  EXPECT_GT(shown_by(evolution.child())[1], 0.7F);
}

TEST(EmptyCells, MayBeAll) {
  EmptyCells all;
  for (int i = 0; i < EmptyCells::kAcross * EmptyCells::kAcross; ++i) all.set_empty(i % 64, i / 64);
  StudentPoser student(fused(small_character(disc(), 0.3), two_workers(), all), c10::kCPU);
  EXPECT_TRUE((student.pose(some_poses(1)).blended == -1).all().item<bool>());
}

TEST(EmptyCells, AreNotFoundWhereWeightsAreUntrained) {
  TileWorkers workers(2);
  EXPECT_EQ(find_empty_cells(small_character(disc(), 1), workers).count(), 0);
}

TEST(EmptyCells, AreAllThatIsFarEnoughFromWhatDoesNotMove) {
  TileWorkers workers(2);
  const EmptyCells cells = find_empty_cells(small_character(disc(), 0), workers);
  const int size = kImageSize / EmptyCells::kAcross;
  for (int row = 0; row < EmptyCells::kAcross; ++row) {
    for (int column = 0; column < EmptyCells::kAcross; ++column) {
      const double x = (column + 0.5) * size - kDiscCentre, y = (row + 0.5) * size - kDiscCentre;
      const double distance = std::hypot(x, y);
      if (distance < kDiscRadius + size / 2) {
        EXPECT_FALSE(cells.is_empty(column, row)) << column << " " << row;
      }
      if (distance > kDiscRadius + 4 * size) {
        EXPECT_TRUE(cells.is_empty(column, row)) << column << " " << row;
      }
    }
  }
}

TEST(EmptyCells, OfATrainedCharacterCannotBeSeen) {
  const fs::path folder = reference_file("lambda_00");
  if (!fs::exists(folder)) GTEST_SKIP() << "lambda_00 is not there; name its folder with THA4_REFERENCE_DIR";
  const Character character = load_character(folder);
  const auto workers = two_workers();
  const EmptyCells cells = find_empty_cells(character, *workers);
  EXPECT_GT(cells.count(), EmptyCells::kAcross * EmptyCells::kAcross * 2 / 5);
  StudentPoser reference(load_character(folder), c10::kCPU);
  StudentPoser student(fused(character, workers, cells), c10::kCPU);
  const at::Tensor poses = torch::cat({some_poses(1), some_poses(2, PoseDistribution::uniform)});
  const at::Tensor ours = student.pose(poses).blended, theirs = reference.pose(poses).blended;
  EXPECT_GT(network_psnr(ours, theirs).min().item<double>(), 50);
  const at::Tensor empty = empty_pixels(cells, kImageSize);
  const auto levels = [&](const at::Tensor& images) {
    return (srgb_on_white(images) * 255).round().masked_select(empty);
  };
  EXPECT_LE((levels(ours) - levels(theirs)).abs().max().item<double>(), 1);
}

TEST(EmptyCells, AreKeptWithTheirCharacterAlone) {
  TileWorkers workers(1);
  const fs::path folder = fs::path(testing::TempDir()) / "kept";
  const fs::path file = empty_cells_file(folder / "character_model.yaml");
  const Character character = small_character(disc(), 0.2), other = small_character(disc(), 0.3);
  const EmptyCells cells = scattered_cells();
  EXPECT_FALSE(read_empty_cells(file, character));
  write_empty_cells(file, character, cells);
  EXPECT_EQ(read_empty_cells(file, character), cells);
  EXPECT_EQ(cells_to_skip(CellSkipping::kept, folder / "character_model.yaml", character, workers), cells);
  EXPECT_EQ(cells_to_skip(CellSkipping::none, folder / "character_model.yaml", character, workers).count(),
            0);
  EXPECT_FALSE(read_empty_cells(file, other));
  Character repainted = character;
  repainted.image.pixels[0] = 1;
  EXPECT_FALSE(read_empty_cells(file, repainted));
}

// They were found by fewer poses, and are not as safe.
TEST(EmptyCells, AreNotThoseOfEarlierVersions) {
  const fs::path folder = fs::path(testing::TempDir()) / "earlier";
  fs::create_directories(folder);
  const fs::path file = empty_cells_file(folder);
  const Character character = small_character(disc(), 0);
  write_empty_cells(file, character, scattered_cells());
  std::string text = read_text_file(file);
  const std::string now = "\"method\": 3";
  ASSERT_NE(text.find(now), std::string::npos) << text.substr(0, 200);
  write_text_file(file, text.replace(text.find(now), now.size(), "\"method\": 2"));
  EXPECT_FALSE(read_empty_cells(file, character));
}

TEST(EmptyCells, AreFoundAnewWhereTheFileIsDamaged) {
  const fs::path folder = fs::path(testing::TempDir()) / "damaged";
  fs::create_directories(folder);
  const fs::path file = empty_cells_file(folder);
  const Character character = small_character(disc(), 0);
  write_empty_cells(file, character, scattered_cells());
  const std::string whole = read_text_file(file);
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"), std::string("{\"method\": 1}"),
        std::string(100000, ' '),
        whole.substr(0, whole.find('#')) + "x" + whole.substr(whole.find('#') + 1)}) {
    write_text_file(file, text);
    EXPECT_FALSE(read_empty_cells(file, character)) << text.substr(0, 20);
  }
  TileWorkers workers(2);
  const EmptyCells found = empty_cells_of(folder, character, workers);
  EXPECT_GT(found.count(), 0);
  EXPECT_EQ(read_empty_cells(file, character), found);
}

TEST(EmptyCells, AreFoundWhereTheyCannotBeKept) {
  const fs::path folder = fs::path(testing::TempDir()) / "unwritable";
  fs::create_directories(folder);
  std::ofstream(folder / "cache") << "a file, where the folder of the cache would be";
  TileWorkers workers(2);
  EXPECT_GT(empty_cells_of(folder, small_character(disc(), 0), workers).count(), 0);
}

}  // namespace
}  // namespace tha4
