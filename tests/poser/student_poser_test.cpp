#include "tha4/poser/student_poser.h"

#include <utility>

#include "poser_fixture.h"
#include "test_files.h"

#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/pose/pose.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

Character random_student(const RgbaImage& image = disc_picture()) {
  const fs::path folder = kTestData / "random_student";
  Character character;
  character.image = image;
  character.face_morpher =
      make_face_morpher(FaceMorpherKind::siren, read_weights(folder / "face_morpher.pt"), "face_morpher.pt");
  character.body_rotator =
      make_body_rotator(BodyRotatorKind::siren, read_weights(folder / "body_morpher.pt"), "body_morpher.pt");
  return character;
}

// The recorded values were computed in float32, and a SIREN multiplies rounding errors by 30 in each layer: a
// float64 evaluation of lambda_00 is up to 9e-5 from the recorded outputs of the networks, and every float32
// evaluation about as far again. So float64, whose difference is the recording's own, is held to 1e-4, and
// float32 to twice that.
constexpr double kFloat64Tolerance = 1e-4;
constexpr double kFloat32Tolerance = 2e-4;
// `warped`, and so `blended`, is the picture at a position that is off by the flow's rounding. At most 1e-5
// of half a frame's width is 2.6e-3 pixels, and neighbouring pixels differ by at most 2.
constexpr double kFlowTolerance = 1e-5;
constexpr double kWarpedTolerance = kFlowTolerance * 256 * 2;
constexpr double kWarpedMeanTolerance = 1e-5;

void expect_near(const at::Tensor& actual, const at::Tensor& expected, double tolerance,
                 const std::string& what) {
  EXPECT_LT(largest_difference(actual, expected), tolerance) << what;
}

/// Compares frame \p i of a reference file, of which every \p step-th pixel is recorded.
void expect_recorded(const RotatorOutput& body, const at::Tensor& face, const StateDict& expected, int i,
                     int step, int face_step, double tolerance) {
  const std::string pose = "pose" + std::to_string(i) + ".";
  expect_near(strided(face[0], face_step), expected[pose + "face"], tolerance, pose + "face");
  expect_near(strided(body.flow[0], step), expected[pose + "flow"], kFlowTolerance, pose + "flow");
  expect_near(strided(body.alpha[0], step), expected[pose + "alpha"], tolerance, pose + "alpha");
  expect_near(strided(body.direct[0], step), expected[pose + "direct"], tolerance, pose + "direct");
  for (const auto& [name, tensor] : {std::pair{"warped", body.warped}, {"blended", body.blended}}) {
    const auto difference = (strided(tensor[0], step) - expected[pose + name]).abs();
    EXPECT_LT(difference.max().item<double>(), kWarpedTolerance) << pose << name;
    EXPECT_LT(difference.mean().item<double>(), kWarpedMeanTolerance) << pose << name;
  }
}

/// Evaluates the networks of \p character in \p type on all poses of a reference file.
void expect_recorded(Character& character, const at::Tensor& image, const StateDict& expected,
                     at::ScalarType type, int step, int face_step) {
  torch::NoGradGuard no_grad;
  character.face_morpher->to(type);
  character.body_rotator->to(type);
  for (int i = 0; i < 4; ++i) {
    const auto poses = expected["poses"].narrow(0, i, 1).to(type);
    const auto face = character.face_morpher->draw(poses.narrow(1, 0, kFacePoseSize));
    const auto body = character.body_rotator->rotate(paste(image.unsqueeze(0).to(type), face, kFaceCrop),
                                                     poses, FrameWindow{});
    expect_recorded(body, face, expected, i, step, face_step,
                    type == torch::kFloat64 ? kFloat64Tolerance : kFloat32Tolerance);
  }
}

TEST(StudentPoser, MatchesTheRandomReferenceStudent) {
  const StateDict expected = read_safetensors(kTestData / "random_student" / "expected.safetensors");
  Character character = random_student();
  for (const at::ScalarType type : {torch::kFloat32, torch::kFloat64}) {
    expect_recorded(character, reference_image(expected["image_u8"]), expected, type, 8, 4);
  }
}

TEST(StudentPoser, MatchesLambda00) {
  const fs::path folder = reference_file("lambda_00");
  if (!fs::exists(folder / "character.png")) {
    GTEST_SKIP() << "the published character lambda_00 is not at " << folder
                 << "; name its folder's parent with "
                 << "THA4_REFERENCE_DIR";
  }
  const StateDict expected = read_safetensors(folder / "expected.safetensors");
  Character character = load_character(folder);
  for (const at::ScalarType type : {torch::kFloat64, torch::kFloat32}) {
    expect_recorded(character, to_image_tensor(character.image), expected, type, 4, 2);
  }
  StudentPoser poser(character, torch::kCPU);
  const auto difference =
      (poser.pose(expected["poses"].narrow(0, 1, 1)).blended[0] - expected["pose1.blended_full"]).abs();
  EXPECT_LT(difference.max().item<double>(), kWarpedTolerance);
  EXPECT_LT(difference.mean().item<double>(), kWarpedMeanTolerance);
}

TEST(StudentPoser, DrawsRegionsAsCropsOfTheWholeFrame) {
  StudentPoser poser(random_student(), torch::kCPU);
  const auto poses = torch::rand({1, 45});
  const PosedFrame whole = poser.pose(poses);
  const Region region{250, 90, 61, 47};
  const PosedFrame part = poser.pose(poses, {512, region});
  EXPECT_LT(largest_difference(part.blended, crop(whole.blended, region)), 1e-5);
  EXPECT_LT(largest_difference(part.flow, crop(whole.flow, region)), 1e-5);
}

TEST(StudentPoser, DrawsABatchAsItsPosesOneByOne) {
  StudentPoser poser(random_student(), torch::kCPU);
  const auto poses = torch::rand({2, 45});
  const FrameWindow window{512, {200, 60, 100, 100}};
  const auto both = poser.pose(poses, window).blended;
  for (int i = 0; i < 2; ++i) {
    EXPECT_LT(largest_difference(both.narrow(0, i, 1), poser.pose(poses.narrow(0, i, 1), window).blended),
              1e-5);
  }
}

TEST(StudentPoser, FaceIsTheFaceOfTheFrame) {
  StudentPoser poser(random_student(), torch::kCPU);
  const auto poses = torch::rand({1, 45});
  EXPECT_TRUE(torch::equal(poser.face(poses), poser.pose(poses, {512, {0, 0, 8, 8}}).face));
}

TEST(StudentPoser, RefusesWindowsOutsideTheFrame) {
  StudentPoser poser(random_student(), torch::kCPU);
  const auto poses = torch::zeros({1, 45});
  EXPECT_THROW(poser.pose(poses, {512, {500, 0, 13, 1}}), InputError);
  EXPECT_THROW(poser.pose(poses, {512, {-1, 0, 4, 4}}), InputError);
  EXPECT_THROW(poser.pose(poses, {512, {0, 0, 0, 4}}), InputError);
  EXPECT_THROW(poser.pose(poses, {0, {0, 0, 1, 1}}), InputError);
  EXPECT_THROW(poser.pose(poses, {512, {2147483647, 0, 4, 4}}), InputError);
  EXPECT_THROW(poser.pose(torch::zeros({1, 44})), InputError);
}

}  // namespace
}  // namespace tha4
