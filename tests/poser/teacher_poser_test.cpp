#include "tha4/poser/teacher_poser.h"

#include "nn/small_teacher.h"
#include "poser_fixture.h"

#include "tha4/base/error.h"
#include "tha4/image/compositing.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

// Parity of the pipelines is tested with the networks; here, that the poser hands their outputs on as it
// should.

TEST(TeacherPoser, GivesTheEditorsFrameAndTheStudentsFaceCrop) {
  const StateDict expected = read_safetensors(kTestData / "random_teacher" / "expected.safetensors");
  const auto poser = make_teacher_poser(load_teacher(kTestData / "random_teacher"),
                                        reference_image(expected["image_u8"]), torch::kCPU);
  const auto poses = expected["poses"].narrow(0, 0, 1);
  const PosedFrame frame = poser->pose(poses);
  EXPECT_LT(largest_difference(frame.blended, (1 - frame.alpha) * frame.warped + frame.alpha * frame.direct),
            1e-5);
  EXPECT_EQ(frame.face.sizes(), (std::vector<std::int64_t>{1, 4, 128, 128}));
  EXPECT_LT(largest_difference(poser->face(poses), frame.face), 1e-5);

  const Region region{10, 20, 30, 40};
  EXPECT_LT(largest_difference(poser->pose(poses, {512, region}).blended, crop(frame.blended, region)), 1e-5);
  EXPECT_THROW(poser->pose(poses, FrameWindow::whole(256)), InputError);
}

TEST(Tha3Poser, GivesTheEditorsFrameAndTheStudentsFaceCrop) {
  const StateDict expected = read_safetensors(kTestData / "random_tha3_teacher" / "expected.safetensors");
  const auto poser = make_teacher_poser(load_teacher(kTestData / "random_tha3_teacher"),
                                        reference_image(expected["image_u8"]), torch::kCPU);
  const auto poses = expected["poses"].narrow(0, 0, 1);
  const PosedFrame frame = poser->pose(poses);
  EXPECT_LT(largest_difference(frame.blended, (1 - frame.alpha) * frame.warped + frame.alpha * frame.direct),
            1e-5);
  EXPECT_LT(largest_difference(poser->face(poses), frame.face), 1e-5);
}

TEST(CompactPoser, GivesTheEditorsFrameAndTheStudentsFaceCrop) {
  torch::manual_seed(4);
  const Teacher teacher = small_compact_teacher();
  perturb_weights(teacher);
  const auto poser = make_teacher_poser(teacher, torch::rand({4, 512, 512}) * 2 - 1, torch::kCPU);
  const auto poses = torch::rand({2, 45});
  const PosedFrame frame = poser->pose(poses);
  EXPECT_EQ(frame.alpha.sizes(), (std::vector<std::int64_t>{2, 1, 512, 512}));
  EXPECT_LT(largest_difference(frame.blended, (1 - frame.alpha) * frame.warped + frame.alpha * frame.direct),
            1e-5);
  EXPECT_LT(largest_difference(poser->face(poses), frame.face), 1e-5);
}

}  // namespace
}  // namespace tha4
