#include "gpu_convolutions.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine_fixtures.h"
#include "gpu_test.h"
#include "measured_layouts.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "tha4/base/project_files.h"
#include "tha4/nn/blocks/seeded_scope.h"

namespace tha4 {
namespace {

constexpr CudaLimits kHopper{.capability = 90, .multiprocessors = 132, .shared_bytes = 227 * 1024};
constexpr CudaLimits kAmpere{.capability = 86, .multiprocessors = 82, .shared_bytes = 99 * 1024};

TEST(PackedMapWeights, LieAsTheKernelReadsThem) {
  const at::Tensor weights = torch::randn({21, 40, 3, 3});
  const at::Tensor packed = pack_map_weights(weights, MapWeights::plain, torch::kHalf).to(torch::kFloat);
  ASSERT_EQ(packed.sizes(), (std::vector<std::int64_t>{9, 3, 4, 2, 8, 8}));
  for (int output = 0; output < 32; ++output) {
    for (int input = 0; input < 48; ++input) {
      const double expected = output < 21 && input < 40 ? weights[output][input][1][2].item<double>() : 0;
      const double found =
          packed[5][input / 16][output / 8][input / 8 % 2][output % 8][input % 8].item<double>();
      EXPECT_NEAR(found, expected, 4e-3);
    }
  }
}

TEST(PackedMapWeights, AreAddedUpWherePixelsCountAsFour) {
  const at::Tensor weights = torch::randn({1, 1, 3, 3});
  const at::Tensor packed = pack_map_weights(weights, MapWeights::doubled, torch::kHalf).to(torch::kFloat);
  ASSERT_EQ(packed.sizes(), (std::vector<std::int64_t>{16, 1, 2, 2, 8, 8}));
  // The lower right one of four results: the pixel itself counts for the upper left 2x2 of the weights.
  const at::Tensor own = weights[0][0];
  const double expected = own.narrow(0, 0, 2).narrow(1, 0, 2).sum().item<double>();
  EXPECT_NEAR(packed[4 * 3 + 0].flatten()[0].item<double>(), expected, 1e-2);
  EXPECT_NEAR(packed[4 * 3 + 3].flatten()[0].item<double>(), own[2][2].item<double>(), 1e-2);
}

TEST(MapConvolutionLayout, ShareOutSmallMapsAmongAllMultiprocessors) {
  const MapConvolutionShape small{.height = 16, .width = 16, .inputs = {256}, .skipped = {}, .outputs = 256};
  const MapConvolutionLayout layout = best_layout(small, kHopper);
  const int tiles = 256 / layout.tile_pixels();
  EXPECT_GE(tiles * (256 / layout.outputs) * layout.splits, 64);
  EXPECT_EQ(best_layout(small, kAmpere).splits, 1);
}

TEST(MapConvolutionLayout, FitsWhatThereIs) {
  for (const CudaLimits& limits : {kHopper, kAmpere}) {
    for (const int taps : {1, 4, 9}) {
      const MapConvolutionShape shape{.images = 8,
                                      .height = 64,
                                      .width = 64,
                                      .taps = taps,
                                      .inputs = {256, 256},
                                      .skipped = {},
                                      .outputs = 256};
      for (const MapConvolutionLayout& layout : possible_layouts(shape, limits)) {
        EXPECT_LE(layout.shared_bytes(512, 32), limits.shared_bytes);
      }
    }
  }
}

TEST(MapConvolutionProgram, CompilesForEveryGpuOfTheLastYears) {
  if (!CudaProgram::has_compiler()) GTEST_SKIP() << "this LibTorch comes without NVRTC";
  const MapConvolutionLayout warps{.teams = 2, .blocks = 1, .outputs = 64};
  for (const std::string capability : {"80", "89", "90", "120"}) {
    EXPECT_FALSE(map_convolution_program(warps, torch::kHalf)->compile(capability).empty());
    EXPECT_FALSE(map_planes_program(torch::kBFloat16)->compile(capability).empty());
  }
  MapConvolutionLayout halves = warps;
  halves.halves = true;
  halves.step = 16;
  EXPECT_FALSE(map_convolution_program(halves, torch::kBFloat16)->compile("80").empty());
  MapConvolutionLayout split{.taps = 4, .outputs = 32, .splits = 8};
  EXPECT_FALSE(map_convolution_program(split, torch::kHalf)->compile("90a").empty());
  split.taps = 1;
  EXPECT_FALSE(map_convolution_program(split, torch::kBFloat16)->compile("90a").empty());
}

/// A convolution of each kind that the kernel by warpgroups has layouts for.
std::vector<MapConvolutionShape> shapes_of_all_kinds() {
  std::vector<MapConvolutionShape> shapes;
  for (const int outputs : {16, 32, 64, 128, 256}) {
    for (const int taps : {9, 4, 16, 1})
      shapes.push_back({.images = 8,
                        .height = 64,
                        .width = 64,
                        .taps = taps,
                        .activation = kernels::MapActivation::silu,
                        .inputs = {64, 32},
                        .skipped = {},
                        .outputs = outputs});
    shapes.push_back({.images = 8,
                      .height = 64,
                      .width = 64,
                      .halves = true,
                      .inputs = {48},
                      .skipped = {},
                      .outputs = outputs});
  }
  return shapes;
}

TEST(WarpgroupLayouts, FitWhatThereIs) {
  for (const MapConvolutionShape& shape : shapes_of_all_kinds()) {
    EXPECT_FALSE(warpgroup_layouts(shape, kHopper).empty()) << shape.outputs;
    EXPECT_TRUE(warpgroup_layouts(shape, kAmpere).empty());
    for (const MapConvolutionLayout& layout : warpgroup_layouts(shape, kHopper)) {
      EXPECT_EQ(shape.outputs % layout.outputs, 0);
      EXPECT_LE(layout.shared_bytes(96, 96), kHopper.shared_bytes);
    }
  }
}

TEST(WarpgroupLayouts, Compile) {
  if (!CudaProgram::has_compiler()) GTEST_SKIP() << "this LibTorch comes without NVRTC";
  for (const MapConvolutionShape& shape : shapes_of_all_kinds()) {
    if (shape.taps != 9 && shape.outputs != 128) continue;
    const std::vector<MapConvolutionLayout> layouts = warpgroup_layouts(shape, kHopper);
    const bool copies = !shape.halves && (shape.taps != 9 || shape.outputs % 128 != 0);
    const auto layout = std::find_if(layouts.begin(), layouts.end(),
                                     [&](const MapConvolutionLayout& one) { return one.copies == copies; });
    ASSERT_NE(layout, layouts.end());
    const at::ScalarType type = shape.halves ? torch::kBFloat16 : torch::kHalf;
    EXPECT_FALSE(map_convolution_program(*layout, type)->compile("90a").empty());
  }
}

TEST(MeasuredLayouts, AreOfGpusOnWhichTheyWereMeasured) {
  for (const MapConvolutionShape& shape : shapes_of_all_kinds())
    EXPECT_FALSE(measured_layout(shape, kAmpere).has_value());
}

TEST(MeasuredLayouts, AreAllFound) {
  const auto file = find_project_file("src/engine/measured_layouts.json");
  ASSERT_TRUE(file.has_value());
  std::ifstream table(*file);
  const auto rows = nlohmann::json::parse(table);
  EXPECT_FALSE(rows.empty());
  for (const nlohmann::json& row : rows) {
    const MapConvolutionShape shape{.images = row.at("images"),
                                    .height = row.at("height"),
                                    .width = row.at("width"),
                                    .taps = row.at("taps"),
                                    .halves = row.at("halves"),
                                    .inputs = row.at("inputs").get<std::vector<int>>(),
                                    .skipped = row.at("skipped").get<std::vector<int>>(),
                                    .outputs = row.at("outputs")};
    const std::optional<MapConvolutionLayout> layout = measured_layout(shape, kHopper);
    ASSERT_TRUE(layout.has_value()) << row;
    const nlohmann::json& expected = row.at("layout");
    EXPECT_EQ(layout->outputs, expected.at("outputs"));
    EXPECT_EQ(layout->teams, expected.at("teams"));
    EXPECT_EQ(layout->blocks, expected.at("blocks"));
    EXPECT_EQ(layout->loaders, expected.at("loaders"));
    EXPECT_EQ(layout->copies, expected.value("copies", false));
  }
}

struct Case {
  const char* name;
  int height, width;
  std::vector<int> inputs;
  int outputs;
  int taps = 9;
  bool halves = false;
  std::vector<int> skipped = {};
  kernels::MapAddition addition = kernels::MapAddition::none;
  bool is_plain = false;
  at::ScalarType type = torch::kHalf;
};

/// What a convolution is given and gives, in float32 and as maps.
class Convolved {
 public:
  Convolved(const Case& sizes, c10::Device device) : sizes_(sizes), device_(device) {
    shape_ = {.images = kImages,
              .height = sizes.halves ? sizes.height / 2 : sizes.height,
              .width = sizes.halves ? sizes.width / 2 : sizes.width,
              .taps = sizes.taps,
              .halves = sizes.halves,
              .activation = sizes.is_plain ? kernels::MapActivation::none : kernels::MapActivation::silu,
              .inputs = sizes.inputs,
              .skipped = sizes.skipped,
              .outputs = padded_map_outputs(sizes.outputs)};
    work_.height = sizes.height;
    work_.width = sizes.width;
    work_.to_channels = sizes.outputs;
    read_inputs();
    convolve();
    add();
  }

