#include "gpu_siren.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "gpu_test.h"
#include "siren_fixtures.h"
#include "siren_programs.h"
#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/types.h>

#include "tha4/base/cuda_program.h"
#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/nn/student/student_kind.h"
#include "tha4/pose/pose.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

TEST(SirenLayout, GivesEachParameterAPlaceOfItsOwn) {
  const StateDict network = state_dict_of(*some_body({.levels = {{128, 37}, {256, 21}, {512, 9}}}));
  const TrainedSiren siren = trained_body(network, SirenResolution::multiple);
  std::vector<ChainLayout> forward, backward;
  for (const TrainedLevel& level : siren.levels) {
    auto matrices = level.matrices();
    forward.push_back(*lay_out_chain(matrices, 200000));
    std::reverse(matrices.begin(), matrices.end());
    for (auto& matrix : matrices) std::swap(matrix.first, matrix.second);
    backward.push_back(*lay_out_chain(matrices, 200000));
  }
  const ParameterPlaces places = place_parameters(network, siren, forward, backward);
  std::size_t parameters = 0;
  for (const auto& item : network) parameters += static_cast<std::size_t>(item.value().numel());
  ASSERT_EQ(places.table.size(), parameters);
  std::set<int> gradients, forwards, backwards, plains;
  for (const kernels::SirenParameter& place : places.table) {
    EXPECT_TRUE(gradients.insert(place.gradient).second);
    EXPECT_LT(place.gradient, places.gradients);
    EXPECT_EQ(place.forward >= 0, place.backward >= 0);
    EXPECT_NE(place.forward >= 0, place.plain >= 0);
    if (place.second_gradient >= 0) {
      EXPECT_TRUE(gradients.insert(place.second_gradient).second);
    }
    if (place.plain >= 0) {
      EXPECT_TRUE(plains.insert(place.plain).second && place.plain < places.plain);
    }
    if (place.forward < 0) continue;
    EXPECT_TRUE(forwards.insert(place.forward).second && place.forward < places.forward);
    EXPECT_TRUE(backwards.insert(place.backward).second && place.backward < places.backward);
  }
}

TEST(SirenLayout, FitsThePapersNetworksIntoWhatGpusHave) {
  TrainedSiren body =
      trained_body(state_dict_of(*some_body(SirenBodyRotatorOptions())), SirenResolution::multiple);
  const TrainedSiren vanilla =
      trained_body(state_dict_of(*VanillaSirenBodyRotator()), BodyRotatorKind::vanilla_siren);
  ASSERT_EQ(vanilla.levels.size(), 1);
  ASSERT_LE(vanilla.levels.front().sines.size(), kernels::kMaxSineLayers);
  body.levels.push_back(vanilla.levels.front());
  for (const std::size_t shared_bytes : {99U * 1024, 163U * 1024, 227U * 1024}) {
    for (const TrainedLevel& level : body.levels) {
      const auto layout = lay_out_chain(level.matrices(), shared_bytes - 4096);
      ASSERT_TRUE(layout) << shared_bytes;
      EXPECT_LE(layout->shared_bytes(), shared_bytes);
    }
  }
}

TEST(SirenPrograms, CompileForGpusOfManyKinds) {
  if (!CudaProgram::has_compiler()) GTEST_SKIP() << "there is no NVRTC";
  const TrainedSiren body =
      trained_body(state_dict_of(*some_body(SirenBodyRotatorOptions())), SirenResolution::multiple);
  const std::vector<std::pair<const char*, std::size_t>> gpus = {{"80", 163}, {"86", 99}, {"90", 227}};
  for (const auto& [capability, kilobytes] : gpus) {
    for (std::size_t i = 0; i < body.levels.size(); ++i) {
      const TrainedLevel& level = body.levels[i];
      const auto forward = forward_layout(level, kilobytes * 1024),
                 backward = backward_layout(level, kilobytes * 1024);
      ASSERT_TRUE(forward && backward) << capability;
      siren_forward_program(level, *forward, i > 0, i + 1 == body.levels.size()).compile(capability);
      siren_backward_program(level, *backward).compile(capability);
      for (const auto& [inputs, outputs] : level.matrices()) {
        siren_weight_gradient_program(lay_out_weight_gradient(outputs, inputs), false).compile(capability);
      }
    }
    siren_weight_gradient_program(lay_out_weight_gradient(6, 4), true).compile(capability);
    siren_map_gradient_program().compile(capability);
    siren_update_program().compile(capability);
    siren_soap_program().compile(capability);
    student_losses_program().compile(capability);
  }
}

