#include "tha4/render/rig_renderer.h"

#include <memory>
#include <thread>

#include "rendered_frame.h"

#include "tha4/base/error.h"
#include "tha4/image/srgb.h"
#include "tha4/rig/generator.h"

namespace tha4::test {
namespace {

TEST(RigRenderer, DrawsLayersOverOneAnother) {
  RigRenderer renderer(hand_made_rig());
  const RigFrame frame = render(renderer, Pose{});
  const auto quarter = static_cast<float>(linear_of(0.25));
  expect_color(frame, 20, 20, {0, 0, 0, 0});
  expect_color(frame, 180, 300, {1, quarter, quarter, 1});
  // The middle of the texture: halfway between its ends.
  EXPECT_NEAR(color(frame, 256, 144).r, linear_of(120.0 / 255), 0.01);
  EXPECT_NEAR(color(frame, 256, 144).g, linear_of(120.0 / 255), 0.01);
}

/// No machine has so many GPUs: what is not there is drawn by what is.
TEST(RigRenderer, AGpuThatOpenGlDoesNotDrawOnIsReplacedByTheFirst) {
  RigRenderer first(hand_made_rig());
  RigRenderer absent(hand_made_rig(), 1000);
  EXPECT_EQ(absent.device_name(), first.device_name());
  EXPECT_EQ(draw_rig(absent, Pose{}).pixels, draw_rig(first, Pose{}).pixels);
}

TEST(RigRenderer, EdgesArePremultipliedLinearLight) {
  // From x = 100.5 to 150.5: half of the pixels 100 and 150 is covered.
  RigRenderer renderer(one_sheet({125.5F, 200, 0}, 50, {0.5F, 0.5F, 0.5F, 1}));
  const RigFrame frame = render(renderer, Pose{});
  const auto light = static_cast<float>(linear_of(0.5));
  expect_color(frame, 99, 200, {0, 0, 0, 0});
  expect_color(frame, 100, 200, {light / 2, light / 2, light / 2, 0.5F});
  expect_color(frame, 101, 200, {light, light, light, 1});
  expect_color(frame, 150, 200, {light / 2, light / 2, light / 2, 0.5F});
}

TEST(RigRenderer, TransparentSheetsBlendInLinearLight) {
  Rig rig = one_sheet({256, 256, 0}, 100, {0, 0, 1, 1});
  add_sheet(rig, "glass", {256, 256, 1}, 50, add_material(rig, {1, 0, 0, 0.25F}), 1, 0);
  add_sheet(rig, "glass in the air", {100, 100, 1}, 50, 1, 1, 0);
  RigRenderer renderer(rig);
  const RigFrame frame = render(renderer, Pose{});
  expect_color(frame, 256, 256, {0.25F, 0, 0.75F, 1});
  expect_color(frame, 100, 100, {0.25F, 0, 0, 0.25F});
}

TEST(RigRenderer, TransparentPixelsOfATextureDoNotTingeTheirNeighbours) {
  Rig rig = one_sheet({256, 256, 0}, 100, glm::vec4(1));
  RgbaImage picture(64, 64);
  for (std::size_t i = 0; i < picture.pixels.size(); i += 4) {
    const bool is_red = (i / 4) % 64 >= 29;
    picture.pixels[i] = is_red ? 255 : 0;
    picture.pixels[i + 1] = is_red ? 0 : 255;
    picture.pixels[i + 3] = is_red ? 255 : 0;
  }
  rig.textures = {picture};
  rig.materials[0].texture = 0;
  RigRenderer renderer(rig);
  // Small, so that coarse levels of the texture are used.
  const RigFrame frame = render(renderer, Pose{}, FrameWindow::whole(64));
  for (std::size_t i = 0; i < frame.color.size(); i += 4) {
    EXPECT_EQ(frame.color[i + 1], 0);
    EXPECT_NEAR(frame.color[i], frame.color[i + 3], 1e-3);
  }
}

TEST(RigRenderer, TexturesWrapAsTheirMaterialSays) {
  Rig rig = one_sheet({256, 256, 0}, 200, glm::vec4(1));
  RgbaImage picture(64, 64);  // red, and green in the right half
  for (std::size_t i = 0; i < picture.pixels.size(); i += 4) {
    const bool is_red = (i / 4) % 64 < 32;
    picture.pixels[i] = is_red ? 255 : 0;
    picture.pixels[i + 1] = is_red ? 0 : 255;
    picture.pixels[i + 3] = 255;
  }
  rig.textures = {picture};
  rig.materials[0].texture = 0;
  for (glm::vec2& at : rig.meshes[0].texture_coordinates) at.x *= 2;
  // What is seen at five eighths and at seven eighths of the sheet: a quarter and three quarters beyond the
  // edge.
  const auto greens = [&](TextureWrap wrap) {
    rig.materials[0].wrap_x = wrap;
    RigRenderer renderer(rig);
    const RigFrame frame = render(renderer, Pose{});
    return std::pair(color(frame, 281, 256).g, color(frame, 331, 256).g);
  };
  EXPECT_EQ(greens(TextureWrap::repeat), (std::pair(0.0F, 1.0F)));
  EXPECT_EQ(greens(TextureWrap::mirror), (std::pair(1.0F, 0.0F)));
  EXPECT_EQ(greens(TextureWrap::clamp), (std::pair(1.0F, 1.0F)));
}

TEST(RigRenderer, ColoursOfVerticesMultiplyTheMaterial) {
  Rig rig = one_sheet({256, 256, 0}, 100, {1, 1, 0, 1});
  rig.meshes[0].colors.assign(4, {0.5F, 0.25F, 1, 0.5F});
  add_sheet(rig, "plain", {100, 100, 0}, 50, 0, 0, 0);
  RigRenderer renderer(rig);
  const RigFrame frame = render(renderer, Pose{});
  expect_color(frame, 256, 256, {0.25F, 0.125F, 0, 0.5F});
  expect_color(frame, 100, 100, {1, 1, 0, 1});
}

TEST(RigRenderer, DepthDecidesOnlyWhereItIsUsed) {
  Rig rig = one_sheet({256, 256, 50}, 100, {1, 0, 0, 1});
  add_sheet(rig, "far", {256, 256, 0}, 50, add_material(rig, {0, 1, 0, 1}), 0, 0);
  {
    RigRenderer renderer(rig);
    expect_color(render(renderer, Pose{}), 256, 256, {0, 1, 0, 1});
  }
  for (Mesh& mesh : rig.meshes) mesh.uses_depth = true;
  {
    RigRenderer renderer(rig);
    expect_color(render(renderer, Pose{}), 256, 256, {1, 0, 0, 1});
  }
  rig.meshes[1].layer = 1;
  RigRenderer renderer(rig);
  expect_color(render(renderer, Pose{}), 256, 256, {0, 1, 0, 1});
}

/// MToon's transparent materials: drawn first, they do not keep what is behind them from being drawn.
TEST(RigRenderer, WhatDoesNotWriteDepthHidesNothingThatIsDrawnLater) {
  Rig rig = one_sheet({256, 256, 50}, 100, {1, 0, 0, 0.5F});
  add_sheet(rig, "far", {256, 256, 0}, 50, add_material(rig, {0, 1, 0, 1}), 0, 0);
  add_sheet(rig, "behind it", {256, 256, -50}, 20, add_material(rig, {0, 0, 1, 1}), 0, 0);
  for (Mesh& mesh : rig.meshes) mesh.uses_depth = true;
  expect_color(render(*std::make_unique<RigRenderer>(rig), Pose{}), 256, 256, {0.5F, 0, 0, 0.5F});
  rig.materials[0].writes_depth = false;
  expect_color(render(*std::make_unique<RigRenderer>(rig), Pose{}), 256, 256, {0, 1, 0, 1});
}

TEST(RigRenderer, LitMaterialsAreShadedOnTheSideAwayFromTheLight) {
  Rig rig = one_sheet({100, 256, 0}, 80, {1, 1, 1, 1});
  rig.materials[0].is_lit = true;
  rig.materials[0].shade_color = {0, 0, 1};
  add_sheet(rig, "away", {300, 256, 0}, 80, 0, 0, 0);
  rig.meshes[0].normals.assign(4, {0, -0.6F, 0.8F});
  rig.meshes[1].normals.assign(4, {0, 1, 0});
  RigRenderer renderer(rig);
  const RigFrame frame = render(renderer, Pose{});
  expect_color(frame, 100, 256, {1, 1, 1, 1});
  expect_color(frame, 300, 256, {0, 0, 1, 1});
}

TEST(RigRenderer, OutlinesSurroundClosedMeshes) {
  // A flat box: its back is the hull that shows around the front.
  Rig rig = one_sheet({256, 256, 10}, 100, {1, 1, 1, 1});
  rig.materials[0].outline_width = 4;
  rig.materials[0].outline_color = {1, 0, 0};
  Mesh& box = rig.meshes[0];
  box.uses_depth = true;
  for (std::size_t v = 0; v < 4; ++v) {
    box.positions.push_back(box.positions[v] - glm::vec3(0, 0, 20));
    box.texture_coordinates.push_back({0, 0});
    box.bones.push_back(box.bones[v]);
    box.bone_weights.push_back(box.bone_weights[v]);
  }
  for (const glm::vec3& position : box.positions) {
    box.normals.push_back(glm::normalize(position - glm::vec3(256, 256, 0)));
  }
  box.triangles.insert(box.triangles.end(), {4, 5, 6, 4, 6, 7});
  RigRenderer renderer(rig);
  const RigFrame frame = render(renderer, Pose{});
  expect_color(frame, 256, 256, {1, 1, 1, 1});
  expect_color(frame, 204, 256, {1, 0, 0, 1});
  expect_color(frame, 200, 256, {0, 0, 0, 0});
}

TEST(RigRenderer, RegionsAreCropsOfTheFrame) {
  RigRenderer renderer(hand_made_rig());
  const Pose pose = pose_of("neck_z", 0.7F);
  for (const bool with_flow : {false, true}) {
    FrameContents contents;
    contents.flow = with_flow;
    const FrameWindow window{700, {301, 133, 95, 110}};
    const RigFrame whole = render(renderer, pose, FrameWindow::whole(700), contents);
    const RigFrame region = render(renderer, pose, window, contents);
    ASSERT_EQ(region.width, 95);
    ASSERT_EQ(region.color.size(), 95U * 110 * 4);
    for (int y = 0; y < region.height; ++y) {
      for (int x = 0; x < region.width; ++x) {
        expect_color(region, x, y, color(whole, x + 301, y + 133), 5e-4F);
        if (with_flow) {
          ASSERT_EQ(flow(region, x, y), flow(whole, x + 301, y + 133));
        }
      }
    }
  }
}

TEST(RigRenderer, DrawsAtAnyResolution) {
  RigRenderer renderer(hand_made_rig());
  for (const int resolution : {33, 256, 1500}) {
    const RigFrame frame = render_with_flow(renderer, pose_of("head_y", 1), FrameWindow::whole(resolution));
    ASSERT_EQ(frame.color.size(), static_cast<std::size_t>(resolution) * resolution * 4);
    const auto place = [&](int x) { return x * resolution / 512; };
    EXPECT_NEAR(flow(frame, place(280), place(144)).x, -24, 1e-2) << resolution;
    EXPECT_EQ(color(frame, place(180), place(300)).a, 1) << resolution;
    EXPECT_EQ(color(frame, place(400), place(300)).a, 0) << resolution;
    EXPECT_EQ(frame.hidden[at(frame, place(228), place(152))], 1) << resolution;
  }
}

TEST(RigRenderer, DrawsTheFaceOfTheExpressionAtRest) {
  RigRenderer renderer(hand_made_rig());
  Pose pose = pose_of("mouth_aaa", 1);
  const RigFrame expression = render(renderer, pose);
  pose[static_cast<std::size_t>(pose_parameter_index("head_y"))] = 1;
  FrameContents contents;
  contents.face = true;
  const RigFrame frame = render(renderer, pose, {}, contents);
  ASSERT_EQ(frame.face.size(), 128U * 128 * 4);
  for (int y = 0; y < 128; ++y) {
    for (int x = 0; x < 128; ++x) {
      for (std::size_t c = 0; c < 4; ++c) {
        ASSERT_NEAR(frame.face[4 * static_cast<std::size_t>(y * 128 + x) + c],
                    expression.color[4 * at(expression, x + kFaceCrop.x, y + kFaceCrop.y) + c], 5e-4);
      }
    }
  }
}

TEST(RigRenderer, BatchesAreFramesOneByOne) {
  RigRenderer renderer(hand_made_rig());
  const std::vector<Pose> poses = {pose_of("head_y", 1), Pose{}, pose_of("neck_z", -1)};
  const std::vector<RigFrame> frames = renderer.render(poses);
  ASSERT_EQ(frames.size(), 3U);
  for (std::size_t i = 0; i < poses.size(); ++i) EXPECT_EQ(frames[i].color, render(renderer, poses[i]).color);
}

TEST(RigRenderer, ThreadsDrawSideBySide) {
  RigRenderer here(hand_made_rig());
  const RigFrame expected = render_with_flow(here, pose_of("neck_z", 1));
  std::vector<RigFrame> found(4);
  std::vector<std::thread> threads;
  for (RigFrame& frame : found) {
    threads.emplace_back([&frame] {
      RigRenderer renderer(hand_made_rig());
      for (int i = 0; i < 3; ++i) frame = render_with_flow(renderer, pose_of("neck_z", 1));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const RigFrame& frame : found) {
    EXPECT_EQ(frame.color, expected.color);
    EXPECT_EQ(frame.flow, expected.flow);
  }
}

// llvmpipe walks what the contexts of other threads draw from: where they do not take turns, uploads may
// crash.
TEST(RigRenderer, ThreadsGoFromRigToRigSideBySide) {
  const Rig first = generate_rig(1);
  const Rig second = generate_rig(2);
  std::vector<RigFrame> found(4);
  std::vector<std::thread> threads;
  for (RigFrame& frame : found) {
    threads.emplace_back([&] {
      RigRenderer renderer(first);
      for (int i = 0; i < 6; ++i) {
        renderer.replace_rig(i % 2 == 0 ? second : first);
        frame = render(renderer, pose_of("neck_z", 1), FrameWindow::whole(128));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  RigRenderer renderer(first);
  const RigFrame expected = render(renderer, pose_of("neck_z", 1), FrameWindow::whole(128));
  for (const RigFrame& frame : found) EXPECT_EQ(frame.color, expected.color);
}

TEST(RigRenderer, MovesFromThreadToThread) {
  RigRenderer renderer(hand_made_rig());
  const RigFrame expected = render(renderer, Pose{});
  RigFrame found;
  std::thread([&] { found = render(renderer, Pose{}); }).join();
  EXPECT_EQ(found.color, expected.color);
}

TEST(RigRenderer, RefusesWindowsOutsideTheFrameAndUnsoundRigs) {
  RigRenderer renderer(hand_made_rig());
  EXPECT_THROW(render(renderer, Pose{}, {512, {500, 0, 20, 20}}), InputError);
  Rig rig = hand_made_rig();
  rig.meshes[0].triangles[0] = 99;
  EXPECT_THROW(RigRenderer{rig}, InputError);
}

}  // namespace
}  // namespace tha4::test
