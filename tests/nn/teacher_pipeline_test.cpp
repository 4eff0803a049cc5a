#include "teacher_fixtures.h"
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tha4/image/compositing.h"

namespace tha4 {
namespace {

using testing::distance;

/// A teacher with random weights and the inputs of the recorded one.
struct RandomTeacher {
  testing::RecordedTeacher recorded = testing::recorded_teacher("random_teacher");
  TeacherPipeline pipeline{load_teacher_networks(testing::data_folder("random_teacher"))};

  TeacherOutput pose(const at::Tensor& rest_image, const at::Tensor& poses) {
    return pipeline(rest_image, pipeline.decompose(rest_image), poses);
  }
};

TEST(TeacherPipeline, ABatchOfPosesEqualsOneRunEach) {
  const torch::NoGradGuard no_grad;
  RandomTeacher teacher;
  const auto& rest_image = teacher.recorded.rest_image;
  const auto batch = teacher.pose(rest_image, teacher.recorded.poses);
  for (int i = 0; i < 2; ++i) {
    const auto single = teacher.pose(rest_image, teacher.recorded.poses.slice(0, i, i + 1));
    EXPECT_LE(distance(single.editor.blended[0], batch.editor.blended[i]), 1e-3);
    EXPECT_LE(distance(single.face_morphed_image[0], batch.face_morphed_image[i]), 1e-4);
  }
}

TEST(TeacherPipeline, ABatchOfCharactersEqualsOneRunEach) {
  const torch::NoGradGuard no_grad;
  RandomTeacher teacher;
  const auto& rest_image = teacher.recorded.rest_image;
  const auto two = torch::cat({rest_image, rest_image.flip(3)}, 0);
  const auto batch = teacher.pose(two, teacher.recorded.poses);
  for (int i = 0; i < 2; ++i) {
    const auto single = teacher.pose(two.slice(0, i, i + 1), teacher.recorded.poses.slice(0, i, i + 1));
    EXPECT_LE(distance(single.editor.blended[0], batch.editor.blended[i]), 1e-3);
  }
}

TEST(TeacherPipeline, FaceIsTheFaceCropOfTheFaceMorphedImage) {
  const torch::NoGradGuard no_grad;
  RandomTeacher teacher;
  const auto& [recorded, pipeline] = teacher;
  const auto layers = teacher.pipeline.decompose(recorded.rest_image);
  const auto face = teacher.pipeline.face(recorded.rest_image, layers, recorded.poses);
  const auto whole = teacher.pose(recorded.rest_image, recorded.poses).face_morphed_image;
  EXPECT_EQ(face.sizes(), (std::vector<std::int64_t>{2, 4, 192, 192}));
  EXPECT_EQ(distance(face, crop(whole, kTeacherFaceCrop)), 0.0);
}

TEST(TeacherPipeline, LeavesTheRestImageAsItWas) {
  const torch::NoGradGuard no_grad;
  RandomTeacher teacher;
  const auto before = teacher.recorded.rest_image.clone();
  teacher.pose(teacher.recorded.rest_image, teacher.recorded.poses.slice(0, 0, 1));
  EXPECT_TRUE(torch::equal(before, teacher.recorded.rest_image));
}

TEST(TeacherPipeline, GradientsReachTheFirstNetworkFromTheFrame) {
  RandomTeacher teacher;
  const auto output = teacher.pose(teacher.recorded.rest_image, teacher.recorded.poses.slice(0, 0, 1));
  output.editor.blended.sum().backward();
  const auto& decomposer = teacher.pipeline.networks().face.eyebrow_decomposer;
  for (const auto& parameter : decomposer->named_parameters()) {
    EXPECT_TRUE(parameter.value().grad().defined()) << parameter.key();
  }
}

class TeacherPipelineType : public ::testing::TestWithParam<at::ScalarType> {};

/// Networks of 16 bits on images of 32 bits: images of 32 bits come out, close to those of 32-bit networks
/// where the random weights have not yet blown the differences up.
TEST_P(TeacherPipelineType, SixteenBitNetworksTakeAndGiveThirtyTwoBitImages) {
  const torch::NoGradGuard no_grad;
  RandomTeacher teacher;
  const auto& rest_image = teacher.recorded.rest_image;
  const auto poses = teacher.recorded.poses.slice(0, 0, 1);
  const auto exact = teacher.pose(rest_image, poses);
  for (const auto& [name, network] : named_networks(teacher.pipeline.networks())) network->to(GetParam());
  const auto output = teacher.pose(rest_image, poses);
  EXPECT_EQ(output.editor.blended.scalar_type(), torch::kFloat32);
  EXPECT_EQ(output.half_resolution.flow.scalar_type(), torch::kFloat32);
  EXPECT_TRUE(output.editor.blended.isfinite().all().item<bool>());
  const auto error = (output.layers.background_layer - exact.layers.background_layer).abs().mean();
  EXPECT_LE(error.item<double>(), 0.02);
  const auto of_its_type = teacher.pose(rest_image.to(GetParam()), poses);
  EXPECT_EQ(of_its_type.editor.blended.scalar_type(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Types, TeacherPipelineType, ::testing::Values(torch::kBFloat16, torch::kFloat16));

}  // namespace
}  // namespace tha4