class GpuSirenKernels : public GpuTest {
 protected:
  at::Tensor some_poses(int pose_size) const { return random_poses(pose_size).to(device_); }
  static double error(const at::Tensor& a, const at::Tensor& b) { return distance(a, b); }

  /// Compares results and gradients at \p windows with those of LibTorch's layers.
  /// \param evaluate  gives [1, results, window, window] of a pose and a window
  template <class Evaluate>
  void compare(torch::nn::Module& network, const TrainedSiren& siren, int results, int window,
               const std::vector<kernels::SirenWindow>& windows, const Evaluate& evaluate) {
    network.to(device_);
    const at::Tensor poses = some_poses(siren.pose_size);
    GpuSiren gpu(state_dict_of(network), siren, static_cast<int>(windows.size()), window, poses, device_);
    GpuSiren::PlannedStep step{.windows = windows, .settings = {}};
    step.settings.correction1 = step.settings.correction2 = 1;
    gpu.plan({&step, 1});
    gpu.begin_step();
    gpu.evaluate();
    const auto pixels = static_cast<std::int64_t>(windows.size()) * window * window;
    const auto made = torch::from_blob(const_cast<float*>(gpu.results()), {pixels, 8},
                                       torch::device(device_).dtype(torch::kFloat32))
                          .narrow(1, 0, results);
    std::vector<at::Tensor> expected;
    for (const auto& at : windows) {
      expected.push_back(evaluate(poses.narrow(0, at.frame, 1), Region{at.x, at.y, window, window})
                             .permute({0, 2, 3, 1})
                             .reshape({window * window, results}));
    }
    const at::Tensor all = torch::cat(expected);
    EXPECT_LT(error(made, all.detach()), 0.01);

    // Some gradient, that bfloat16 has exactly.
    const at::Tensor gradient = torch::randn({pixels, results}, torch::device(device_)).to(torch::kBFloat16);
    const at::Tensor shuffled =
        torch::from_blob(gpu.of_results(), {pixels, 16}, torch::device(device_).dtype(torch::kBFloat16));
    for (int i = 0; i < results; ++i) shuffled.select(1, i / 2 * 4 + i % 2).copy_(gradient.select(1, i));
    gpu.differentiate();
    gpu.update();
    const StateDict gradients = gpu.gradients();
    (all * gradient.to(torch::kFloat32)).sum().backward();
    for (const auto& parameter : network.named_parameters()) {
      EXPECT_LT(error(gradients[parameter.key()], parameter.value().grad().cpu()), 0.02) << parameter.key();
    }
  }

  void compare_body(const SirenBodyRotatorOptions& options, int window,
                    const std::vector<kernels::SirenWindow>& windows,
                    SirenResolution resolution = SirenResolution::multiple) {
    const auto body = some_body(options);
    compare(*body, trained_body(state_dict_of(*body), resolution), 7, window, windows,
            [&](const at::Tensor& pose, const Region& region) { return evaluate_body(*body, pose, region); });
  }
};

TEST_F(GpuSirenKernels, AgreeWithLayersForThePapersBody) {
  compare_body(SirenBodyRotatorOptions(), 64, {{0, 0, 0}, {3, 448, 448}, {1, 204, 128}, {4, 0, 448}});
}

