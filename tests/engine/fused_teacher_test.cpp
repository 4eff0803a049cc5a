#include "tha4/engine/fused_teacher.h"

#include "engine/engine_fixtures.h"
#include "gpu_test.h"
#include <c10/core/CachingDeviceAllocator.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/engine/graphed_poser.h"
#include "tha4/image/color.h"
#include "tha4/metrics/psnr.h"
#include "tha4/poser/base_teacher.h"
#include "tha4/poser/teacher_poser.h"

namespace tha4 {
namespace {

class FusedTeacher : public GpuTest {
 protected:
  Teacher teacher() const { return load_teacher(base_teacher_folder()); }

  at::Tensor image_ = to_image_tensor(disc());
};

TEST_F(FusedTeacher, PosesAsItsNetworksDo) {
  const auto fused = make_fused_teacher_poser(teacher(), image_, device_, Precision::bf16);
  const auto reference = make_teacher_poser(teacher(), image_, device_);
  const at::Tensor poses = some_poses(2);
  const at::Tensor expected = reference->pose(poses).blended;
  // The first time as they are, the second time captured, the third time from the graph.
  for (int time = 0; time < 3; ++time) {
    EXPECT_GT(network_psnr(fused->pose(poses).blended, expected).min().item<double>(), 45) << time;
  }
}

TEST_F(FusedTeacher, DrawsThePosesOfEachCallWhateverTheirNumber) {
  const auto fused = make_fused_teacher_poser(teacher(), image_, device_, Precision::bf16);
  const at::Tensor poses = some_poses(6);
  for (int time = 0; time < 2; ++time) {
    for (const int count : {1, 2}) fused->pose(poses.narrow(0, 4, count));
  }
  const at::Tensor both = fused->pose(poses.narrow(0, 0, 2)).blended;
  EXPECT_GT(network_psnr(fused->pose(poses.narrow(0, 1, 1)).blended, both.narrow(0, 1, 1)).item<double>(),
            45);
}

TEST_F(FusedTeacher, GivesMemoryBackAndTakesItAnew) {
  const auto fused = make_fused_teacher_poser(teacher(), image_, device_, Precision::bf16);
  const auto taken = [&] {
    const auto stats = c10::getDeviceAllocator(c10::kCUDA)->getDeviceStats(device_.index());
    return stats.allocated_bytes[0].current;
  };
  const at::Tensor poses = some_poses(3);
  const at::Tensor before = fused->pose(poses).blended.cpu();
  fused->pose(poses);
  const std::int64_t with_graph = taken();
  fused->release_memory();
  EXPECT_LT(taken(), with_graph - (std::int64_t{3} << 20)) << "of a graph's frames alone";
  for (int time = 0; time < 3; ++time) {
    EXPECT_GT(network_psnr(fused->pose(poses).blended.cpu(), before).min().item<double>(), 45) << time;
  }
}

TEST(GraphedPoser, TakesPosersOnGpusOnly) {
  auto on_cpu = make_teacher_poser(load_teacher(base_teacher_folder()), to_image_tensor(disc()), c10::kCPU);
  EXPECT_THROW(GraphedPoser(std::move(on_cpu)), Error);
}

}  // namespace
}  // namespace tha4
