#include <utility>
#include <vector>

#include "gpu_siren.h"
#include "gpu_test.h"
#include "siren_programs.h"
#include "teacher_store.h"
#include "window_errors.h"
#include "window_places.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/distill/teacher_frames.h"
#include "tha4/image/rest_image.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/poser/character.h"
#include "tha4/poser/student_poser.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

constexpr int kLossWindow = 64;
const std::vector<kernels::SirenWindow> kWindows = {{0, 192, 96}, {3, 0, 0}, {2, 448, 448}, {1, 240, 160}};

class StudentLosses : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (IsSkipped()) return;
    const SeededScope seeded(2);
    Character character;
    character.face_morpher = SirenFaceMorpher(SirenOptions{.width = 24, .sine_layers = 3}).ptr();
    character.body_rotator =
        SirenBodyRotator(SirenBodyRotatorOptions{.levels = {{256, 24}, {512, 16}}}).ptr();
    character.image = RgbaImage(kImageSize, kImageSize);
    for (std::size_t i = 0; i < character.image.pixels.size(); ++i) {
      character.image.pixels[i] =
          static_cast<std::uint8_t>(i % 4 == 3 ? 255 : (i / 4 * 7 + i % 4 * 50) % 200);
    }
    teacher_ = std::make_unique<StudentPoser>(character, device_);
    poses_ = draw_poses(PoseSource{}, 5, 1).to(device_);
  }

  /// The gradient of the first results of each pixel that a kernel wrote, as float32.
  at::Tensor written_gradient(const GpuSiren& siren, int results) const {
    const at::Tensor shuffled = torch::from_blob(siren.of_results(), {siren.pixel_count(), 16},
                                                 torch::device(device_).dtype(torch::kBFloat16))
                                    .to(torch::kFloat32);
    std::vector<at::Tensor> columns;
    for (int i = 0; i < results; ++i) columns.push_back(shuffled.select(1, i / 2 * 4 + i % 2));
    return torch::stack(columns, 1);
  }

  at::Tensor results_of(const GpuSiren& siren, int results) const {
    return torch::from_blob(const_cast<float*>(siren.results()), {siren.pixel_count(), 8},
                            torch::device(device_).dtype(torch::kFloat32))
        .narrow(1, 0, results)
        .clone()
        .requires_grad_(true);
  }

  static double error(const at::Tensor& a, const at::Tensor& b) {
    return ((a - b).norm() / (b.norm() + 1e-20)).item<double>();
  }

  /// Compares the kernel of the body's loss with what LibTorch makes of the student's planes.
  void compare_body(bool direct_is_blended) const;

  std::unique_ptr<StudentPoser> teacher_;
  at::Tensor poses_;
};