TEST_F(GpuSirenKernels, AgreeWithLayersForOddSizes) {
  compare_body({.levels = {{128, 37}, {256, 21}, {512, 9}}}, 20, {{0, 12, 40}, {2, 492, 0}, {1, 200, 300}});
  compare_body({.levels = {{256, 24}, {512, 17}}, .sine_layers = 2}, 512, {{2, 0, 0}});
  compare_body({.levels = {{512, 33}}, .sine_layers = 2}, 33, {{1, 7, 11}, {2, 400, 100}});
}

TEST_F(GpuSirenKernels, AgreeWithLayersForOneResolution) {
  compare_body({.levels = {{512, 40}, {512, 27}, {512, 10}}}, 48, {{0, 0, 0}, {3, 464, 464}, {1, 201, 128}},
               SirenResolution::single);
}

TEST_F(GpuSirenKernels, AgreeWithLayersForAVanillaSiren) {
  const SeededScope seeded(6);
  VanillaSirenBodyRotator body;
  const at::Tensor image = torch::zeros({1, 4, kImageSize, kImageSize}, torch::device(device_));
  compare(*body, trained_body(state_dict_of(*body), BodyRotatorKind::vanilla_siren), 4, 40,
          {{0, 0, 0}, {3, 472, 472}, {1, 201, 128}}, [&](const at::Tensor& pose, const Region& region) {
            return body->rotate(image, pose, FrameWindow{kImageSize, region}).blended;
          });
}

TEST_F(GpuSirenKernels, AgreeWithLayersForThePapersFace) {
  const SeededScope seeded(5);
  SirenFaceMorpher face((SirenOptions()));
  compare(*face, trained_face(state_dict_of(*face)), 4, 128, {{0, 0, 0}, {3, 0, 0}},
          [&](const at::Tensor& pose, const Region&) { return face->draw(pose); });
}

TEST_F(GpuSirenKernels, GradientsOfPassesAddUp) {
  const auto body = some_body({.levels = {{256, 24}, {512, 17}}, .sine_layers = 2});
  const StateDict network = state_dict_of(*body);
  const TrainedSiren trained = trained_body(network, SirenResolution::multiple);
  constexpr int kWindow = 32, kPixels = kWindow * kWindow;
  GpuSiren::PlannedStep step{.windows = {{0, 0, 0}, {3, 448, 448}, {1, 204, 128}, {4, 0, 448}},
                             .settings = {}};
  step.settings.correction1 = step.settings.correction2 = 1;
  const at::Tensor poses = some_poses(trained.pose_size);
  const at::Tensor gradient =
      torch::randn({4 * kPixels, 16}, torch::device(device_)).to(torch::kBFloat16).contiguous();
  const auto gradients = [&](int max_pixels, int passes) {
    GpuSiren gpu(network, trained, 4, kWindow, poses, device_, max_pixels);
    EXPECT_EQ(gpu.passes(), passes);
    gpu.plan({&step, 1});
    gpu.begin_step();
    for (int pass = 0; pass < passes; ++pass) {
      gpu.evaluate(pass);
      const int pixels = gpu.pixel_count();
      torch::from_blob(gpu.of_results(), {pixels, 16}, torch::device(device_).dtype(torch::kBFloat16))
          .copy_(gradient.narrow(0, pass * pixels, pixels));
      gpu.differentiate(pass);
    }
    return gpu.gradients();
  };
  const StateDict whole = gradients(4 * kPixels, 1), halves = gradients(3 * kPixels, 2);
  for (const auto& item : whole) EXPECT_LT(error(halves[item.key()], item.value()), 1e-4) << item.key();
}

