#include "tha4/teacher/phase_loss.h"

#include <gtest/gtest.h>
#include <torch/types.h>

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

}  // namespace
}  // namespace tha4