void StudentLosses::compare_body(bool direct_is_blended) const {
  const TeacherStore store = TeacherStore::of_frames(*teacher_, poses_, 2, {}, {});
  const SeededScope seeded(4);
  const SirenBodyRotator body(SirenBodyRotatorOptions{.levels = {{512, 16}}, .sine_layers = 2});
  const StateDict network = state_dict_of(*body);
  GpuSiren siren(network, trained_body(network, SirenResolution::multiple), 4, kLossWindow, store.poses(),
                 device_);
  GpuSiren::PlannedStep step{.windows = kWindows, .settings = {}};
  step.settings.flow = 3;
  step.settings.warped = 0.5;
  step.settings.direct = 2;
  step.settings.final = 10;
  step.settings.squared = 20;
  siren.plan({&step, 1});
  siren.begin_step();
  siren.evaluate();
  const int blocks = siren.pixel_count() / 256;
  const at::Tensor sums = torch::zeros({blocks, 4}, torch::device(device_));
  const auto mean_errors = [&](const ErrorCells& cells) {
    WindowErrors errors(device_, cells);
    student_losses_program().launch(
        device_, {.x = static_cast<unsigned>(blocks), .threads = 256},
        kernels::BodyLoss{siren.step(), siren.pixels(), siren.pixel_count(), store.view(), siren.results(),
                          siren.of_results(), sums.data_ptr<float>(), errors.sums(),
                          kImageSize / cells.across, cells.across,
                          cells.frames == 1 ? 0 : cells.across * cells.across, direct_is_blended, false});
    errors.fetch();
    errors.fetch();  // that before is used by now
    return errors.map() / 65536;
  };
  const at::Tensor map = mean_errors({.across = kCells})[0];
  const at::Tensor of_frames = mean_errors({.frames = store.count(), .across = kFrameCells});
  const at::Tensor results = results_of(siren, 7);
  at::Tensor total, squared = torch::zeros({}, torch::device(device_));
  at::Tensor losses = torch::zeros({4}, torch::device(device_));
  for (std::size_t i = 0; i < kWindows.size(); ++i) {
    const Region region{kWindows[i].x, kWindows[i].y, kLossWindow, kLossWindow};
    const PosedFrame expected = store.frames({kWindows[i].frame}, region);
    const at::Tensor kept = store.kept({kWindows[i].frame}, region);
    const at::Tensor planes =
        results.narrow(0, static_cast<std::int64_t>(i) * kLossWindow * kLossWindow, kLossWindow * kLossWindow)
            .view({1, kLossWindow, kLossWindow, 7})
            .permute({0, 3, 1, 2});
    const at::Tensor flow = planes.narrow(1, 0, 2), alpha = planes.narrow(1, 2, 1),
                     direct = planes.narrow(1, 3, 4);
    const at::Tensor warped =
        warp(store.images({kWindows[i].frame}), flow.contiguous(), {kImageSize, region});
    const at::Tensor blended = torch::lerp(warped, direct, alpha);
    const at::Tensor rows =
        (blended - expected.blended).abs().mean(1, true).clamp_max(4).slice(2, 0, kLossWindow, 4);
    const at::Tensor cells = torch::avg_pool2d(rows.detach(), {kCellPixels / 4, kCellPixels}).view({4, 4});
    const at::Tensor counted = map.narrow(0, region.y / kCellPixels, 4).narrow(1, region.x / kCellPixels, 4);
    EXPECT_LT(error(counted, cells.cpu().to(torch::kFloat64)), 1e-3) << i;
    if (region.x % kLossWindow == 0 && region.y % kLossWindow == 0) {  // a frame's cell is as large
      const at::Tensor own = of_frames[kWindows[i].frame][region.y / kLossWindow][region.x / kLossWindow];
      EXPECT_NEAR(own.item<double>(), cells.mean().item<double>(), 1e-3 * own.item<double>()) << i;
    }
    const auto l1 = [&](const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().mean() / 4; };
    const at::Tensor of_window = torch::stack(
        {l1(flow * kept, expected.flow), l1(warped, expected.warped),
         l1(direct, direct_is_blended ? expected.blended : expected.direct), l1(blended, expected.blended)});
    losses = losses + of_window;
    squared = squared + (blended - expected.blended).square().mean() / 4;
  }
  total =
      (losses * torch::tensor({3.0, 0.5, 2.0, 10.0}, torch::device(device_).dtype(torch::kFloat32))).sum() +
      20 * squared;
  total.backward();
  EXPECT_LT(error(sums.sum(0), losses.detach()), 1e-3) << sums.sum(0) << losses;
  EXPECT_LT(error(written_gradient(siren, 7), results.grad()), 0.02);
}

TEST_F(StudentLosses, OfTheBodyIsThatOfItsPlanes) {
  compare_body(false);
}

TEST_F(StudentLosses, OfTheBodyComparesWithTheBlendedImageAsThePublishedCodeDoes) {
  compare_body(true);
}

