#include "tha4/distill/teacher_frames.h"

#include <filesystem>

#include "distill/distill_fixture.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/distill/face_mask.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr int kMapSize = 64;
constexpr double kNever = 1e9;

class TeacherFramesOfPoses : public DistillRun {
 protected:
  TeacherFrames collect(Poser& teacher, const fs::path& folder, double checkpoint_seconds,
                        const Context& context = {}) {
    return collect_teacher_frames(
        teacher, poses_, {kMapSize, kMapSize},
        {.batch = 2, .cache_folder = folder, .checkpoint_seconds = checkpoint_seconds}, context);
  }

  static void expect_equal_frames(const TeacherFrames& a, const TeacherFrames& b) {
    EXPECT_TRUE(torch::equal(a.poses, b.poses));
    EXPECT_TRUE(torch::equal(a.faces, b.faces));
    EXPECT_TRUE(torch::equal(a.blended, b.blended));
    EXPECT_TRUE(torch::equal(a.flow, b.flow));
    EXPECT_TRUE(torch::equal(a.appearance, b.appearance));
  }

  static std::size_t parts_in(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  at::Tensor poses_ = draw_poses(PoseSource{}, 7, 5);
};

TEST_F(TeacherFramesOfPoses, WhatIsDoneWhenTheyAreInterruptedIsNotMadeAgain) {
  WatchedPoser whole_teacher(teacher_, 0, {});
  const TeacherFrames whole = collect(whole_teacher, fresh_path("frames_whole"), kNever);
  const int calls_in_all = whole_teacher.calls();

  const fs::path folder = fresh_path("frames_interrupted");
  StoppingUser user;
  WatchedPoser interrupting(teacher_, 2, [&](PosedFrame&) { user.stop(); });
  try {
    collect(interrupting, folder, kNever, user.context());
    FAIL() << "not interrupted";
  } catch (const InterruptedError& error) {
    EXPECT_EQ(error.remedy().kind, Remedy::resume);
  }
  WatchedPoser resuming(teacher_, 0, {});
  expect_equal_frames(collect(resuming, folder, kNever), whole);
  EXPECT_EQ(interrupting.calls() + resuming.calls(), calls_in_all);

  WatchedPoser unasked(teacher_, 0, {});
  expect_equal_frames(collect(unasked, folder, kNever), whole);
  EXPECT_EQ(unasked.calls(), 0);
}

TEST_F(TeacherFramesOfPoses, PartsAreCutByTime) {
  const fs::path often = fresh_path("frames_often"), once = fresh_path("frames_once");
  const TeacherFrames a = collect(teacher_, often, 0);
  const TeacherFrames b = collect(teacher_, once, kNever);
  EXPECT_EQ(parts_in(often), 4U) << "one for each batch";
  EXPECT_EQ(parts_in(once), 1U);
  expect_equal_frames(a, b);
  expect_equal_frames(collect(teacher_, often, kNever), a);
}

TEST_F(TeacherFramesOfPoses, DamagedPartsAndThoseOfOtherPosesAreMadeAgain) {
  const fs::path folder = fresh_path("frames_damaged");
  const TeacherFrames whole = collect(teacher_, folder, 0);
  fs::resize_file(folder / "frames_2.safetensors", 1000);
  WatchedPoser counting(teacher_, 0, {});
  expect_equal_frames(collect(counting, folder, 0), whole);
  EXPECT_GE(counting.calls(), 1);

  const at::Tensor others = draw_poses(PoseSource{}, 7, 6);
  const TeacherCollection collection{.batch = 2, .cache_folder = folder, .checkpoint_seconds = 0};
  const TeacherFrames expected = collect_teacher_frames(
      teacher_, others, {kMapSize, kMapSize},
      {.batch = 2, .cache_folder = fresh_path("frames_of_others"), .checkpoint_seconds = 0});
  expect_equal_frames(collect_teacher_frames(teacher_, others, {kMapSize, kMapSize}, collection), expected);
}

TEST_F(TeacherFramesOfPoses, TheFaceMaskIsWhereTheFaceMoves) {
  torch::NoGradGuard no_grad;
  // A teacher whose eye winks in one corner of the crop, and whose outline wavers in another one.
  class WinkingPoser final : public Poser {
   public:
    explicit WinkingPoser(Poser& poser) : poser_(poser) {}
    PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override {
      return poser_.pose(poses, window);
    }
    at::Tensor face(const at::Tensor& poses) override {
      auto faces = torch::zeros({poses.size(0), 4, 128, 128});
      const auto wink = poses.narrow(1, 12, 1).view({-1, 1, 1, 1});
      faces.narrow(2, 40, 10).narrow(3, 30, 20).add_(wink);
      const auto wavering = poses.narrow(1, 40, 1).view({-1, 1, 1, 1});
      faces.narrow(2, 0, 2).add_(0.05 * wavering);
      return faces;
    }
    const at::Tensor& rest_image() const override { return poser_.rest_image(); }
    at::Device device() const override { return poser_.device(); }

   private:
    Poser& poser_;
  } winking(teacher_);
  const auto mask = derive_face_mask(winking.face(draw_poses(PoseSource{}, 50, 0)));
  EXPECT_EQ(mask.sizes(), (std::vector<std::int64_t>{1, 128, 128}));
  EXPECT_EQ(mask[0].narrow(0, 40, 10).narrow(1, 30, 20).min().item<double>(), 1);
  EXPECT_EQ(mask[0][25][40].item<double>(), 0);
  EXPECT_EQ(mask[0][100][100].item<double>(), 0);
  EXPECT_EQ(mask[0].narrow(0, 0, 2).max().item<double>(), 0);
}

}  // namespace
}  // namespace tha4
