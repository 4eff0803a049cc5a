// Looks whether the cells that are left out of a character's frames are empty in many poses: paints whole
// frames, without leaving out any, and tells the greatest alpha in those cells. Not a test: on a CPU, ten
// thousand frames take a quarter of an hour, on a GPU some seconds.
//
// check_empty_cells CHARACTER POSES [SEED [DEVICE]]

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "tha4/base/device.h"
#include "tha4/engine/gpu_student_poser.h"
#include "tha4/image/rest_image.h"
#include "tha4/pose/pose_sampler.h"

namespace {

using namespace tha4;

/// The greatest alpha level, on 8 bits, within \p cells of a frame.
int greatest_alpha(const std::vector<std::uint8_t>& pixels, const EmptyCells& cells) {
  constexpr int kCell = kImageSize / EmptyCells::kAcross;
  int greatest = 0;
  for (int y = 0; y < kImageSize; ++y) {
    for (int x = 0; x < kImageSize; ++x) {
      if (!cells.is_empty(x / kCell, y / kCell)) continue;
      greatest = std::max<int>(greatest, pixels[static_cast<std::size_t>(y * kImageSize + x) * 4 + 3]);
    }
  }
  return greatest;
}

void check(const std::string& name, PoseDistribution kind, int count, std::uint64_t seed,
           FramePainter& painter, const EmptyCells& cells) {
  constexpr int kLevels = 256;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(kImageSize) * kImageSize * 4);
  std::array<int, kLevels> frames{};
  for (const Pose& pose : sample_poses(kind, count, seed)) {
    painter.paint(pose, {}, AlphaKind::straight, pixels.data());
    ++frames[static_cast<std::size_t>(greatest_alpha(pixels, cells))];
  }
  std::printf("%s, %d poses, by the greatest alpha in cells that are left out:", name.c_str(), count);
  for (int level = 0; level < kLevels; ++level) {
    if (const int some = frames[static_cast<std::size_t>(level)])
      std::printf(" %d frames %d/255;", some, level);
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3 || argc > 5) {
    std::fprintf(stderr, "usage: check_empty_cells CHARACTER POSES [SEED [DEVICE]]\n");
    return 2;
  }
  const Character character = load_character(argv[1]);
  const c10::Device device = parse_device(argc > 4 ? argv[4] : "cpu");
  const auto workers = std::make_shared<TileWorkers>(usual_threads());
  const EmptyCells cells = find_empty_cells(character, *workers);
  std::printf("%d of %d cells are left out\n", cells.count(), EmptyCells::kAcross * EmptyCells::kAcross);
  const auto painter = device.is_cuda() ? make_painter(character, device) : make_painter(character, workers);
  const int count = std::atoi(argv[2]);
  const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  check("uniform", PoseDistribution::uniform, count, seed, *painter, cells);
  check("natural", PoseDistribution::natural, count, seed, *painter, cells);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "check_empty_cells: %s\n", error.what());
  return 1;
}
