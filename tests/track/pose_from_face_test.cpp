#include "tha4/track/pose_from_face.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "face_cases.h"
#include "head_turn.h"
#include "pose_places.h"
#include <gtest/gtest.h>

#include "tha4/image/image_io.h"
#include "tha4/track/face_tracker.h"

namespace tha4 {
namespace {

using Points = std::array<FacePoint, kFacePoints>;

constexpr double kFrame = 1.0 / 30;
constexpr TrackingSettings kAsSeen{.mirror = false, .gains = {}};

/// The true face, turned and twice as large: about 220 pixels wide.
Points turned_true_face(const Points& face, const HeadAngles& angles) {
  Points result = face;
  const Rotation rotation = rotation_of(angles);
  for (FacePoint& point : result) {
    const FaceVector place = turned(rotation, {point.x - 128, point.y - 110, point.z});
    point = {2 * place[0] + 320, 2 * place[1] + 240, 2 * place[2]};
  }
  return result;
}

/// One person in front of a camera.
struct Person {
  PoseFromFace poser;
  double clock = 100;
  Pose pose{};

  const Pose& show(const Points& face, int frames, const TrackingSettings& settings = kAsSeen) {
    for (int i = 0; i < frames; ++i, clock += kFrame)
      pose = poser.update(FacePoints{face, 1}, clock, settings);
    return pose;
  }
  const Pose& hide(int frames) {
    for (int i = 0; i < frames; ++i, clock += kFrame) pose = poser.update(std::nullopt, clock, kAsSeen);
    return pose;
  }
  float value(const std::string& name) const {
    return pose[static_cast<std::size_t>(pose_parameter_index(name))];
  }
};

/// A person whose face at rest has been seen.
Person person_at_rest() {
  Person person;
  person.show(turned_true_face(true_face(), {}), 20);
  person.poser.set_neutral();
  return person;
}

struct LidPair {
  std::size_t upper, lower;
};
/// Of the mesh's eyes: at the picture's left (the person's right eye), at its right.
constexpr std::array<std::array<LidPair, 7>, 2> kLids = {{
    {{{246, 7}, {161, 163}, {160, 144}, {159, 145}, {158, 153}, {157, 154}, {173, 155}}},
    {{{466, 249}, {388, 390}, {387, 373}, {386, 374}, {385, 380}, {384, 381}, {398, 382}}},
}};

/// The face with the lids of an eye (0: at the picture's left) moved together by \p fraction.
Points with_closed_eye(Points face, std::size_t eye, float fraction) {
  for (const auto& [upper, lower] : kLids.at(eye)) {
    face[upper].y += fraction * (face[lower].y - face[upper].y);
    face[upper].x += fraction * (face[lower].x - face[upper].x);
  }
  return face;
}

Points moved(Points face, std::initializer_list<std::size_t> points, float x, float y) {
  for (const std::size_t point : points) {
    face[point].x += x;
    face[point].y += y;
  }
  return face;
}

TEST(PoseFromFace, PlacesAreThoseOfTheTable) {
  const std::map<std::string, int> places = {{"eyebrow_troubled_left", kBrowTroubled},
                                             {"eyebrow_angry_left", kBrowAngry},
                                             {"eyebrow_lowered_left", kBrowLowered},
                                             {"eyebrow_raised_left", kBrowRaised},
                                             {"eye_wink_left", kEyeWink},
                                             {"eye_happy_wink_left", kEyeHappyWink},
                                             {"eye_surprised_left", kEyeSurprised},
                                             {"eye_relaxed_left", kEyeRelaxed},
                                             {"eye_raised_lower_eyelid_left", kEyeRaisedLowerLid},
                                             {"mouth_aaa", kMouthAaa},
                                             {"mouth_iii", kMouthIii},
                                             {"mouth_uuu", kMouthUuu},
                                             {"mouth_eee", kMouthEee},
                                             {"mouth_ooo", kMouthOoo},
                                             {"mouth_delta", kMouthDelta},
                                             {"mouth_lowered_corner_left", kMouthLoweredCorner},
                                             {"mouth_raised_corner_left", kMouthRaisedCorner},
                                             {"iris_rotation_x", kIrisRotationX},
                                             {"iris_rotation_y", kIrisRotationY},
                                             {"head_x", kHeadX},
                                             {"head_y", kHeadY},
                                             {"neck_z", kNeckZ},
                                             {"body_y", kBodyY},
                                             {"body_z", kBodyZ}};
  for (const auto& [name, place] : places) EXPECT_EQ(pose_parameter_index(name), place) << name;
  Pose pose;
  for (std::size_t i = 0; i < pose.size(); ++i) pose[i] = static_cast<float>(i + 1);
  const Pose mirrored = mirrored_pose(pose);
  for (std::size_t i = 0; i < pose.size(); ++i) {
    const auto [from, sign] = mirrored_parameters()[i];
    EXPECT_EQ(mirrored[i], sign * pose[static_cast<std::size_t>(from)]) << pose_parameters()[i].name;
    EXPECT_EQ(goes_both_ways(static_cast<int>(i)), pose_parameters()[i].min < 0) << pose_parameters()[i].name;
  }
}

TEST(PoseFromFace, OfTheFaceAtRestIsTheRestPose) {
  Person person = person_at_rest();
  const Pose pose = person.show(turned_true_face(true_face(), {}), 30);
  for (std::size_t i = 0; i < pose.size(); ++i) EXPECT_NEAR(pose[i], 0, 1e-3) << pose_parameters()[i].name;
}

TEST(PoseFromFace, AFaceThatLooksAsideCanBeAtRest) {
  Person person;
  const Points aside = turned_true_face(true_face(), {8, -12, 5});
  person.show(turned_true_face(true_face(), {}), 20);
  person.show(aside, 20);
  EXPECT_LT(person.value("head_y"), -0.3F);
  person.poser.set_neutral();
  const Pose pose = person.show(aside, 90);
  for (std::size_t i = 0; i < pose.size(); ++i) EXPECT_NEAR(pose[i], 0, 0.01) << pose_parameters()[i].name;
}

TEST(PoseFromFace, HeadFollowsInDegreesAndSigns) {
  for (const HeadAngles& angles : {HeadAngles{10, 0, 0}, HeadAngles{-10, 0, 0}, HeadAngles{0, 15, 0},
                                   HeadAngles{0, -15, 0}, HeadAngles{0, 0, 12}, HeadAngles{8, 14, -10}}) {
    Person person = person_at_rest();
    const Pose pose = person.show(turned_true_face(true_face(), angles), 90);
    EXPECT_NEAR(person.poser.angles().pitch, angles.pitch, 0.1);
    EXPECT_NEAR(person.poser.angles().yaw, angles.yaw, 0.1);
    EXPECT_NEAR(person.poser.angles().roll, angles.roll, 0.1);
    EXPECT_NEAR(person.value("head_x"), angles.pitch / 20, 0.02);
    EXPECT_NEAR(person.value("head_y"), angles.yaw / 25, 0.02);
    EXPECT_NEAR(person.value("neck_z"), angles.roll / 20, 0.02);
    // No expression comes of turning the head.
    for (int place = 0; place < kIrisRotationX + 2; ++place) {
      EXPECT_NEAR(pose[static_cast<std::size_t>(place)], 0, 0.02) << pose_parameters()[place].name;
    }
  }
}

TEST(PoseFromFace, ClosedLidsWinkTheEyeOfTheirSide) {
  Person person = person_at_rest();
  const Points winking = with_closed_eye(true_face(), 0, 1);
  person.show(turned_true_face(winking, {}), 4);  // an eighth of a second: blinks are short
  EXPECT_GE(person.value("eye_wink_right"), 0.9F);
  EXPECT_LE(person.value("eye_wink_left"), 0.02F);
  person.show(turned_true_face(with_closed_eye(winking, 1, 1), {5, 10, 0}), 6);
  EXPECT_GE(person.value("eye_wink_right"), 0.9F);
  EXPECT_GE(person.value("eye_wink_left"), 0.9F);
  EXPECT_LE(person.value("eye_relaxed_left"), 0.1F);
  person.show(turned_true_face(true_face(), {}), 30);
  EXPECT_LE(person.value("eye_wink_left"), 0.02F);
}

TEST(PoseFromFace, LidsThatHangRelax) {
  Person person = person_at_rest();
  const Points hanging = with_closed_eye(with_closed_eye(true_face(), 0, 0.3F), 1, 0.3F);
  person.show(turned_true_face(hanging, {}), 60);
  EXPECT_GE(person.value("eye_relaxed_left"), 0.3F);
  EXPECT_LE(person.value("eye_wink_left"), 0.2F);
}

TEST(PoseFromFace, MirroredShowsWhatAMirrorWould) {
  const Points face = turned_true_face(with_closed_eye(true_face(), 0, 1), {5, 10, 8});
  Person seen = person_at_rest(), mirrored = person_at_rest();
  seen.show(face, 40);
  mirrored.show(face, 40, {.mirror = true, .gains = {}});
  for (std::size_t i = 0; i < seen.pose.size(); ++i) {
    EXPECT_NEAR(mirrored.pose[i], mirrored_pose(seen.pose)[i], 1e-5) << pose_parameters()[i].name;
  }
  EXPECT_GE(mirrored.value("eye_wink_left"), 0.9F);
}

TEST(PoseFromFace, MouthsAndBrowsAndEyesDoWhatTheirPointsDo) {
  struct Case {
    std::string name;
    Points face;
    std::string parameter;
  };
  const Points& rest = true_face();
  const std::initializer_list<std::size_t> right_brow = {107, 55, 105, 52, 70, 46}, inner_right = {107, 55},
                                           outer_right = {70, 46},
                                           irises = {468, 469, 470, 471, 472, 473, 474, 475, 476, 477},
                                           corners = {61, 291, 78, 308};
  Points pursed = moved(moved(rest, {61, 78}, 7, 0), {291, 308}, -7, 0);
  Points broad = moved(moved(rest, {61, 78}, -6, 0), {291, 308}, 6, 0);
  const std::initializer_list<std::size_t> chin = {14, 17};
  const Case cases[] = {
      {"open mouth", moved(rest, chin, 0, 12), "mouth_aaa"},
      {"open and pursed", moved(pursed, chin, 0, 12), "mouth_ooo"},
      {"pursed", pursed, "mouth_uuu"},
      {"open and broad", moved(broad, chin, 0, 12), "mouth_eee"},
      {"a little open and broad", moved(broad, chin, 0, 4), "mouth_iii"},
      {"corners up", moved(rest, corners, 0, -5), "mouth_raised_corner_left"},
      {"corners down", moved(rest, corners, 0, 4), "mouth_lowered_corner_right"},
      {"brow up", moved(rest, right_brow, 0, -5), "eyebrow_raised_right"},
      {"brow down", moved(rest, right_brow, 0, 4), "eyebrow_lowered_right"},
      {"inner brow up", moved(rest, inner_right, 0, -5), "eyebrow_troubled_right"},
      {"inner brow down", moved(rest, inner_right, 0, 4), "eyebrow_angry_right"},
      {"outer brow down", moved(rest, outer_right, 0, 4), "eyebrow_troubled_right"},
      {"irises to the picture's left", moved(rest, irises, -1.5F, 0), "iris_rotation_y"},
      {"irises up", moved(rest, irises, 0, -1.2F), "iris_rotation_x"},
      {"eyes torn open", with_closed_eye(with_closed_eye(rest, 0, -0.5F), 1, -0.5F), "eye_surprised_left"},
  };
  for (const Case& seen : cases) {
    Person person = person_at_rest();
    person.show(turned_true_face(seen.face, {}), 60);
    EXPECT_GE(person.value(seen.parameter), 0.45F) << seen.name;
    for (const char* other : {"head_x", "head_y", "neck_z", "eye_wink_left", "eye_wink_right"}) {
      EXPECT_NEAR(person.value(other), 0, 0.03) << seen.name;
    }
  }
}

TEST(PoseFromFace, GainsScaleTheirGroup) {
  Points face = with_closed_eye(true_face(), 0, 1);
  face = moved(face, {14, 17}, 0, 12);
  const Points turned_face = turned_true_face(face, {5, 10, 0});
  Person person = person_at_rest();
  const Pose pose = person.show(turned_face, 60, {false, {0, 0, 0, 0, 0, 0}});
  for (std::size_t i = 0; i < pose.size(); ++i) EXPECT_NEAR(pose[i], 0, 1e-4) << pose_parameters()[i].name;
  person.show(turned_face, 200, {false, {1, 1, 1, 1, 0.5F, 2}});
  EXPECT_NEAR(person.value("head_y"), 0.5 * 10 / 25, 0.02);
  EXPECT_NEAR(person.value("body_y"), 2 * 0.35 * 10 / 25, 0.03);
}

/// A hundredth of a parameter's range is the most that its standard deviation may be.
void expect_stillness(const std::vector<Pose>& poses) {
  const auto count = static_cast<double>(poses.size());
  for (std::size_t i = 0; i < kPoseSize; ++i) {
    double sum = 0, squares = 0;
    for (const Pose& pose : poses) {
      sum += pose[i];
      squares += static_cast<double>(pose[i]) * pose[i];
    }
    const double mean = sum / count, deviation = std::sqrt(std::max(squares / count - mean * mean, 0.0));
    const PoseParameter& parameter = pose_parameters()[i];
    EXPECT_LT(deviation, 0.01 * (parameter.max - parameter.min)) << parameter.name;
  }
}

TEST(PoseFromFace, OfAStillFaceIsStill) {
  Person person = person_at_rest();
  const Points face = turned_true_face(with_closed_eye(true_face(), 0, 0.4F), {4, 6, 3});
  std::mt19937 random(11);
  std::normal_distribution<float> noise(0,
                                        0.3F);  // pixels, of a face about 220 wide; each frame and point anew
  constexpr int kBefore = 60, kFrames = 300;
  std::vector<Pose> seen;
  for (int frame = 0; frame < kBefore + kFrames; ++frame) {
    Points noisy = face;
    for (FacePoint& point : noisy)
      point = {point.x + noise(random), point.y + noise(random), point.z + noise(random)};
    const Pose& pose = person.show(noisy, 1);
    if (frame < kBefore) continue;
    seen.push_back(pose);
  }
  expect_stillness(seen);
}

/// The same with what the networks make of a camera's noise.
TEST(PoseFromFace, OfAStillPictureWithNoiseIsStill) {
  FaceTracker tracker(project_models());
  PoseFromFace poser;
  const RgbaImage picture = turned_picture(face_picture(), 0, 1.5F);
  std::mt19937 random(13);
  std::normal_distribution<float> noise(0, 4);  // of 255
  constexpr int kBefore = 45, kFrames = 60;
  std::vector<Pose> seen;
  for (int frame = 0; frame < kBefore + kFrames; ++frame) {
    RgbaImage noisy = picture;
    for (std::uint8_t& value : noisy.pixels) {
      value = static_cast<std::uint8_t>(std::clamp(static_cast<float>(value) + noise(random), 0.0F, 255.0F));
    }
    const Pose pose = poser.update(tracker.find(view_of(noisy)), frame * kFrame, kAsSeen);
    if (frame < kBefore) continue;
    seen.push_back(pose);
  }
  expect_stillness(seen);
}

/// A camera before which a drawn head is at rest, and then something else.
struct Camera {
  FaceTracker tracker{project_models()};
  Person person;

