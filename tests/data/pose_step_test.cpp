#include "tha4/data/pose_step.h"

#include <algorithm>

#include "dataset_fixtures.h"
#include "input_error_message.h"

#include "tha4/data/online_source.h"
#include "tha4/data/open_source.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

Pose full_pose() {
  Pose pose;
  pose.fill(0.5F);
  return pose;
}

std::ptrdiff_t applied(const Pose& pose) {
  return std::count(pose.begin(), pose.end(), 0.5F);
}

TEST(PoseStep, AppliesThePartsOfAPoseInTheirOrder) {
  const Pose pose = full_pose();
  EXPECT_EQ(applied(pose_before(PoseStep::eyebrows, pose)), 0);
  EXPECT_EQ(applied(pose_after(PoseStep::eyebrows, pose)), kEyebrowPoseSize);
  EXPECT_EQ(pose_before(PoseStep::face, pose), pose_after(PoseStep::eyebrows, pose));
  EXPECT_EQ(applied(pose_after(PoseStep::face, pose)), kFacePoseSize);
  EXPECT_EQ(pose_before(PoseStep::body, pose), pose_after(PoseStep::face, pose));
  EXPECT_EQ(pose_after(PoseStep::body, pose), pose);
  EXPECT_EQ(applied(pose_before(PoseStep::whole, pose)), 0);
  EXPECT_EQ(pose_after(PoseStep::whole, pose), pose);
}

TEST(PoseStep, WhatOnlyThePictureShowsGoesWithTheStepThatPosesMouths) {
  for (const PoseStep step : {PoseStep::whole, PoseStep::eyebrows, PoseStep::face, PoseStep::expression}) {
    EXPECT_EQ(picture_morphs_before(step), PictureMorphs::shown) << pose_step_name(step);
  }
  EXPECT_EQ(picture_morphs_before(PoseStep::body), PictureMorphs::gone);
  EXPECT_EQ(picture_morphs_after(PoseStep::eyebrows), PictureMorphs::shown);
  for (const PoseStep step : {PoseStep::whole, PoseStep::face, PoseStep::body, PoseStep::expression}) {
    EXPECT_EQ(picture_morphs_after(step), PictureMorphs::gone) << pose_step_name(step);
  }
}

TEST(PoseStep, HasAName) {
  for (const PoseStep step : {PoseStep::whole, PoseStep::eyebrows, PoseStep::face, PoseStep::body}) {
    EXPECT_EQ(parse_pose_step(pose_step_name(step)), step);
  }
  EXPECT_NE(input_error_message([] { parse_pose_step("head"); }).find("'head'"), std::string::npos);
}

/// Whether the pictures of a triple of the painted characters are those before and after the step.
void expect_step(PoseStep step, const Triple& triple) {
  const auto index =
      static_cast<std::uint64_t>(std::stoi(triple.character.substr(triple.character.find('-') + 1)));
  EXPECT_EQ(triple.pose, pose_after(step, triple.pose));
  EXPECT_EQ(triple.rest.pixels, painted_character(index, pose_before(step, triple.pose)).pixels)
      << triple.key;
  EXPECT_EQ(triple.posed.pixels, painted_character(index, triple.pose).pixels) << triple.key;
}

TEST(PoseStep, IsWhatDatasetsShow) {
  for (const PoseStep step : {PoseStep::face, PoseStep::body}) {
    DatasetJob job = whole_job(fresh_folder("step_" + std::string(pose_step_name(step))));
    job.settings.step = step;
    job.settings.test_fraction = 0;
    write_dataset(PaintedCharacters(4), job);
    const auto source = open_triple_source(job.out.string(), {.step = step});
    for (int i = 0; i < 12; ++i) expect_step(step, source->next());

    const Remedy remedy =
        input_error_remedy([&] { open_triple_source(job.out.string(), {.step = PoseStep::eyebrows}); });
    EXPECT_EQ(remedy.kind, Remedy::make_dataset);
    EXPECT_EQ(remedy.details, std::vector<std::string>{"eyebrows"});
  }
}

TEST(PoseStep, IsWhatIsDrawnOnLine) {
  const auto characters = std::make_shared<PaintedCharacters>(6);
  OnlineSource source(characters, {.test_fraction = 0, .step = PoseStep::body, .poses_per_character = 3});
  for (int i = 0; i < 7; ++i) source.next();
  const SourcePosition position = source.position();
  const Triple next = source.next();
  expect_step(PoseStep::body, next);
  // Continued within the turn of a character, the pictures still belong together.
  OnlineSource resumed(characters, {.test_fraction = 0, .step = PoseStep::body, .poses_per_character = 3});
  resumed.restore(position);
  const Triple again = resumed.next();
  EXPECT_EQ(again.key, next.key);
  expect_step(PoseStep::body, again);
}

}  // namespace
}  // namespace tha4
