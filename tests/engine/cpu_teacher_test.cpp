#include "cpu_teacher.h"

#include <memory>

#include "convolution_kernels.h"
#include "engine/engine_fixtures.h"
#include "map_kernels.h"
#include "map_player.h"
#include "packed_convolution.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/engine/fused_teacher.h"
#include "tha4/image/color.h"
#include "tha4/metrics/psnr.h"
#include "tha4/nn/blocks/pose_encoder_decoder.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/base_teacher.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/teacher_poser.h"

namespace tha4 {
namespace {

/// A picture that is not the same on both sides.
at::Tensor picture() {
  at::Tensor image = to_image_tensor(disc());
  image.narrow(2, 200, 60).narrow(1, 120, 90).mul_(0.5);
  return image;
}

double min_psnr(const at::Tensor& a, const at::Tensor& b) {
  return network_psnr(a, b).min().item<double>();
}

struct ConvolutionCase {
  int inputs, outputs, height, width;
  MapWeights kind;
  MapType type;
  double min_decibels;
};

class MapConvolution : public ::testing::TestWithParam<ConvolutionCase> {
 protected:
  static at::Tensor weights_of(const ConvolutionCase& sizes) {
    const std::int64_t inputs = sizes.inputs, outputs = sizes.outputs;
    if (sizes.kind == MapWeights::transposed) return torch::randn({inputs, outputs, 4, 4}) * 0.05;
    const int kernel = sizes.kind == MapWeights::halving ? 4 : 3;
    return torch::randn({outputs, inputs, kernel, kernel}) * 0.05;
  }

  /// As LibTorch does it.
  /// \param x  [1, inputs, height, width]
  static at::Tensor expected_of(MapWeights kind, const at::Tensor& x, const at::Tensor& weights,
                                const at::Tensor& biases) {
    if (kind == MapWeights::transposed) return torch::conv_transpose2d(x, weights, biases, 2, 1);
    const bool doubles = kind == MapWeights::doubled;
    const at::Tensor seen = doubles ? torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}) : x;
    return torch::conv2d(seen, weights, biases, kind == MapWeights::halving ? 2 : 1, 1);
  }
};

TEST_P(MapConvolution, GivesWhatLibTorchDoes) {
  const ConvolutionCase& sizes = GetParam();
  const SeededScope seeded(7);
  const at::Tensor x = torch::silu(torch::randn({sizes.inputs, sizes.height, sizes.width}));
  const at::Tensor weights = weights_of(sizes), biases = torch::randn({sizes.outputs});
  MapPlayer player(sizes.type, two_workers());
  const PackedConvolution packed = pack_convolution(weights, biases, {sizes.inputs}, sizes.kind, sizes.type);
  const LayerMap result = player.convolve(packed, player.read(x), sizes.outputs);
  const at::Tensor planes = MapPlayer::tensor_of(result).to(torch::kFloat).permute({2, 0, 1});
  const at::Tensor expected = expected_of(sizes.kind, x.unsqueeze(0), weights, biases)[0];
  ASSERT_EQ(planes.sizes(), expected.sizes());
  EXPECT_GT(decibels(planes, expected), sizes.min_decibels);
  const at::Tensor sums = torch::tensor(at::ArrayRef<double>(result.sums)).narrow(0, 0, sizes.outputs);
  EXPECT_GT(decibels(sums, expected.sum(at::IntArrayRef{1, 2}).to(torch::kDouble)), sizes.min_decibels);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, MapConvolution,
    ::testing::Values(ConvolutionCase{64, 96, 24, 32, MapWeights::plain, MapType::bf16, 40},
                      ConvolutionCase{20, 7, 37, 51, MapWeights::plain, MapType::bf16, 40},
                      ConvolutionCase{32, 48, 12, 9, MapWeights::doubled, MapType::bf16, 40},
                      ConvolutionCase{64, 96, 24, 32, MapWeights::plain, MapType::fp32, 110},
                      ConvolutionCase{3, 33, 7, 5, MapWeights::plain, MapType::fp32, 110},
                      ConvolutionCase{16, 40, 11, 10, MapWeights::doubled, MapType::fp32, 110},
                      ConvolutionCase{64, 32, 24, 36, MapWeights::halving, MapType::bf16, 40},
                      ConvolutionCase{20, 40, 6, 14, MapWeights::halving, MapType::fp32, 110},
                      ConvolutionCase{64, 96, 16, 12, MapWeights::transposed, MapType::bf16, 40},
                      ConvolutionCase{20, 7, 5, 3, MapWeights::transposed, MapType::fp32, 110}));

std::unique_ptr<Poser> fused(const Teacher& teacher, const at::Tensor& image, MapType type) {
  play_by_kernels(teacher, type, two_workers());
  return make_teacher_poser(teacher, image, c10::kCPU);
}

class CpuTeacher : public ::testing::TestWithParam<MapType> {};

TEST_P(CpuTeacher, PosesAsTheNetworksOfTheBaseTeacherDo) {
  const auto reference = make_teacher_poser(load_teacher(base_teacher_folder()), picture(), c10::kCPU);
  const auto kernels = fused(load_teacher(base_teacher_folder()), picture(), GetParam());
  const at::Tensor poses = some_poses(3);
  const PosedFrame expected = reference->pose(poses), frame = kernels->pose(poses.narrow(0, 0, 2));
  EXPECT_GT(min_psnr(frame.blended, expected.blended.narrow(0, 0, 2)), 45);
  EXPECT_GT(min_psnr(frame.face, expected.face.narrow(0, 0, 2)), 45);
  const PosedFrame last = kernels->pose(poses.narrow(0, 2, 1));
  EXPECT_GT(min_psnr(last.blended, expected.blended.narrow(0, 2, 1)), 45);
  EXPECT_GT(min_psnr(kernels->face(poses), expected.face), 45);
}