  /// Decibels of the results, and those of their sums, of that layout.
  std::pair<double, double> decibels_of(GpuConvolutions& convolutions, const MapConvolutionLayout& layout) {
    const at::Tensor to = torch::full({kImages, expected_.size(2), expected_.size(3), sizes_.outputs},
                                      std::nan(""), options().dtype(sizes_.type));
    const at::Tensor sums = torch::zeros({kImages, sizes_.outputs, 2}, options().dtype(torch::kLong));
    kernels::MapConvolution work = work_;
    work.to = to.data_ptr();
    work.to_sums = reinterpret_cast<long long*>(sums.data_ptr());
    convolutions.launch(shape_, layout, work);
    const at::Tensor scaled = sums.to(torch::kDouble).select(2, 1) / kernels::kSquareScale;
    return {decibels(to.permute({0, 3, 1, 2}).to(torch::kFloat), expected_),
            decibels(scaled, expected_.square().sum(at::IntArrayRef{2, 3}).to(torch::kDouble))};
  }

  const MapConvolutionShape& shape() const { return shape_; }

 private:
  static constexpr int kImages = 2;

  at::TensorOptions options() const { return at::TensorOptions(torch::kFloat).device(device_); }

  /// Keeps \p tensor, which a kernel reads.
  void* keep(const at::Tensor& tensor) {
    kept_.push_back(tensor.contiguous());
    return kept_.back().data_ptr();
  }
  float* keep_floats(const at::Tensor& tensor) { return static_cast<float*>(keep(tensor)); }

