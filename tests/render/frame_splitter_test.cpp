#include "frame_splitter.h"

#include <vector>

#include "gl_context.h"
#include "host_rig_poser.h"
#include "rig/hand_made_rig.h"
#include "tensor_difference.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/poser/pose_batch.h"

namespace tha4::test {
namespace {

at::Tensor read_planes(const GlTarget& target, std::size_t first, std::int64_t count, const Region& region) {
  const at::Tensor planes = torch::empty({count, region.height, region.width}, torch::kFloat32);
  for (std::int64_t i = 0; i < count; ++i) {
    target.read(first + static_cast<std::size_t>(i), region, GL_RED, GL_FLOAT,
                planes[i].mutable_data_ptr<float>());
  }
  return planes;
}

/// What a CUDA device keeps is split by OpenGL, everything else by the processor: both must do the same.
TEST(FrameSplitter, DoesWhatTheHostDoes) {
  const Rig rig = hand_made_rig();
  Pose pose = pose_of("neck_z", -0.6F);
  pose[static_cast<std::size_t>(pose_parameter_index("head_y"))] = 0.55F;
  pose[static_cast<std::size_t>(pose_parameter_index("mouth_aaa"))] = 0.8F;
  HostRigPoser host(rig, torch::kCPU);
  const std::vector<FrameWindow> windows = {FrameWindow{}, FrameWindow{300, {60, 21, 200, 163}}};
  // Before a context is current here: the host draws on a thread of its own, which would wait for its turn.
  std::vector<PosedFrame> all_expected;
  for (const FrameWindow& window : windows) all_expected.push_back(host.pose(to_tensor({&pose, 1}), window));
  const GlContext context(kAnyGpu);
  const GlContext::Current current(context);
  FrameDrawer drawer(rig);
  FrameSplitter splitter(drawer);
  const Region whole{0, 0, kImageSize, kImageSize};
  EXPECT_LT(largest_difference(read_planes(splitter.rest_planes(), 0, 4, whole), host.rest_image()), 1e-6);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const FrameWindow& window = windows[i];
    const PosedFrame& expected = all_expected[i];
    FrameContents contents;
    contents.flow = true;
    contents.face = true;
    const SplitFrame split = splitter.split(drawer.draw(pose, window, contents));
    const auto read = [&](const GlTarget& target, std::size_t first, const at::Tensor& like) {
      return read_planes(target, first, like.size(1), split.region).unsqueeze(0);
    };
    EXPECT_LT(largest_difference(read(*split.direct, 0, expected.direct), expected.direct), 1e-6);
    EXPECT_LT(largest_difference(read(*split.direct, 4, expected.flow), expected.flow), 1e-6);
    EXPECT_LT(largest_difference(read(*split.warped, 0, expected.warped), expected.warped), 1e-4);
    EXPECT_LT(largest_difference(read(*split.blended, 0, expected.blended), expected.blended), 1e-3);
    // Alpha rises from 0 to 1 within 3/255 of a difference of colours.
    EXPECT_LT(largest_difference(read(*split.blended, 4, expected.alpha), expected.alpha), 1e-2);
    EXPECT_GT(expected.alpha.max().item<double>(), 0.9);
    const Region face{0, 0, kFaceCrop.width, kFaceCrop.height};
    EXPECT_LT(largest_difference(read_planes(*split.face, 0, 4, face), expected.face[0]), 1e-6);
  }
}

}  // namespace
}  // namespace tha4::test
