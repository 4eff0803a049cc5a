#include <string>
#include <vector>

#include "gpu_test.h"
#include "kernels/cuda_kernels.h"
#include "kernels/rotated_pixels.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/cuda_program.h"
#include "tha4/base/error.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/kernels/absolute_difference.h"
#include "tha4/nn/teacher/half_resolution_rotator.h"
#include "tha4/nn/teacher/residual_editor.h"

namespace tha4 {
namespace {

const std::vector<at::ScalarType> kTypes{at::kFloat, at::kHalf, at::kBFloat16};

class KernelCompiler : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!CudaProgram::has_compiler()) GTEST_SKIP() << "this LibTorch comes without NVRTC";
  }
};

TEST_F(KernelCompiler, TakesAllKernelsForEveryGpuOfTheLastYears) {
  for (const at::ScalarType type : kTypes) {
    const at::Tensor x = torch::empty({1}, type);
    for (const std::string capability : {"75", "80", "90", "120"}) {
      EXPECT_FALSE(channels_last_program(x).compile(capability).empty());
      EXPECT_FALSE(absolute_difference_program(x).compile(capability).empty());
      EXPECT_FALSE(rotated_pixels_program(type).compile(capability).empty());
    }
  }
}

TEST_F(KernelCompiler, ReportsWhatIsWrongWithAText) {
  const CudaProgram program("broken.cu", "extern \"C\" __global__ void broken() { return 1 +; }", {});
  try {
    program.compile("90");
    FAIL() << "a broken text was compiled";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("broken.cu"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("expected an expression"), std::string::npos) << error.what();
  }
}

class FusedKernels : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    torch::manual_seed(11);
  }
};

double relative_difference(const at::Tensor& result, const at::Tensor& expected) {
  const at::Tensor difference =
      result.detach().cpu().to(torch::kDouble) - expected.detach().to(torch::kDouble);
  return difference.abs().max().item<double>() / (expected.abs().max().item<double>() + 1e-12);
}

/// Wide enough for groups of several channels everywhere (a bias before a norm of single channels has no
/// effect, and its gradient would be what rounding leaves), and with steps that change the width.
UNetOptions wide_unet() {
  UNetOptions options;
  options.model_channels = 64;
  options.levels = {{64}, {128}, {128, true}};
  options.blocks_per_level = 1;
  options.middle_blocks = 2;
  options.condition_channels = 32;
  return options;
}

/// Moves the weights off their zeros.
void perturb(HalfResolutionRotator& rotator) {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : rotator->parameters()) parameter.add_(torch::randn_like(parameter) * 0.05);
}

struct Step {
  at::Tensor image;
  std::vector<at::Tensor> gradients;
};

/// The images of a rotator and the gradients of a loss in which every pixel counts, on the rotator's device.
Step step_of(HalfResolutionRotator& rotator, const at::Tensor& image, const at::Tensor& rotation,
             const at::Tensor& weights) {
  for (auto& parameter : rotator->parameters()) parameter.mutable_grad().reset();
  const RotatorOutput output = rotator->forward(image, rotation);
  ((output.blended + output.warped) * weights).sum().backward();
  Step step{output.blended, {}};
  for (const auto& parameter : rotator->parameters()) step.gradients.push_back(parameter.grad().cpu());
  return step;
}

TEST_F(FusedKernels, OfAUNetGiveTheResultAndTheGradientsOfTheCpu) {
  HalfResolutionRotator rotator(wide_unet());
  perturb(rotator);
  const at::Tensor image = torch::rand({3, 4, 32, 48}) * 2 - 1;
  const at::Tensor rotation = torch::rand({3, 6}) * 2 - 1;
  const at::Tensor weights = torch::randn({3, 4, 32, 48});
  const Step expected = step_of(rotator, image, rotation, weights);

  rotator->to(device_);
  for (at::Tensor& parameter : rotator->parameters()) {
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
  }
  const auto channels_last = [&](const at::Tensor& x) {
    return x.to(device_).contiguous(at::MemoryFormat::ChannelsLast);
  };
  const Step step = step_of(rotator, channels_last(image), rotation.to(device_), channels_last(weights));
  EXPECT_LT(relative_difference(step.image, expected.image), 1e-3);
  const auto names = rotator->named_parameters();
  for (std::size_t i = 0; i < expected.gradients.size(); ++i) {
    EXPECT_LT(relative_difference(step.gradients[i], expected.gradients[i]), 2e-3) << names[i].key();
  }
}

TEST_F(FusedKernels, InSixteenBitsAreRepeatableAndNoLessExactThanLibTorch) {
  HalfResolutionRotator rotator(wide_unet());
  perturb(rotator);
  const at::Tensor image = torch::rand({2, 4, 64, 64}) * 2 - 1;
  const at::Tensor rotation = torch::rand({2, 6}) * 2 - 1;
  const torch::NoGradGuard no_grad;
  const at::Tensor expected = rotator->forward(image, rotation).blended;
  rotator->to(device_, at::kBFloat16);
  const auto run = [&](at::MemoryFormat layout) {
    for (at::Tensor& parameter : rotator->parameters()) {
      if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(layout));
    }
    return rotator->forward(image.to(device_).contiguous(layout), rotation.to(device_)).blended.cpu();
  };
  const auto error_of = [&](const at::Tensor& result) {
    return (result - expected).abs().mean().item<double>();
  };
  const at::Tensor fused = run(at::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(torch::equal(fused, run(at::MemoryFormat::ChannelsLast)));
  EXPECT_LT(error_of(fused), 1.2 * error_of(run(at::MemoryFormat::Contiguous)));
}