  /// A map of random numbers, and as the kernel takes it.
  at::Tensor make_map(int channels, int height, int width, kernels::MapOfNumbers& numbers) {
    const at::Tensor values = (torch::randn({kImages, height, width, channels}, options()) * 2 +
                               torch::randn({channels}, options()))
                                  .to(sizes_.type);
    const at::Tensor wide = values.to(torch::kDouble);
    const at::Tensor sums = torch::stack({wide.sum(at::IntArrayRef{1, 2}) * kernels::kSumScale,
                                          wide.square().sum(at::IntArrayRef{1, 2}) * kernels::kSquareScale},
                                         2)
                                .round()
                                .to(torch::kLong);
    numbers = {
        .values = keep(values), .sums = static_cast<const long long*>(keep(sums)), .channels = channels};
    return values.to(torch::kFloat).permute({0, 3, 1, 2});
  }

  at::Tensor make_maps(const std::vector<int>& channels, kernels::MapOfNumbers* numbers) {
    std::vector<at::Tensor> maps;
    for (const int own : channels) maps.push_back(make_map(own, sizes_.height, sizes_.width, *numbers++));
    return torch::cat(maps, 1);
  }

  void read_inputs() {
    seen_ = make_maps(sizes_.inputs, work_.from);
    if (sizes_.is_plain) return;
    constexpr int kGroups = 16;
    const std::int64_t channels = seen_.size(1);
    const at::Tensor gammas = torch::rand({channels}, options()) + 0.5,
                     betas = torch::randn({channels}, options());
    const at::Tensor conditions = torch::randn({kImages, 2 * channels + 3}, options());
    work_.gammas = keep_floats(gammas);
    work_.betas = keep_floats(betas);
    work_.groups = kGroups;
    work_.conditions = keep_floats(conditions);
    work_.condition_step = static_cast<int>(conditions.size(1));
    const auto of_pixels = [&](std::int64_t first) {
      return conditions.narrow(1, first, channels).unsqueeze(2).unsqueeze(3);
    };
    seen_ =
        torch::silu(torch::group_norm(seen_, kGroups, gammas, betas) * of_pixels(0) + of_pixels(channels));
  }

  void convolve() {
    const int kernel = sizes_.taps == 1 ? 1 : 3;
    if (sizes_.halves) seen_ = torch::avg_pool2d(seen_, 2);
    if (sizes_.taps == 4) seen_ = torch::upsample_nearest2d(seen_, {2 * sizes_.height, 2 * sizes_.width});
    const at::Tensor weights = torch::randn({sizes_.outputs, seen_.size(1), kernel, kernel}, options()) * 0.1;
    const at::Tensor biases = torch::randn({shape_.outputs}, options());
    work_.weights = keep(
        pack_map_weights(weights, sizes_.taps == 4 ? MapWeights::doubled : MapWeights::plain, sizes_.type)
            .to(device_));
    work_.biases = keep_floats(biases);
    expected_ = torch::conv2d(seen_, weights, biases.narrow(0, 0, sizes_.outputs), 1, kernel / 2);
  }

