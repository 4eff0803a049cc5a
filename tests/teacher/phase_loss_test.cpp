#include "tha4/teacher/phase_loss.h"

#include <cmath>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/metrics/ssim.h"

namespace tha4 {
namespace {

constexpr int kPixels = 32;

/// A result that is off by \p inside within the square that moves, of 8x8 pixels, and by \p outside
/// elsewhere.
MadeImages output_off_by(double inside, double outside) {
  MadeImages output;
  output.input = torch::zeros({1, 4, kPixels, kPixels});
  output.target = output.input.clone();
  output.target.narrow(2, 12, 8).narrow(3, 12, 8).fill_(0.5);
  at::Tensor result = output.target + outside;
  // Neighbours within two pixels count as moved.
  result.narrow(2, 10, 12).narrow(3, 10, 12).add_(inside - outside);
  output.result = result;
  output.images = {{"blended", result}};
  return output;
}

double loss_of(const MadeImages& output, const TrainingPhase& phase) {
  return phase_loss(output, phase, nullptr, 0).front().value.item<double>();
}

TEST(PhaseLoss, MovedPixelsCountAsOftenAsAsked) {
  TrainingPhase phase;
  phase.l1 = {1, {"blended"}};
  phase.moved_weight = 20;
  const double moved = 12 * 12, others = kPixels * kPixels - moved;
  const double sum = 20 * moved + others;
  EXPECT_NEAR(loss_of(output_off_by(0.1, 0), phase), 0.1 * 20 * moved / sum, 1e-6);
  EXPECT_NEAR(loss_of(output_off_by(0, 0.1), phase), 0.1 * others / sum, 1e-6);
  // The same everywhere is what it is without weights.
  EXPECT_NEAR(loss_of(output_off_by(0.1, 0.1), phase), 0.1, 1e-6);
}

TEST(PhaseLoss, NothingMovedIsPlainL1) {
  MadeImages output = output_off_by(0.1, 0.1);
  output.input = output.target;
  TrainingPhase phase;
  phase.l1 = {1, {"blended"}};
  phase.moved_weight = 20;
  EXPECT_NEAR(loss_of(output, phase), 0.1, 1e-6);
}

MadeImages output_with_difference(const at::Tensor& difference) {
  MadeImages output;
  output.input = output.target = torch::zeros_like(difference);
  output.result = difference;
  output.images = {{"blended", difference}};
  return output;
}

// A constant is in the coarsest band alone; a chequered pattern of single pixels in the finest alone.
TEST(PhaseLoss, BandsOfThePyramidSeparateFineFromCoarse) {
  TrainingPhase phase;
  phase.laplacian.on = {1, {"blended"}};
  phase.laplacian.levels = 3;
  EXPECT_NEAR(loss_of(output_with_difference(torch::full({1, 4, kPixels, kPixels}, 0.2)), phase), 0.2, 1e-6);
  const at::Tensor axis = torch::arange(kPixels);
  const at::Tensor chequered = (((axis.view({kPixels, 1}) + axis.view({1, kPixels})) % 2) * 2 - 1)
                                   .to(torch::kFloat)
                                   .expand({1, 4, kPixels, kPixels});
  EXPECT_NEAR(loss_of(output_with_difference(chequered * 0.2), phase), 0.2, 1e-6);
  // What L1 takes for equally wrong is more wrong where an edge is lost in every band.
  at::Tensor edge = torch::zeros({1, 4, kPixels, kPixels});
  edge.narrow(3, kPixels / 2 - 1, 1).fill_(1);
  EXPECT_GT(loss_of(output_with_difference(edge), phase), 1.5 * edge.mean().item<double>());
}

MadeImages output_of(const at::Tensor& image, const at::Tensor& target) {
  MadeImages output;
  output.input = output.target = target;
  output.result = image;
  output.images = {{"blended", image}};
  return output;
}

TrainingPhase phase_of_gradient() {
  TrainingPhase phase;
  phase.gradient = {1, {"blended"}};
  return phase;
}

TrainingPhase phase_of_ms_ssim(int levels) {
  TrainingPhase phase;
  phase.ms_ssim = {{1, {"blended"}}, levels};
  return phase;
}

/// Pictures of smooth waves, values in [-1, 1], each of its own.
at::Tensor waves(int count, double phase) {
  const at::Tensor axis = torch::arange(kPixels, torch::kFloat);
  const at::Tensor x = axis.view({1, 1, 1, kPixels}), y = axis.view({1, 1, kPixels, 1});
  const at::Tensor image = torch::arange(count, torch::kFloat).view({count, 1, 1, 1});
  const at::Tensor channel = torch::arange(4, torch::kFloat).view({1, 4, 1, 1});
  return (x * 0.7 + y * (0.3 + 0.2 * channel) + image + phase).sin();
}

TEST(PhaseLoss, GradientIsOfStepsFromPixelToPixel) {
  // A constant has no steps; a ramp has the same one everywhere.
  at::Tensor difference = torch::full({1, 4, kPixels, kPixels}, 0.2);
  EXPECT_NEAR(loss_of(output_with_difference(difference), phase_of_gradient()), 0, 1e-7);
  difference = difference + torch::arange(kPixels, torch::kFloat).view({1, 1, kPixels, 1}) * 0.01;
  EXPECT_NEAR(loss_of(output_with_difference(difference), phase_of_gradient()), 0.01, 1e-6);
  // One column that is off: two steps of 31 in each row.
  at::Tensor column = torch::zeros({1, 4, kPixels, kPixels});
  column.narrow(3, 9, 1).fill_(0.5);
  EXPECT_NEAR(loss_of(output_with_difference(column), phase_of_gradient()), 0.5 * 2 / (kPixels - 1), 1e-6);
}

TEST(PhaseLoss, OneLevelOfMsSsimIsTheMetric) {
  const at::Tensor image = waves(3, 0.4), target = waves(3, 0);
  const double expected = 1 - ssim(image * 0.5 + 0.5, target * 0.5 + 0.5).mean().item<double>();
  ASSERT_GT(expected, 0.02);
  EXPECT_NEAR(loss_of(output_of(image, target), phase_of_ms_ssim(1)), expected, 1e-5);
}

TEST(PhaseLoss, MsSsimIsNothingForEqualImagesAndMoreForSoftOnes) {
  const at::Tensor target = waves(2, 0);
  EXPECT_NEAR(loss_of(output_of(target, target), phase_of_ms_ssim(2)), 0, 1e-6);
  const at::Tensor softer = torch::avg_pool2d(target, {3, 3}, {1, 1}, {1, 1});
  const at::Tensor softest = torch::avg_pool2d(softer, {3, 3}, {1, 1}, {1, 1});
  const double soft = loss_of(output_of(softer, target), phase_of_ms_ssim(2));
  EXPECT_GT(soft, 0.01);
  EXPECT_GT(loss_of(output_of(softest, target), phase_of_ms_ssim(2)), soft);
}

// What has nothing in common with its target, or the opposite of it, must not end training.
TEST(PhaseLoss, MsSsimOfOppositesHasFiniteGradients) {
  const at::Tensor target = waves(2, 0);
  const at::Tensor image = (-target).requires_grad_();
  const at::Tensor loss = phase_loss(output_of(image, target), phase_of_ms_ssim(2), nullptr, 0).front().value;
  EXPECT_GT(loss.item<double>(), 0.9);
  loss.backward();
  EXPECT_TRUE(image.grad().isfinite().all().item<bool>());
}

TEST(PhaseLoss, SharpnessIsTheMeanOverTheImagesAndItsGradientLeadsDown) {
  for (const TrainingPhase& phase : {phase_of_gradient(), phase_of_ms_ssim(2)}) {
    const at::Tensor target = waves(3, 0);
    const at::Tensor image = (target * 0.8 + 0.1 * waves(3, 1)).requires_grad_();
    const at::Tensor loss = phase_loss(output_of(image, target), phase, nullptr, 0).front().value;
    double sum = 0;
    for (int i = 0; i < 3; ++i) {
      sum += loss_of(output_of(image.narrow(0, i, 1).detach(), target.narrow(0, i, 1)), phase);
    }
    EXPECT_NEAR(loss.item<double>(), sum / 3, 1e-6);
    loss.backward();
    const at::Tensor step = image.grad() / image.grad().norm();
    EXPECT_LT(loss_of(output_of((image - 0.1 * step).detach(), target), phase), loss.item<double>());
  }
}

/// Two examples of four pixels each, the first with two visible and one hidden, the second with none.
struct MovedExamples {
  MadeImages made;
  Motion motion;
};

MovedExamples moved_examples() {
  MovedExamples examples;
  examples.motion.flow = torch::zeros({2, 2, 2, 2});
  examples.motion.visible =
      torch::tensor({1.0F, 1.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F}).view({2, 1, 2, 2});
  examples.motion.hidden = torch::tensor({0.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F}).view({2, 1, 2, 2});
  examples.made.target = torch::zeros({2, 4, 2, 2});
  examples.made.flow = torch::zeros({2, 2, 2, 2}).requires_grad_();
  examples.made.alpha = torch::full({2, 1, 2, 2}, 0.25).requires_grad_();
  return examples;
}

double loss_of(const MovedExamples& examples, const TrainingPhase& phase) {
  const at::Tensor loss = phase_loss(examples.made, phase, nullptr, 0, examples.motion).front().value;
  loss.backward();
  return loss.item<double>();
}

TEST(PhaseLoss, FlowCountsInPixelsWhereTheSurfaceWasVisible) {
  TrainingPhase phase;
  phase.flow_weight = 1;
  const MovedExamples right = moved_examples();
  EXPECT_EQ(loss_of(right, phase), 0);
  MovedExamples wrong = moved_examples();
  wrong.motion.flow[0][0] = 2.0 / 512;  // a pixel to the right, everywhere
  wrong.motion.flow[1].fill_(1);        // of an example that shows nothing
  EXPECT_NEAR(loss_of(wrong, phase), 0.5 / 2, 1e-6);
  const at::Tensor gradient = wrong.made.flow.grad();
  EXPECT_LT(gradient[0][0][0][1].item<double>(), 0);
  EXPECT_EQ(gradient[0][1].abs().max().item<double>(), 0);
  EXPECT_EQ(gradient[0][0][1].abs().max().item<double>(), 0);  // hidden, and none
  EXPECT_EQ(gradient[1].abs().max().item<double>(), 0);
  EXPECT_FALSE(wrong.made.alpha.grad().defined());
}

TEST(PhaseLoss, DisocclusionDrawsAlphaToWhatWasHidden) {
  TrainingPhase phase;
  phase.disocclusion_weight = 1;
  const MovedExamples examples = moved_examples();
  EXPECT_NEAR(loss_of(examples, phase), (-std::log(0.75) - std::log(0.25)) / 2, 1e-6);
  const at::Tensor gradient = examples.made.alpha.grad()[0][0];
  EXPECT_GT(gradient[0].min().item<double>(), 0);
  EXPECT_LT(gradient[1][0].item<double>(), 0);
  EXPECT_EQ(gradient[1][1].item<double>(), 0);
  EXPECT_EQ(examples.made.alpha.grad()[1].abs().max().item<double>(), 0);
  MovedExamples right = moved_examples();
  right.made.alpha = right.motion.hidden.clone().requires_grad_();
  EXPECT_NEAR(loss_of(right, phase), 0, 1e-6);
}

TEST(PhaseLoss, MotionThatIsNotKnownIsRefused) {
  TrainingPhase phase;
  phase.flow_weight = 1;
  EXPECT_THROW(phase_loss(moved_examples().made, phase, nullptr, 0), Error);
}

}  // namespace
}  // namespace tha4