TEST_F(StudentLosses, OfAVanillaSirenIsThatOfItsFrame) {
  const TeacherStore store = TeacherStore::of_frames(*teacher_, poses_, 2, {}, {});
  const SeededScope seeded(4);
  const VanillaSirenBodyRotator body(SirenOptions{.pose_size = kPoseSize, .width = 16, .sine_layers = 2});
  const StateDict network = state_dict_of(*body);
  GpuSiren siren(network, trained_body(network, BodyRotatorKind::vanilla_siren), 4, kLossWindow,
                 store.poses(), device_);
  GpuSiren::PlannedStep step{.windows = kWindows, .settings = {}};
  step.settings.final = 10;
  step.settings.squared = 20;
  siren.plan({&step, 1});
  siren.begin_step();
  siren.evaluate();
  const int blocks = siren.pixel_count() / 256;
  const at::Tensor sums = torch::zeros({blocks, 4}, torch::device(device_));
  student_losses_program().launch(
      device_, {.x = static_cast<unsigned>(blocks), .threads = 256},
      kernels::BodyLoss{siren.step(), siren.pixels(), siren.pixel_count(), store.view(), siren.results(),
                        siren.of_results(), sums.data_ptr<float>(), nullptr, 1, kImageSize, 0, false, true});
  const at::Tensor results = results_of(siren, 4);
  std::vector<at::Tensor> frames;
  for (const kernels::SirenWindow& window : kWindows) {
    const Region region{window.x, window.y, kLossWindow, kLossWindow};
    frames.push_back(store.frames({window.frame}, region).blended.permute({0, 2, 3, 1}).reshape({-1, 4}));
  }
  const at::Tensor difference = results - torch::cat(frames), final = difference.abs().mean();
  (10 * final + 20 * difference.square().mean()).backward();
  EXPECT_NEAR(sums.sum(0)[3].item<double>(), final.item<double>(), 1e-3 * final.item<double>());
  EXPECT_LT(error(written_gradient(siren, 4), results.grad()), 0.02);
  EXPECT_EQ(written_gradient(siren, 8).narrow(1, 4, 4).abs().max().item<double>(), 0);
}

TEST_F(StudentLosses, OfTheFaceWeighsItsMask) {
  const TeacherStore store = TeacherStore::of_faces(*teacher_, poses_, 2, {});
  const SeededScope seeded(4);
  const SirenFaceMorpher face(SirenOptions{.width = 16, .sine_layers = 2});
  const StateDict network = state_dict_of(*face);
  GpuSiren siren(network, trained_face(network), 2, kFaceCrop.width,
                 store.poses().narrow(1, 0, 39).contiguous(), device_);
  GpuSiren::PlannedStep step{.windows = {{0, 0, 0}, {4, 0, 0}}, .settings = {}};
  step.settings.masked = 20;
  step.settings.squared = 5;
  siren.plan({&step, 1});
  siren.begin_step();
  siren.evaluate();
  const at::Tensor mask = (torch::rand({128, 128}, torch::device(device_)) > 0.7).to(torch::kFloat32);
  const int blocks = siren.pixel_count() / 256;
  const at::Tensor sums = torch::zeros({blocks, 4}, torch::device(device_));
  student_losses_program().launch(
      device_, {.x = static_cast<unsigned>(blocks), .threads = 256},
      kernels::FaceLoss{siren.step(), siren.pixels(), siren.pixel_count(), store.view(),
                        mask.data_ptr<float>(), siren.results(), siren.of_results(), sums.data_ptr<float>()});
  const at::Tensor results = results_of(siren, 4);
  const at::Tensor expected = store.faces({0, 4}).permute({0, 2, 3, 1});
  const at::Tensor difference = (results.view({2, 128, 128, 4}) - expected).abs();
  const at::Tensor whole = difference.mean(), masked = (difference * mask.unsqueeze(-1)).mean();
  const at::Tensor squared = (difference.square() * (1 + 20 * mask.unsqueeze(-1))).mean();
  (whole + 20 * masked + 5 * squared).backward();
  EXPECT_LT(error(sums.sum(0).narrow(0, 0, 2), torch::stack({whole, masked}).detach()), 1e-3);
  EXPECT_LT(error(written_gradient(siren, 4), results.grad()), 0.02);
}

TEST_F(StudentLosses, StoredFramesAreTheTeachers) {
  const TeacherStore store = TeacherStore::of_frames(*teacher_, poses_, 2, {}, {});
  const PosedFrame expected = teacher_->pose(poses_.narrow(0, 3, 1));
  const PosedFrame stored = store.frames({3}, FrameWindow{}.region);
  EXPECT_LT((stored.face - expected.face.clamp(-1, 1)).abs().max().item<double>(), 1.01 / 255);
  EXPECT_LT((stored.flow - expected.flow).abs().mean().item<double>(), 1e-3);
}

}  // namespace
}  // namespace tha4