/// To the bit, wherever their memory lies.
TEST_F(GpuSirenKernels, GiveTheSameEachTime) {
  const std::vector<kernels::SirenWindow> corners = {{0, 0, 0}, {3, 448, 448}, {1, 204, 128}, {4, 0, 448}};
  const auto check = [&](const SirenBodyRotatorOptions& options, int window,
                         const std::vector<kernels::SirenWindow>& windows) {
    const StateDict network = state_dict_of(*some_body(options));
    const TrainedSiren trained = trained_body(network, SirenResolution::multiple);
    const at::Tensor poses = some_poses(trained.pose_size);
    const auto count = static_cast<int>(windows.size());
    GpuSiren once(network, trained, count, window, poses, device_);
    const at::Tensor between = torch::full({1 << 20}, 1e9, torch::device(device_));
    GpuSiren again(network, trained, count, window, poses, device_);
    const std::int64_t pixels = once.pixel_count();
    const at::Tensor gradient = torch::randn({pixels, 16}, torch::device(device_)).to(torch::kBFloat16);
    GpuSiren::PlannedStep step{.windows = windows, .settings = {}};
    step.settings.correction1 = step.settings.correction2 = 1;
    const auto take = [&](GpuSiren& gpu, StateDict& gradients) {
      gpu.plan({&step, 1});
      gpu.begin_step();
      gpu.evaluate();
      const at::Tensor results = torch::from_blob(const_cast<float*>(gpu.results()), {pixels, 8},
                                                  torch::device(device_).dtype(torch::kFloat32))
                                     .clone();
      torch::from_blob(gpu.of_results(), {pixels, 16}, torch::device(device_).dtype(torch::kBFloat16))
          .copy_(gradient);
      gpu.differentiate();
      gradients = gpu.gradients();
      return results;
    };
    StateDict expected;
    const at::Tensor results = take(once, expected);
    for (int time = 0; time < 20; ++time) {
      SCOPED_TRACE("window " + std::to_string(window) + ", time " + std::to_string(time));
      StateDict gradients;
      const at::Tensor other = take(time % 2 == 0 ? again : once, gradients);
      EXPECT_EQ((results != other).sum().item<std::int64_t>(), 0) << "results";
      for (const auto& item : expected) {
        EXPECT_EQ((item.value() != gradients[item.key()]).sum().item<std::int64_t>(), 0) << item.key();
      }
    }
  };
  const SirenBodyRotatorOptions small{.levels = {{128, 36}, {256, 24}, {512, 12}}, .sine_layers = 2};
  check(small, 64, corners);
  check(small, 512, {{2, 0, 0}});
  check(SirenBodyRotatorOptions(), 64, corners);
  check(SirenBodyRotatorOptions(), 512, {{2, 0, 0}});
}