  void add() {
    if (!sizes_.skipped.empty()) {
      const at::Tensor skipped = make_maps(sizes_.skipped, work_.skipped);
      const at::Tensor weights = torch::randn({sizes_.outputs, skipped.size(1), 1, 1}, options()) * 0.1;
      work_.skip_weights = keep(pack_map_weights(weights, MapWeights::plain, sizes_.type).to(device_));
      expected_ = expected_ + torch::conv2d(skipped, weights);
    }
    if (sizes_.addition == kernels::MapAddition::none) return;
    const int height = static_cast<int>(expected_.size(2)), width = static_cast<int>(expected_.size(3));
    const bool halved = sizes_.addition == kernels::MapAddition::halved;
    const bool doubled = sizes_.addition == kernels::MapAddition::doubled;
    kernels::MapOfNumbers numbers{};
    at::Tensor added = make_map(sizes_.outputs,
                                halved    ? 2 * height
                                : doubled ? height / 2
                                          : height,
                                halved    ? 2 * width
                                : doubled ? width / 2
                                          : width,
                                numbers);
    work_.added = numbers.values;
    work_.addition = sizes_.addition;
    if (halved) added = torch::avg_pool2d(added, 2);
    if (doubled) added = torch::upsample_nearest2d(added, {height, width});
    expected_ = expected_ + added;
  }

  Case sizes_;
  c10::Device device_;
  MapConvolutionShape shape_;
  kernels::MapConvolution work_{};
  std::vector<at::Tensor> kept_;
  at::Tensor seen_, expected_;
};

class GpuConvolutionsTest : public GpuTest, public ::testing::WithParamInterface<Case> {};

std::string name_of(const MapConvolutionLayout& layout) {
  return (layout.has_warpgroups() ? "warpgroups, " : "") + std::to_string(layout.teams) + " teams, " +
         std::to_string(layout.blocks) + " blocks, " + std::to_string(layout.outputs) + " outputs, " +
         std::to_string(layout.splits) + " splits";
}

/// Some of all layouts that the kernel by warps can have, and all by warpgroups.
std::vector<MapConvolutionLayout> some_layouts(const MapConvolutionShape& shape, const CudaLimits& limits) {
  const std::vector<MapConvolutionLayout> all = possible_layouts(shape, limits);
  std::vector<MapConvolutionLayout> some{all.front(), all[all.size() / 3], all[2 * all.size() / 3],
                                         all.back()};
  const std::vector<MapConvolutionLayout> warpgroups = warpgroup_layouts(shape, limits);
  some.insert(some.end(), warpgroups.begin(), warpgroups.end());
  return some;
}

TEST_P(GpuConvolutionsTest, GiveWhatLibTorchDoes) {
  const SeededScope seeded(11);
  const double min_decibels = GetParam().type == torch::kHalf ? 55 : 38;
  Convolved convolved(GetParam(), device_);
  GpuConvolutions convolutions(device_, GetParam().type);
  for (const MapConvolutionLayout& layout : some_layouts(convolved.shape(), convolutions.limits())) {
    const auto [of_results, of_sums] = convolved.decibels_of(convolutions, layout);
    EXPECT_GT(of_results, min_decibels) << name_of(layout);
    EXPECT_GT(of_sums, min_decibels - 5) << name_of(layout);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, GpuConvolutionsTest,
    ::testing::Values(
        Case{"Plain", 37, 29, {48}, 32, 9, false, {}, kernels::MapAddition::none, true},
        Case{"Odd", 21, 19, {96}, 64, 9, false, {}, kernels::MapAddition::same},
        Case{"Bf16", 21, 19, {64}, 64, 9, false, {}, kernels::MapAddition::none, false, torch::kBFloat16},
        Case{"TwoMaps", 18, 33, {64, 32}, 64, 9, false, {32, 64}}, Case{"Halves", 34, 26, {64}, 32, 9, true},
        Case{"AddsHalves", 17, 13, {32}, 32, 9, false, {}, kernels::MapAddition::halved},
        Case{"AddsDoubles", 18, 14, {32}, 32, 9, false, {}, kernels::MapAddition::doubled},
        Case{"Doubles", 13, 11, {64}, 64, 4}, Case{"Wide", 33, 18, {64, 32}, 128, 9, false, {32, 32}},
        Case{"Widest", 20, 33, {96}, 256}, Case{"Large", 70, 40, {32}, 32},
        Case{"WideDoubles", 18, 17, {64}, 128, 4},
        Case{
            "WideBf16", 21, 35, {64}, 256, 9, false, {}, kernels::MapAddition::same, false, torch::kBFloat16},
        Case{"Matrix", 16, 16, {256}, 192, 1, false, {}, kernels::MapAddition::same}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tha4