TEST(CpuTeachers, DrawAPoseTheSameEachTimeAndInEveryBatch) {
  const auto kernels = fused(load_teacher(base_teacher_folder()), picture(), usual_map_type());
  const at::Tensor poses = some_poses(2);
  const at::Tensor both = kernels->pose(poses).blended;
  EXPECT_GT(min_psnr(kernels->pose(poses.narrow(0, 1, 1)).blended, both.narrow(0, 1, 1)), 60);
  EXPECT_TRUE(torch::equal(kernels->pose(poses).blended, both));
}

TEST(CpuTeachers, KeepEachPicturesOwn) {
  const Teacher teacher = load_teacher(base_teacher_folder());
  const at::Tensor other = picture().flip(2);
  const auto first = fused(teacher, picture(), usual_map_type());
  const auto second = make_teacher_poser(teacher, other, c10::kCPU);
  const auto reference = make_teacher_poser(load_teacher(base_teacher_folder()), other, c10::kCPU);
  const at::Tensor poses = some_poses(1);
  const at::Tensor before = first->pose(poses).blended;
  EXPECT_GT(min_psnr(second->pose(poses).blended, reference->pose(poses).blended), 45);
  EXPECT_TRUE(torch::equal(first->pose(poses).blended, before));
}

/// Networks of odd sizes whose weights were never trained, with the coarse inputs of the paper's editor.
TEST_P(CpuTeacher, PlaysNetworksOfOtherSizes) {
  const SeededScope seeded(3);
  UNetOptions options{.model_channels = 8, .levels = {{24}, {8}, {16, true}}, .condition_channels = 10};
  EditorImpl editor(options);
  const torch::NoGradGuard no_grad;
  for (at::Tensor& parameter : editor.parameters()) parameter.add_(torch::randn_like(parameter) * 0.02);
  const at::Tensor image = torch::rand({2, 4, 52, 36}) * 2 - 1, coarse = image.flip(3);
  const at::Tensor flow = torch::randn({2, 2, 52, 36}) * 0.01, rotation = torch::rand({2, 6});
  const at::Tensor expected = editor.forward(image, coarse, flow, rotation).direct;
  play_unet_by_kernels(editor.body(), editor.coarse_image_conv(),
                       std::make_shared<MapPlayer>(GetParam(), two_workers()));
  const at::Tensor direct = editor.forward(image, coarse, flow, rotation).direct;
  EXPECT_GT(decibels(direct, expected), GetParam() == MapType::fp32 ? 70 : 25);
}

/// The published face networks' encoder-decoder, of odd sizes.
TEST_P(CpuTeacher, PlaysEncoderDecodersOfOtherSizes) {
  const SeededScope seeded(5);
  const torch::NoGradGuard no_grad;
  PoseEncoderDecoder network(4, 3,
                             EncoderDecoderOptions{.level_channels = {24, 40, 64}, .bottleneck_blocks = 3});
  for (at::Tensor& parameter : network->parameters()) {
    parameter.add_(torch::randn_like(parameter) * (parameter.dim() > 1 ? 0.05 : 0.2));
  }
  const at::Tensor images = torch::rand({2, 4, 28, 20}) * 2 - 1, poses = torch::rand({2, 3}) - 0.5;
  const at::Tensor expected = network->forward(images, poses);
  play_encoder_decoder_by_kernels(*network, std::make_shared<MapPlayer>(GetParam(), two_workers()));
  const double min_decibels = GetParam() == MapType::fp32 ? 80 : 30;
  EXPECT_GT(decibels(network->forward(images, poses), expected), min_decibels);
  // The second image is known by now, and so is what depends on it alone.
  const at::Tensor second = images.narrow(0, 1, 1), other = network->forward(second, poses.narrow(0, 0, 1));
  EXPECT_GT(decibels(network->forward(second, poses.narrow(0, 1, 1)), expected.narrow(0, 1, 1)),
            min_decibels);
  EXPECT_LT(decibels(other, expected.narrow(0, 1, 1)), min_decibels);
}

INSTANTIATE_TEST_SUITE_P(Types, CpuTeacher, ::testing::Values(MapType::bf16, MapType::fp32),
                         [](const auto& test) { return test.param == MapType::bf16 ? "Bf16" : "Fp32"; });

TEST(FusedTeacherOnCpu, PosesAsItsNetworksDoAndSaysByWhat) {
  const auto reference = make_teacher_poser(load_teacher(base_teacher_folder()), picture(), c10::kCPU);
  const auto kernels =
      make_fused_teacher_poser(load_teacher(base_teacher_folder()), picture(), c10::kCPU, Precision::fp32);
  const at::Tensor poses = some_poses(1);
  EXPECT_GT(min_psnr(kernels->pose(poses).blended, reference->pose(poses).blended), 45);
  EXPECT_FALSE(cpu_teacher_kernels().empty());
  EXPECT_EQ(why_no_fused_teacher(c10::kCPU, Architecture::compact), std::nullopt);
  EXPECT_EQ(why_no_fused_teacher(c10::kCPU, Architecture::tha3), "THA3's networks have no kernels for CPUs");
}

}  // namespace
}  // namespace tha4
