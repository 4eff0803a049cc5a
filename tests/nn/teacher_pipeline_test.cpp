#include "teacher_fixtures.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/image/compositing.h"

namespace tha4 {
namespace {

using testing::distance;

/// A teacher with random weights and the inputs of the recorded one, in double precision: in single precision
/// such weights make visible differences of the rounding errors that depend on the size of the batch.
struct RandomTeacher {
  RandomTeacher() {
    const auto recorded = testing::recorded_teacher("random_teacher");
    teacher.to(torch::kCPU, torch::kFloat64);
    rest_image = recorded.rest_image.to(torch::kFloat64);
    poses = recorded.poses;
  }

  TeacherOutput pose(const at::Tensor& image, const at::Tensor& some_poses) {
    return teacher(teacher.prepare(image), some_poses);
  }
  at::Tensor face(const at::Tensor& image, const at::Tensor& some_poses) {
    return teacher.face(teacher.prepare(image), some_poses);
  }

  Teacher teacher = load_teacher(data_file("random_teacher"));
  at::Tensor rest_image;
  at::Tensor poses;
};

at::Tensor one(const at::Tensor& batch, int index) {
  return batch.slice(0, index, index + 1);
}

TEST(Teacher, APoseOfABatchEqualsARunOfItsOwn) {
  const torch::NoGradGuard no_grad;
  RandomTeacher teacher;
  const auto batch = teacher.pose(teacher.rest_image, teacher.poses);
  const auto second = teacher.pose(teacher.rest_image, one(teacher.poses, 1));
  EXPECT_LE(distance(second.editor.blended, one(batch.editor.blended, 1)), 1e-6);
  EXPECT_LE(distance(second.editor.flow, one(batch.editor.flow, 1)), 1e-6);
}

TEST(Teacher, ABatchOfCharactersEqualsOneRunEach) {
  const torch::NoGradGuard no_grad;
  RandomTeacher teacher;
  const auto characters = torch::cat({teacher.rest_image, teacher.rest_image.flip(3)}, 0);
  const auto batch = teacher.face(characters, teacher.poses);
  for (int i = 0; i < 2; ++i) {
    const auto single = teacher.face(one(characters, i), one(teacher.poses, i));
    EXPECT_LE(distance(single, one(batch, i)), 1e-6);
  }
}

TEST(Teacher, PastesTheFaceIntoACopyOfTheRestImage) {
  const torch::NoGradGuard no_grad;
  RandomTeacher teacher;
  const auto before = teacher.rest_image.clone();
  const auto pose = one(teacher.poses, 0);
  const auto face = teacher.face(teacher.rest_image, pose);
  EXPECT_EQ(face.sizes(), (std::vector<std::int64_t>{1, 4, 192, 192}));
  const auto whole = teacher.pose(teacher.rest_image, pose).face_morphed_image;
  EXPECT_EQ(distance(face, crop(whole, kTeacherFaceCrop)), 0.0);
  EXPECT_EQ(distance(crop(whole, {0, 224, 512, 288}), crop(before, {0, 224, 512, 288})), 0.0);
  EXPECT_TRUE(torch::equal(before, teacher.rest_image));
}

TEST(Teacher, GradientsOfTheFaceReachTheFirstNetwork) {
  RandomTeacher teacher;
  teacher.face(teacher.rest_image, one(teacher.poses, 0)).sum().backward();
  for (const auto& parameter : teacher.teacher.networks().front().network->named_parameters()) {
    EXPECT_TRUE(parameter.value().grad().defined()) << parameter.key();
  }
}

class NetworkType : public ::testing::TestWithParam<at::ScalarType> {};

TEST_P(NetworkType, OfSixteenBitsTakesAndGivesThirtyTwoBitImages) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(5);
  EyebrowDecomposer network(testing::small_encoder_decoder());
  const auto image = testing::random_images(1, 32);
  const auto exact = network->forward(image);
  network->to(GetParam());
  const auto output = network->forward(image);
  EXPECT_EQ(output.background_layer.scalar_type(), torch::kFloat32);
  EXPECT_EQ(output.background_layer_alpha.scalar_type(), torch::kFloat32);
  EXPECT_GT(distance(output.background_layer, exact.background_layer), 0.0);
  EXPECT_LE(distance(output.background_layer, exact.background_layer), 0.1);
  EXPECT_EQ(network->forward(image.to(GetParam())).background_layer.scalar_type(), GetParam());
}

/// Those of 16 bits take a shorter way through a U-Net, which must lead to the same place.
TEST_P(NetworkType, OfSixteenBitsRotatesLikeOneOfThirtyTwo) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(5);
  HalfResolutionRotator network(testing::small_unet());
  for (auto& parameter : network->parameters()) parameter.add_(torch::randn_like(parameter) * 0.02);
  const auto image = testing::random_images(2, 16);
  const auto rotation = torch::randn({2, 6});
  const auto exact = network->forward(image, rotation);
  network->to(GetParam());
  const auto output = network->forward(image, rotation);
  EXPECT_EQ(output.blended.scalar_type(), torch::kFloat32);
  EXPECT_EQ(output.flow.scalar_type(), torch::kFloat32);
  EXPECT_GT(exact.direct.std().item<double>(), 0.1);
  EXPECT_LE(distance(output.direct, exact.direct), 0.05);
}

INSTANTIATE_TEST_SUITE_P(Types, NetworkType, ::testing::Values(torch::kBFloat16, torch::kFloat16));

}  // namespace
}  // namespace tha4
