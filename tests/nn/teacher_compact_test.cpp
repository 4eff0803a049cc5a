#include "small_teacher.h"
#include "teacher_fixtures.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/compositing.h"
#include "tha4/nn/cost/parameter_count.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

using testing::distance;

class CompactTeacher : public ::testing::Test {
 protected:
  CompactTeacher() { torch::manual_seed(7); }

  at::Tensor rest_image() { return testing::random_images(1, 512); }
};

TEST_F(CompactTeacher, UntrainedItGivesTheRestImage) {
  const torch::NoGradGuard no_grad;
  Teacher teacher = small_compact_teacher();
  const at::Tensor image = rest_image();
  const TeacherOutput output = teacher(teacher.prepare(image), torch::rand({2, 45}));
  EXPECT_EQ(output.editor.blended.sizes(), (std::vector<std::int64_t>{2, 4, 512, 512}));
  EXPECT_EQ(output.half_resolution.blended.sizes(), (std::vector<std::int64_t>{2, 4, 256, 256}));
  EXPECT_EQ(output.face.face.sizes(), (std::vector<std::int64_t>{2, 4, 192, 192}));
  EXPECT_LE(distance(output.editor.blended, image.expand({2, -1, -1, -1})), 0.03);
  EXPECT_FALSE(output.face.combiner.has_value());
}

TEST_F(CompactTeacher, TheFaceGoesByAllFaceParametersAndTheBodyByTheRotation) {
  const torch::NoGradGuard no_grad;
  Teacher teacher = small_compact_teacher();
  perturb_weights(teacher);
  const PreparedImage image = teacher.prepare(rest_image());
  const at::Tensor still = torch::zeros({1, 45});
  const TeacherOutput at_rest = teacher(image, still);
  for (const int parameter : {0, 11, 12, 38}) {
    const at::Tensor pose = still.clone();
    pose[0][parameter] = 1;
    EXPECT_GT(distance(teacher.face(image, pose), at_rest.face.face), 1e-4) << parameter;
  }
  const at::Tensor turned = still.clone();
  turned[0][39] = 1;
  const TeacherOutput output = teacher(image, turned);
  EXPECT_EQ(distance(output.face_morphed_image, at_rest.face_morphed_image), 0);
  EXPECT_GT(distance(output.half_resolution.blended, at_rest.half_resolution.blended), 1e-4);
  EXPECT_EQ(distance(crop(output.face_morphed_image, kTeacherFaceCrop), output.face.face), 0);
}

TEST_F(CompactTeacher, ComesBackFromItsFilesInBothFormats) {
  const torch::NoGradGuard no_grad;
  Teacher teacher = small_compact_teacher();
  perturb_weights(teacher);
  const at::Tensor image = rest_image(), pose = torch::rand({1, 45});
  const at::Tensor frame = teacher(teacher.prepare(image), pose).editor.blended;
  for (const std::string extension : {"pt", "safetensors"}) {
    const fs::path folder = fs::path(::testing::TempDir()) / ("compact_" + extension);
    write_teacher(teacher, folder, extension);
    Teacher loaded = load_teacher(folder);
    EXPECT_EQ(loaded.architecture(), Architecture::compact);
    EXPECT_EQ(distance(loaded(loaded.prepare(image), pose).editor.blended, frame), 0);
  }
}

TEST_F(CompactTeacher, IsMuchSmallerThanThePublishedOne) {
  const auto size = [](Architecture architecture) {
    const SkipInitialization skip;
    std::int64_t sum = 0;
    for (const NamedNetwork& named : make_teacher(architecture).networks()) {
      sum += count_parameters(*named.network);
    }
    return sum;
  };
  EXPECT_LT(size(Architecture::compact) * 5, size(Architecture::tha4));
}

TEST_F(CompactTeacher, TakesNoNetworksOfOthers) {
  const auto options = testing::small_encoder_decoder();
  EXPECT_THROW(Teacher(Architecture::compact,
                       TeacherFaceNetworks{EyebrowDecomposer(options), EyebrowMorphingCombiner(options),
                                           TeacherFaceMorpher(options)},
                       Tha3BodyNetworks{Tha3Rotator(options), Tha3Editor(options)}),
               Error);
}

}  // namespace
}  // namespace tha4
