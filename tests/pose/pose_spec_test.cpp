#include "tha4/pose/pose_spec.h"

#include <filesystem>

#include "input_error_message.h"
#include <gtest/gtest.h>

#include "tha4/pose/pose_demo.h"
#include "tha4/pose/pose_file.h"
#include "tha4/pose/pose_preview.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

std::string problem_of(const std::string& spec) {
  return input_error_message([&] { parse_pose_spec(spec); });
}

TEST(PoseSpec, ReadsPoseFiles) {
  const fs::path folder = fs::path(testing::TempDir()) / "pose_spec";
  const auto poses = sample_poses(PoseDistribution::natural, 5, 3);
  // A name that reads like another form is still a file.
  for (const char* name : {"poses.json", "poses.csv", "random:3.CSV"}) {
    write_pose_file(folder / name, poses);
    const PoseSequence sequence = parse_pose_spec((folder / name).string());
    EXPECT_EQ(sequence.poses, poses);
    EXPECT_EQ(sequence.frames_per_second, 30);
  }
  write_pose_file(folder / "one.csv", {poses.front()});
  EXPECT_EQ(parse_pose_spec((folder / "one.csv").string()).frames_per_second, 2) << "is no motion";
  EXPECT_EQ(problem_of("no/such.json"), "cannot read no/such.json: No such file or directory");
}

TEST(PoseSpec, Rest) {
  const PoseSequence sequence = parse_pose_spec("rest");
  EXPECT_EQ(sequence.poses, std::vector<Pose>{Pose{}});
  EXPECT_EQ(sequence.frames_per_second, 2);
}

