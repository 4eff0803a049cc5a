#include "cpu_siren.h"

#include <cmath>
#include <vector>

#include "siren_fixtures.h"
#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/types.h>

#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/pose/pose.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

/// The sum of all results, each times a number of its own; keeps what it is given.
class WeightedSum final : public StudentLoss {
 public:
  WeightedSum(int results, int resolution)
      : resolution_(resolution),
        made_(torch::zeros({kPosedFrames, results, resolution, resolution})),
        weights_(made_.clone()) {
    const SeededScope seeded(5);
    weights_ = torch::randn(made_.sizes());
  }

  void differentiate(const kernels::SirenStep&, const LossPixels& pixels,
                     std::array<double, kTerms>& terms) const override {
    const std::int64_t area = static_cast<std::int64_t>(resolution_) * resolution_;
    for (std::int64_t result = 0; result < made_.size(1); ++result) {
      const std::int64_t plane = (pixels.frame * made_.size(1) + result) * area;
      for (int i = 0; i < pixels.count; ++i) {
        const std::int64_t at = plane + static_cast<std::int64_t>(pixels.y[i]) * resolution_ + pixels.x[i];
        float& value = pixels.planes[result * pixels.stride + i];
        made_.data_ptr<float>()[at] = value;
        value = weights_.data_ptr<float>()[at];
      }
    }
    terms[0] += pixels.count * pixels.fraction;
  }

  /// Of one frame's window, [1, results, h, w].
  at::Tensor made(int frame, const Region& at) const { return cut(made_, frame, at); }
  at::Tensor weights(int frame, const Region& at) const { return cut(weights_, frame, at); }

 private:
  static at::Tensor cut(const at::Tensor& all, int frame, const Region& at) {
    return all.narrow(0, frame, 1).narrow(2, at.y, at.height).narrow(3, at.x, at.width);
  }

  int resolution_;
  at::Tensor made_, weights_;
};

struct Tolerance {
  double results, gradients;
};

class CpuSirenKernels : public testing::TestWithParam<SirenNumbers> {
 protected:
  void SetUp() override {
    if (!can_multiply(GetParam())) GTEST_SKIP() << "this processor does not multiply such numbers";
  }

  Tolerance tolerance() const {
    return GetParam() == SirenNumbers::singles ? Tolerance{2e-4, 2e-4} : Tolerance{2e-3, 0.03};
  }

  /// Compares results and gradients at \p windows with those of LibTorch's layers.
  /// \param evaluate  gives [1, results, window, window] of a pose and a window
  template <class Evaluate>
  void compare(torch::nn::Module& network, const TrainedSiren& siren, int window,
               const std::vector<kernels::SirenWindow>& windows, const Evaluate& evaluate) {
    const at::Tensor poses = random_poses(siren.pose_size);
    CpuSiren cpu(state_dict_of(network), siren, window, poses, 2, GetParam());
    const WeightedSum loss(siren.last.outputs, siren.levels.back().resolution);
    const auto terms = cpu.differentiate({.windows = windows, .settings = {}}, loss);
    EXPECT_NEAR(terms[0], 1, 1e-9);

    at::Tensor sum = torch::zeros({});
    for (const auto& at : windows) {
      const Region region{at.x, at.y, window, window};
      const at::Tensor expected = evaluate(poses.narrow(0, at.frame, 1), region);
      EXPECT_LT(distance(loss.made(at.frame, region), expected.detach()), tolerance().results) << at.frame;
      sum = sum + (expected * loss.weights(at.frame, region)).sum();
    }
    sum.backward();
    const StateDict gradients = cpu.gradients();
    for (const auto& parameter : network.named_parameters()) {
      EXPECT_LT(distance(gradients[parameter.key()], parameter.value().grad()), tolerance().gradients)
          << parameter.key();
    }
  }

  void compare_body(const SirenBodyRotatorOptions& options, int window,
                    const std::vector<kernels::SirenWindow>& windows,
                    SirenResolution resolution = SirenResolution::multiple) {
    const auto body = some_body(options);
    compare(*body, trained_body(state_dict_of(*body), resolution), window, windows,
            [&](const at::Tensor& pose, const Region& region) { return evaluate_body(*body, pose, region); });
  }
};

TEST_P(CpuSirenKernels, AgreeWithLayersForThePapersBody) {
  compare_body(SirenBodyRotatorOptions(), 64, {{0, 0, 0}, {3, 448, 448}, {1, 203, 129}});
}

TEST_P(CpuSirenKernels, AgreeWithLayersAtOddSizesAndCorners) {
  compare_body({.levels = {{128, 37}, {256, 21}, {512, 9}}}, 19,
               {{0, 0, 493}, {1, 493, 0}, {2, 1, 1}, {3, 2, 3}, {4, 331, 154}});
  compare_body({.levels = {{256, 24}, {512, 17}}, .sine_layers = 2}, 21, {{2, 0, 491}, {1, 491, 490}});
  compare_body({.levels = {{512, 33}}, .sine_layers = 2}, 33, {{1, 7, 11}, {2, 400, 100}});
}

TEST_P(CpuSirenKernels, AgreeWithLayersForOneResolution) {
  compare_body({.levels = {{512, 40}, {512, 27}, {512, 10}}}, 48, {{0, 0, 0}, {3, 464, 464}, {1, 201, 128}},
               SirenResolution::single);
}

TEST_P(CpuSirenKernels, AgreeWithLayersForWindowsOfSeveralParts) {
  compare_body({.levels = {{128, 8}, {256, 12}, {512, 6}}, .sine_layers = 2}, 300,
               {{0, 212, 0}, {4, 7, 101}});
}

TEST_P(CpuSirenKernels, AgreeWithLayersForAFace) {
  const SeededScope seeded(5);
  SirenFaceMorpher face(SirenOptions{.width = 50, .sine_layers = 4});
  compare(*face, trained_face(state_dict_of(*face)), 128, {{0, 0, 0}, {3, 0, 0}},
          [&](const at::Tensor& pose, const Region&) { return face->draw(pose); });
}

INSTANTIATE_TEST_SUITE_P(Numbers, CpuSirenKernels,
                         testing::Values(SirenNumbers::singles, SirenNumbers::pairs),
                         [](const auto& numbers) {
                           return numbers.param == SirenNumbers::singles ? "Singles" : "Pairs";
                         });

}  // namespace
}  // namespace tha4
