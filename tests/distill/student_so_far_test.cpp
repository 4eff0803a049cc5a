#include "student_so_far.h"

#include "distill/distill_fixture.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/distill/student_trainings.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/image/rest_image.h"
#include "tha4/nn/student/siren_face_morpher.h"

namespace tha4 {
namespace {

class StudentAtRest : public DistillRun {
 protected:
  DistillConfig with_body(BodyRotatorKind kind) {
    DistillConfig config = job("tiny_siren.json", {}).config;
    auto& body = std::get<SirenBodyConfig>(config.body_rotator);
    body.kind = kind;
    if (kind == BodyRotatorKind::siren_single_resolution) body.network.levels = {{512, 6}, {512, 5}};
    return config;
  }

  /// What such a body makes of an image must be that image, in any pose, also after a trip through files.
  void expect_at_rest(const DistillConfig& config, const std::string& folder) {
    const auto body = body_at_rest(config);
    Character character = character_;
    character.body_rotator_kind = body.kind;
    character.body_rotator = body.network;
    const auto out = fresh_path(folder);
    save_character(character, out, usual_format(character));
    StudentPoser student(load_character(out), torch::kCPU);
    const torch::NoGradGuard no_grad;
    const auto poses = draw_poses(PoseSource{}, 2, 7);
    const PosedFrame frame = student.pose(poses);
    // The picture with the new face, but for what a grid of samples rounds.
    EXPECT_LT((frame.flow.abs().max().item<double>()), 1e-6) << folder;
    EXPECT_LT((frame.blended - frame.warped).abs().max().item<double>(), 1e-5) << folder;
    EXPECT_LT((frame.blended.narrow(2, 300, 200) - student.rest_image().narrow(1, 300, 200))
                  .abs()
                  .max()
                  .item<double>(),
              1e-4)
        << folder;
  }
};

TEST_F(StudentAtRest, ABodyThatNeverTrainedGivesThePictureWhateverItsKind) {
  expect_at_rest(with_body(BodyRotatorKind::siren), "at_rest_siren");
  expect_at_rest(with_body(BodyRotatorKind::siren_single_resolution), "at_rest_single");
  expect_at_rest(job("tiny_blendshape.json", {}).config, "at_rest_blendshape");
}

TEST_F(StudentAtRest, AVanillaSirenWhichCannotDoThatIsReplaced) {
  DistillConfig config = with_body(BodyRotatorKind::vanilla_siren);
  EXPECT_EQ(body_at_rest(config).kind, BodyRotatorKind::siren);
}

TEST_F(StudentAtRest, TellsWhatThereIsOfAStudent) {
  using Part = StudentSoFar::Part;
  const DistillConfig config = job("tiny_siren.json", {}).config;
  StudentSoFar student(config, character_.image);
  EXPECT_FALSE(student.character());
  const auto training = make_face_training(teacher_, config, {}, torch::ones({1, 128, 128}));
  student.train(*training);
  EXPECT_FALSE(student.character()) << "random weights are nothing to play";
  training->step(0);
  student.step_taken();
  EXPECT_EQ(student.face(), Part::under_way);
  ASSERT_TRUE(student.character());
  student.stop_training();
  const auto face = student.face_morpher();
  training->step(2);
  expect_equal(*face, *student.character()->face_morpher);
  student.finish_face(face);
  EXPECT_EQ(student.body(), Part::not_begun);
  student.finish_body(character_.body_rotator);
  EXPECT_EQ(student.character()->body_rotator, character_.body_rotator);
}

}  // namespace
}  // namespace tha4