TEST_F(FusedKernels, TakeTheMeanAbsoluteDifferenceAsTheCpuDoes) {
  for (const at::ScalarType type : kTypes) {
    const at::Tensor a = torch::randn({3, 8, 33, 16}).to(type), b = torch::randn({3, 8, 33, 16}).to(type);
    const at::Tensor on_cpu = a.clone().set_requires_grad(true);
    const at::Tensor expected = mean_absolute_difference(on_cpu, b);
    (expected * 1000).backward();
    const at::Tensor on_gpu = a.to(device_).set_requires_grad(true);
    const at::Tensor result = mean_absolute_difference(on_gpu, b.to(device_));
    (result * 1000).backward();
    EXPECT_EQ(result.scalar_type(), at::kFloat);
    EXPECT_NEAR(result.item<double>(), expected.item<double>(), 1e-5) << type;
    EXPECT_LT(relative_difference(on_gpu.grad(), on_cpu.grad()), 1e-2) << type;
  }
}

/// Flows that lead beyond the edges, too, and alphas of 0 and 1 among others.
RotatorOutput some_output(std::int64_t count, std::int64_t height, std::int64_t width) {
  const auto image = [&] { return torch::rand({count, 4, height, width}) * 2 - 1; };
  return {.blended = image(),
          .warped = image(),
          .direct = image(),
          .alpha = (torch::rand({count, 1, height, width}) * 1.4 - 0.2).clamp(0, 1),
          .flow = torch::randn({count, 2, height, width}) * 0.3};
}

RotatorOutput moved(const RotatorOutput& output, c10::Device device) {
  return {.blended = output.blended.to(device),
          .warped = output.warped.to(device),
          .direct = output.direct.to(device),
          .alpha = output.alpha.to(device),
          .flow = output.flow.to(device)};
}

void expect_equal(const RotatorOutput& result, const RotatorOutput& expected, double tolerance) {
  EXPECT_LT(relative_difference(result.blended, expected.blended), tolerance);
  EXPECT_LT(relative_difference(result.warped, expected.warped), tolerance);
  EXPECT_LT(relative_difference(result.direct, expected.direct), tolerance);
  EXPECT_LT(relative_difference(result.alpha, expected.alpha), tolerance);
  EXPECT_LT(relative_difference(result.flow, expected.flow), tolerance);
}

TEST_F(FusedKernels, RotatePixelsAsTheCpuDoes) {
  const torch::NoGradGuard no_grad;
  const at::Tensor channels = torch::randn({3, 7, 20, 28}) * 0.5, image = torch::rand({3, 4, 20, 28}) * 2 - 1;
  const RotatorOutput expected = rotator_output(channels, image);
  expect_equal(rotate_pixels(channels.to(device_), image.to(device_)), expected, 1e-4);
  const auto channels_last = [&](const at::Tensor& x) {
    return x.to(device_).contiguous(at::MemoryFormat::ChannelsLast);
  };
  expect_equal(rotator_output(channels_last(channels), channels_last(image)), expected, 1e-4);
  const at::Tensor one = image.narrow(0, 0, 1).expand({3, -1, -1, -1});
  expect_equal(rotator_output(channels.to(device_), one.to(device_)), rotator_output(channels, one), 1e-4);
}

TEST_F(FusedKernels, EditPixelsAsTheCpuDoes) {
  const torch::NoGradGuard no_grad;
  UNetOptions options = ResidualEditorImpl::compact_options();
  options.model_channels = 32;
  options.levels = {{32}, {64, true}};
  options.condition_channels = 16;
  ResidualEditor editor(options);
  for (auto& parameter : editor->parameters()) parameter.add_(torch::randn_like(parameter) * 0.05);
  const at::Tensor image = torch::rand({2, 4, 32, 32}) * 2 - 1, rotation = torch::rand({2, 6}) * 2 - 1;
  const RotatorOutput coarse = some_output(2, 16, 16);
  const RotatorOutput expected = editor->forward(image, coarse, rotation);
  editor->to(device_);
  expect_equal(editor->forward(image.to(device_), moved(coarse, device_), rotation.to(device_)), expected,
               3e-3);  // convolutions may round to 11 bits
}

TEST_F(FusedKernels, GatherWhatThePapersEditorLooksAtAsTheCpuDoes) {
  const torch::NoGradGuard no_grad;
  const at::Tensor image = torch::rand({2, 4, 20, 28}) * 2 - 1;
  const RotatorOutput coarse = some_output(2, 20, 28);
  const at::Tensor expected =
      torch::cat({image, coarse.blended, apply_flow(image, coarse.flow), coarse.flow}, 1);
  const RotatorOutput on_gpu = moved(coarse, device_);
  for (const at::ScalarType type : kTypes) {
    const at::Tensor result = gather_coarse(image.to(device_), on_gpu.blended, on_gpu.flow, type);
    EXPECT_EQ(result.scalar_type(), type);
    EXPECT_LT(relative_difference(result, expected), type == at::kFloat ? 1e-4 : 1e-2);
  }
}

}  // namespace
}  // namespace tha4