/// From bases of some statistics, of sizes that fill no tile.
TEST_F(GpuSirenKernels, StepsOfSoapGoWhereLibTorchsOperationsGo) {
  const auto body = some_body({.levels = {{256, 71}, {512, 17}}, .sine_layers = 2});
  const StateDict network = state_dict_of(*body);
  const TrainedSiren trained = trained_body(network, SirenResolution::multiple);
  constexpr int kWindow = 32, kPixels = kWindow * kWindow, kFar = 1000;
  constexpr double kDecay = 0.9;
  const SoapPlaces places = soap_places(network);
  at::Tensor statistics = torch::zeros({places.size});
  for (const SoapMatrix& matrix : places.matrices) {
    for (const auto& side : {&SoapPlaces::left, &SoapPlaces::right}) {
      const at::Tensor values = side(statistics, matrix), random = torch::randn_like(values);
      values.copy_(random.mm(random.t()));
    }
  }
  StateDict begin;
  begin.insert("bases", eigenbases(places, statistics, first_bases(places)));
  begin.insert("statistics", statistics);
  GpuSiren gpu(network, trained, 2, kWindow, some_poses(trained.pose_size), device_);
  gpu.use_soap(kFar, kDecay);
  gpu.restore_soap(begin);
  Soap soap(places, kFar, kDecay, c10::Device(c10::kCPU));
  soap.restore(begin);

  const auto flat = [](const StateDict& values) {
    std::vector<at::Tensor> parts;
    for (const auto& item : values) parts.push_back(item.value().flatten());
    return torch::cat(parts);
  };
  at::Tensor moments1 = torch::zeros({places.parameters}), moments2 = moments1.clone();
  for (int number = 1; number <= 3; ++number) {
    GpuSiren::PlannedStep step{.windows = {{0, 0, 0}, {3, 448, 448}}, .settings = {}};
    step.settings.beta1 = 0.9F;
    step.settings.beta2 = 0.99F;
    step.settings.correction1 = 1 - std::pow(0.9F, static_cast<float>(number));
    step.settings.correction2 = 1 - std::pow(0.99F, static_cast<float>(number));
    step.settings.learning_rate = 1e-3F;
    const at::Tensor before = flat(gpu.network());
    gpu.plan({&step, 1});
    gpu.begin_step();
    gpu.evaluate();
    torch::from_blob(gpu.of_results(), {2 * kPixels, 16}, torch::device(device_).dtype(torch::kBFloat16))
        .copy_(torch::randn({2 * kPixels, 16}).to(torch::kBFloat16));
    gpu.differentiate();
    const at::Tensor gradient = flat(gpu.gradients());
    gpu.update();
    const at::Tensor expected = soap.directions(gradient, moments1, moments2,
                                                {.beta1 = step.settings.beta1,
                                                 .beta2 = step.settings.beta2,
                                                 .correction1 = step.settings.correction1,
                                                 .correction2 = step.settings.correction2});
    const at::Tensor way = (before - flat(gpu.network())) / step.settings.learning_rate;
    EXPECT_LT(error(way, expected), 1e-3) << number;
    EXPECT_LT(error(flat(gpu.moments2()), moments2), 1e-4) << number;
    EXPECT_LT(error(gpu.soap()["statistics"], soap.state()["statistics"]), 1e-4) << number;
  }
}

/// Of sizes whose last tiles have pixels of no window.
TEST_F(GpuSirenKernels, TakeFewerWindowsThanThereIsRoomFor) {
  const auto body = some_body({.levels = {{256, 24}, {512, 17}}, .sine_layers = 2});
  const StateDict network = state_dict_of(*body);
  const TrainedSiren trained = trained_body(network, SirenResolution::multiple);
  constexpr int kWindow = 20, kPixels = kWindow * kWindow;
  const std::vector<kernels::SirenWindow> windows = {{0, 0, 0}, {3, 448, 448}, {1, 204, 128}};
  const at::Tensor poses = some_poses(trained.pose_size);
  const at::Tensor gradient =
      torch::randn({3 * kPixels, 16}, torch::device(device_)).to(torch::kBFloat16).contiguous();
  GpuSiren large(network, trained, 3, kWindow, poses, device_),
      small(network, trained, 1, kWindow, poses, device_);
  const auto gradients = [&](GpuSiren& gpu, int count) {
    GpuSiren::PlannedStep step{.windows = {windows.begin(), windows.begin() + count}, .settings = {}};
    step.settings.correction1 = step.settings.correction2 = 1;
    gpu.use(count);
    gpu.plan({&step, 1});
    gpu.begin_step();
    gpu.evaluate();
    torch::from_blob(gpu.of_results(), {count * kPixels, 16}, torch::device(device_).dtype(torch::kBFloat16))
        .copy_(gradient.narrow(0, 0, count * kPixels));
    gpu.differentiate();
    return gpu.gradients();
  };
  const StateDict all = gradients(large, 3), one = gradients(small, 1), one_of_three = gradients(large, 1);
  const StateDict all_again = gradients(large, 3);
  for (const auto& item : one) {
    EXPECT_LT(error(one_of_three[item.key()], item.value()), 1e-4) << item.key();
    EXPECT_LT(error(all_again[item.key()], all[item.key()]), 1e-6) << item.key();
  }
}

}  // namespace
}  // namespace tha4