  Camera() {
    show("turned_0_0_0.png", 20);
    person.poser.set_neutral();
  }
  void show(const std::string& picture, int frames) {
    const RgbaImage image = read_image(track_fixture(picture));
    for (int i = 0; i < frames; ++i) {
      const std::optional<FacePoints> face = tracker.find(view_of(image));
      ASSERT_TRUE(face) << picture;
      person.show(face->points, 1);
    }
  }
};

TEST(PoseFromFace, FollowsPicturesOfATurnedHeadWithinFiveDegrees) {
  for (const auto& [pitch, yaw, roll] : {std::array{0, 25, 0}, std::array{0, -25, 0}, std::array{18, 0, 0},
                                         std::array{-18, 0, 0}, std::array{10, 15, -10}}) {
    Camera camera;
    const std::string picture =
        "turned_" + std::to_string(pitch) + "_" + std::to_string(yaw) + "_" + std::to_string(roll) + ".png";
    camera.show(picture, 20);
    const HeadAngles& found = camera.person.poser.angles();
    EXPECT_NEAR(found.pitch, pitch, 5) << picture;
    EXPECT_NEAR(found.yaw, yaw, 5) << picture;
    EXPECT_NEAR(found.roll, roll, 5) << picture;
  }
}

TEST(PoseFromFace, FollowsPicturesOfClosedLids) {
  Camera camera;
  camera.show("closed.png", 8);
  EXPECT_GE(camera.person.value("eye_wink_left"), 0.9F);
  EXPECT_GE(camera.person.value("eye_wink_right"), 0.9F);
  camera.show("turned_0_0_0.png", 30);
  EXPECT_LE(camera.person.value("eye_wink_left"), 0.05F);
  EXPECT_LE(camera.person.value("eye_wink_right"), 0.05F);
  camera.show("left_closed.png", 30);
  EXPECT_GE(camera.person.value("eye_wink_left"), 0.9F);
  EXPECT_LE(camera.person.value("eye_wink_right"), 0.1F);
}

TEST(PoseFromFace, HoldsALostFaceThenRelaxes) {
  Person person = person_at_rest();
  person.show(turned_true_face(true_face(), {0, 15, 0}), 90);
  const float held = person.value("head_y");
  ASSERT_GT(held, 0.5F);
  person.hide(15);
  EXPECT_EQ(person.value("head_y"), held);
  person.hide(150);
  for (std::size_t i = 0; i < person.pose.size(); ++i)
    EXPECT_EQ(person.pose[i], 0) << pose_parameters()[i].name;
  // It comes back from rest, not with a jump.
  person.show(turned_true_face(true_face(), {0, 15, 0}), 1);
  EXPECT_LT(person.value("head_y"), 0.5F * held);
  person.show(turned_true_face(true_face(), {0, 15, 0}), 60);
  EXPECT_NEAR(person.value("head_y"), held, 0.02);
}

TEST(PoseFromFace, IsWithinItsRangesWhateverThePoints) {
  Person person = person_at_rest();
  std::mt19937 random(17);
  std::uniform_real_distribution<float> anywhere(-1000, 1000);
  Points face{};
  for (int frame = 0; frame < 50; ++frame) {
    if (frame % 7 != 0) {
      for (FacePoint& point : face) point = {anywhere(random), anywhere(random), anywhere(random)};
    } else {
      face = {};
    }
    check_pose(person.show(face, 1), "of any points");
    if (frame % 10 == 5) person.poser.set_neutral();
  }
  constexpr float kHuge = 3e38F, kNone = std::numeric_limits<float>::quiet_NaN();
  for (const float value : {kHuge, -kHuge, kNone, std::numeric_limits<float>::infinity()}) {
    face[33].x = face[159].y = face[10].z = value;
    check_pose(person.show(face, 3, {.mirror = true, .gains = {value, value, value, value, value, value}}),
               "of none");
    person.poser.set_neutral();
    check_pose(person.show(face, 3), "of no points at rest");
  }
  // Nor is it moved by a clock that goes wrong.
  for (const double clock : {0.0, -1e300, 1e300, 5.0}) {
    check_pose(person.poser.update(FacePoints{face, 1}, clock), "of any time");
  }
}

}  // namespace
}  // namespace tha4
