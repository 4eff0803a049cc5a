#include "network.h"

#include <algorithm>
#include <cmath>

#include "face_cases.h"
#include "model_file.h"
#include <gtest/gtest.h>

namespace tha4 {
namespace {

/// The project's networks: weights are rounded to fewer bits than MediaPipe's.
struct BothNetworks {
  ModelReader models{project_models()};
  Network detector{models}, mesh{models};
};

float largest_difference(const std::vector<float>& ours, const float* theirs) {
  float largest = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) largest = std::max(largest, std::abs(ours[i] - theirs[i]));
  return largest;
}

TEST(TrackerNetworks, TheMeshIsMediaPipesWithinAThousandthOfItsPicture) {
  BothNetworks networks;
  Network& mesh = networks.mesh;
  const RgbaImage& picture = face_picture();
  constexpr int kSize = 192, kLeft = 31, kTop = 25;
  ASSERT_EQ(mesh.input_size(), kSize);
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const auto from = (static_cast<std::size_t>(y + kTop) * picture.width + x + kLeft) * 4 + channel;
        mesh.input()[(static_cast<std::size_t>(y) * kSize + x) * 4 + channel] =
            static_cast<float>(picture.pixels[from]) / 255;
      }
    }
  }
  mesh.run();
  const std::vector<float> reference = track_numbers("mesh.f32");
  std::size_t begin = 0;
  for (int output = 0; output < mesh.outputs(); ++output) {
    const std::vector<float> ours = mesh.output(output);
    ASSERT_LE(begin + ours.size(), reference.size());
    const float difference = largest_difference(ours, reference.data() + begin);
    RecordProperty("result_" + std::to_string(output), std::to_string(difference));
    // Of points in pixels; of the flag, a logit.
    EXPECT_LT(difference, output + 1 < mesh.outputs() ? 1e-3F * kSize : 1e-3F * std::abs(reference.back()))
        << "result " << output;
    begin += ours.size();
  }
  EXPECT_EQ(begin, reference.size());
}

TEST(TrackerNetworks, TheDetectorIsMediaPipesWithinAThousandth) {
  BothNetworks networks;
  Network& detector = networks.detector;
  const RgbaImage& picture = face_picture();
  constexpr int kSize = 128;
  ASSERT_EQ(detector.input_size(), kSize);
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        int sum = 0;
        for (int i = 0; i < 4; ++i) {
          sum += picture.pixels[(static_cast<std::size_t>(2 * y + i / 2) * picture.width +
                                 static_cast<std::size_t>(2 * x + i % 2)) *
                                    4 +
                                channel];
        }
        detector.input()[(static_cast<std::size_t>(y) * kSize + x) * 4 + channel] =
            std::floor(static_cast<float>(sum) / 4) * 2 / 255 - 1;
      }
    }
  }
  detector.run();
  const std::vector<float> reference = track_numbers("detector.f32");
  // Scores count as chances, boxes (in pixels) where there is a face.
  const auto chance = [](float score) { return 1 / (1 + std::exp(-score)); };
  const float* scores = reference.data();
  const float* boxes = reference.data() + 896;
  int faces = 0;
  for (int half = 0; half < 2; ++half) {
    const std::vector<float> our_scores = detector.output(half), our_boxes = detector.output(half + 2);
    for (std::size_t i = 0; i < our_scores.size(); ++i, ++scores, boxes += 16) {
      EXPECT_NEAR(chance(our_scores[i]), chance(*scores), 1e-3F) << i;
      if (*scores < 0) continue;
      ++faces;
      for (std::size_t number = 0; number < 16; ++number) {
        EXPECT_LT(std::abs(our_boxes[16 * i + number] - boxes[number]), 1e-3F * kSize) << i << ", " << number;
      }
    }
  }
  EXPECT_GT(faces, 0);
}

}  // namespace
}  // namespace tha4