TEST(PoseSpec, Random) {
  EXPECT_EQ(parse_pose_spec("random:4").poses, sample_poses(PoseDistribution::natural, 4, 0));
  EXPECT_EQ(parse_pose_spec("random:4:18446744073709551615").poses,
            sample_poses(PoseDistribution::natural, 4, 18446744073709551615ULL));
  EXPECT_EQ(parse_pose_spec("random:100000").poses.size(), 100'000U);
  EXPECT_EQ(parse_pose_spec("random:4").frames_per_second, 2);
}

TEST(PoseSpec, PreviewHasALabelForEachPose) {
  const PoseSequence sequence = parse_pose_spec("preview");
  const std::vector<LabelledPose> expected = preview_poses();
  ASSERT_EQ(sequence.poses.size(), expected.size());
  ASSERT_EQ(sequence.labels.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(sequence.poses[i], expected[i].pose);
    EXPECT_EQ(sequence.labels[i], expected[i].label);
  }
  EXPECT_TRUE(parse_pose_spec("rest").labels.empty());
  EXPECT_EQ(problem_of("preview:2"), "preview:2: the form is preview");
}

TEST(PoseSpec, SweepsOneParameterOverItsRange) {
  const auto index = static_cast<std::size_t>(pose_parameter_index("head_x"));
  const auto poses = parse_pose_spec("sweep:head_x").poses;
  ASSERT_EQ(poses.size(), 9U);
  EXPECT_EQ(poses.front()[index], -1);
  EXPECT_EQ(poses[4], Pose{});
  EXPECT_EQ(poses.back()[index], 1);
  for (Pose pose : poses) {
    pose[index] = 0;
    EXPECT_EQ(pose, Pose{});
  }
}

TEST(PoseSpec, ASweepIsAMotion) {
  EXPECT_EQ(parse_pose_spec("sweep:head_x:60").frames_per_second, 30);
}

TEST(PoseSpec, SweepsBothSidesOfAGroup) {
  const auto left = static_cast<std::size_t>(pose_parameter_index("eye_wink_left"));
  const auto poses = parse_pose_spec("sweep:eye_wink:3").poses;
  ASSERT_EQ(poses.size(), 3U);
  EXPECT_EQ(poses[0], Pose{});
  EXPECT_EQ(poses[1][left], 0.5F);
  EXPECT_EQ(poses[2][left], 1);
  EXPECT_EQ(poses[2][left + 1], 1);

  const auto one_side = parse_pose_spec("sweep:eye_wink_left:1").poses;
  ASSERT_EQ(one_side.size(), 1U);
  EXPECT_EQ(one_side[0][left], 1);
  EXPECT_EQ(one_side[0][left + 1], 0);
}

TEST(PoseSpec, SweepsEndAtTheEndsOfEveryRange) {
  for (const PoseParameter& parameter : pose_parameters()) {
    const auto index = static_cast<std::size_t>(pose_parameter_index(parameter.name));
    for (const char* count : {"2", "7", "100"}) {
      const auto poses = parse_pose_spec("sweep:" + std::string(parameter.name) + ":" + count).poses;
      EXPECT_EQ(poses.front()[index], parameter.min);
      EXPECT_EQ(poses.back()[index], parameter.max);
      for (const Pose& pose : poses) EXPECT_NO_THROW(check_pose(pose, "sweep"));
    }
  }
}

TEST(PoseSpec, Demo) {
  const PoseSequence sequence = parse_pose_spec("demo");
  EXPECT_EQ(sequence.poses, demo_poses());
  EXPECT_EQ(static_cast<double>(sequence.poses.size()) / sequence.frames_per_second, kDemoSeconds);
}

TEST(PoseSpec, SaysWhatIsPossible) {
  const std::string forms =
      ": use a .json or .csv pose file, rest, random:N[:SEED], sweep:PARAMETER[:N], preview or demo; did you "
      "mean ";
  EXPECT_EQ(problem_of("dmeo"), "dmeo" + forms + "'demo'?");
  EXPECT_EQ(problem_of("ramdon:5"), "ramdon:5" + forms + "'random'?");
  EXPECT_EQ(problem_of(""), "''" + forms + "'rest'?");
  EXPECT_EQ(problem_of("Rest"), "Rest" + forms + "'rest'?");
  EXPECT_LT(problem_of(std::string(10'000'000, 'x')).size(), 250U);

  EXPECT_EQ(problem_of("rest:1"), "rest:1: the form is rest");
  EXPECT_EQ(problem_of("demo:300"), "demo:300: the form is demo");
  EXPECT_EQ(problem_of("random"), "random: the form is random:N[:SEED]");
  EXPECT_EQ(problem_of("random:1:2:3"), "random:1:2:3: the form is random:N[:SEED]");
  EXPECT_EQ(problem_of("sweep"), "sweep: the form is sweep:PARAMETER[:N]");

  for (const std::string count : {"0", "100001", "-1", "x", "", "3.5", "99999999999999999999"}) {
    EXPECT_EQ(problem_of("random:" + count),
              "random:" + count + ": N must be a whole number from 1 to 100000");
    EXPECT_EQ(problem_of("sweep:head_x:" + count),
              "sweep:head_x:" + count + ": N must be a whole number from 1 to 100000");
  }
  EXPECT_EQ(problem_of("random:3:x"),
            "random:3:x: SEED must be a whole number from 0 to 18446744073709551615");
  EXPECT_EQ(problem_of("sweep:head"),
            "sweep:head: 'head' is not a pose parameter or group; did you mean 'head_x'?");
  EXPECT_EQ(problem_of("sweep:eye_wnk:3"),
            "sweep:eye_wnk:3: 'eye_wnk' is not a pose parameter or group; did you mean 'eye_wink'?");
}

TEST(PoseSpec, SaysOfFilesThatTheirNamesAreWrong) {
  const fs::path folder = fs::path(testing::TempDir()) / "pose_spec_names";
  write_pose_file(folder / "a.json", {Pose{}});
  fs::copy_file(folder / "a.json", folder / "a.txt", fs::copy_options::overwrite_existing);
  const std::string file = (folder / "a.txt").string();
  EXPECT_EQ(problem_of(file).find("did you mean"), std::string::npos) << problem_of(file);
  EXPECT_NE(problem_of(file).find("called .json or .csv"), std::string::npos) << problem_of(file);
  EXPECT_NE(problem_of(folder.string()).find("is a folder"), std::string::npos)
      << problem_of(folder.string());
}

}  // namespace
}  // namespace tha4
