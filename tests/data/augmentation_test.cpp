#include "tha4/data/augmentation.h"

#include "tensor_difference.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/settings.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

constexpr PictureView kWhole{};
constexpr PictureView kFace{.region = kTeacherFaceCrop};

/// One triple of smooth colours, opaque but for a soft disc's outside, the posed picture 3 pixels to the
/// right of the one before.
PackedTriples smooth_triple(const PictureView& view) {
  const std::int64_t side = view.size();
  const at::Tensor axis = torch::arange(side, torch::kFloat) / static_cast<double>(side);
  const at::Tensor x = axis.view({1, side}).expand({side, side}),
                   y = axis.view({side, 1}).expand({side, side});
  const at::Tensor alpha = ((0.4 - ((x - 0.5).square() + (y - 0.5).square()).sqrt()) * 40).clamp(0, 1);
  const at::Tensor rest = (torch::stack({x, y, (x + y) / 2, alpha}, -1) * 255).to(torch::kUInt8).unsqueeze(0);
  at::Tensor poses = torch::zeros({1, kPoseSize});
  poses[0][pose_parameter_index("eye_wink_left")] = 0.75;
  poses[0][pose_parameter_index("head_y")] = 0.5;
  poses[0][pose_parameter_index("head_x")] = 0.25;
  return {.rest = rest, .posed = torch::roll(rest, {3}, {2}), .poses = poses};
}

TEST(Augmentation, OfNothingGivesWhatIsSeen) {
  const PackedTriples triple = smooth_triple(kWhole);
  const TripleBatch expected = seen(unpack(triple, torch::kCPU), kFace);
  const PictureView kept = with_margin(kFace, 20);
  const TripleBatch changed = augmented(seen(triple, kept, torch::kCPU), kept, kFace, {}, 1);
  EXPECT_LE(largest_difference(changed.posed, expected.posed), 1e-3);
  EXPECT_LE(largest_difference(changed.rest, expected.rest), 1e-3);
  EXPECT_EQ(largest_difference(changed.poses, expected.poses), 0);
}

TEST(Augmentation, OfHalvedPicturesKeepsTheirPlace) {
  const PictureView half{.halved = true};
  const PackedTriples triple = seen(smooth_triple(kWhole), half, torch::kCPU);
  EXPECT_LE(largest_difference(augmented(triple, half, half, {}, 1).rest, unpack(triple, torch::kCPU).rest),
            1e-3);
}

TEST(Augmentation, MirrorsPicturesAndPoses) {
  const PackedTriples triple = smooth_triple(kWhole);
  const TripleBatch plain = unpack(triple, torch::kCPU);
  const TripleBatch mirrored = augmented(triple, kWhole, kWhole, {.mirror = 1}, 1);
  EXPECT_LE(largest_difference(mirrored.posed, plain.posed.flip({3})), 1e-3);
  const at::Tensor pose = mirrored.poses[0];
  EXPECT_EQ(pose[pose_parameter_index("eye_wink_left")].item<float>(), 0);
  EXPECT_EQ(pose[pose_parameter_index("eye_wink_right")].item<float>(), 0.75F);
  EXPECT_EQ(pose[pose_parameter_index("head_y")].item<float>(), -0.5F);
  EXPECT_EQ(pose[pose_parameter_index("head_x")].item<float>(), 0.25F);
}

// The mirrored picture of a smirk is none that a parameter describes.
TEST(Augmentation, LeavesSmirksAsTheyAre) {
  PackedTriples triple = smooth_triple(kWhole);
  triple.poses[0][pose_parameter_index("mouth_smirk")] = 0.1;
  const TripleBatch same = augmented(triple, kWhole, kWhole, {.mirror = 1}, 1);
  EXPECT_LE(largest_difference(same.rest, unpack(triple, torch::kCPU).rest), 1e-3);
  EXPECT_EQ(largest_difference(same.poses, triple.poses), 0);
}

const AugmentationSettings kEverything{.mirror = 0.5,
                                       .shift = 12,
                                       .scale = 0.1,
                                       .shrink = 0.2,
                                       .rotation = 5,
                                       .warp = 8,
                                       .hue = 60,
                                       .saturation = 0.5,
                                       .brightness = 0.3,
                                       .contrast = 0.3,
                                       .gamma = 0.5,
                                       .sharpness = 0.7,
                                       .line_darkness = 0.7,
                                       .shading = 0.4,
                                       .hard_rim = 0.5,
                                       .rim_color = 0.5,
                                       .strands = 6};

// As much smaller as it says, about the middle, and never larger.
TEST(Augmentation, ShrinksPictures) {
  const AugmentationSettings settings{.shrink = 0.4};
  const PictureView kept = with_margin(kFace, margin_of(settings, kFace));
  const at::Tensor square = torch::zeros({1, kImageSize, kImageSize, 4}, torch::kByte);
  const int x = kFace.region.x + kFace.region.width / 2, y = kFace.region.y + kFace.region.height / 2;
  square.narrow(1, y - 20, 40).narrow(2, x - 20, 40).fill_(255);
  const PackedTriples triple{.rest = square, .posed = square, .poses = torch::zeros({1, kPoseSize})};
  double min = 1e6, max = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const TripleBatch changed = augmented(seen(triple, kept, torch::kCPU), kept, kFace, settings, seed);
    const double side = std::sqrt((changed.rest.select(1, 3) / 2 + 0.5).sum().item<double>());
    min = std::min(min, side);
    max = std::max(max, side);
  }
  EXPECT_LE(max, 40.5);
  EXPECT_GT(max, 37);
  EXPECT_GE(min, 24);
  EXPECT_LT(min, 28);
}

// What was before and after the pose must go on belonging together.
TEST(Augmentation, ChangesBothPicturesAlike) {
  PackedTriples triple = smooth_triple(kWhole);
  triple.posed = triple.rest;
  const PictureView kept = with_margin(kFace, margin_of(kEverything, kFace));
  const PackedTriples part = seen(triple, kept, torch::kCPU);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const TripleBatch changed = augmented(part, kept, kFace, kEverything, seed);
    EXPECT_EQ(largest_difference(changed.rest, changed.posed), 0) << seed;
  }
}

// Networks are given premultiplied colours: none is lighter than its alpha, and all are within [-1, 1].
TEST(Augmentation, GivesImageTensors) {
  const PackedTriples triple = smooth_triple(kWhole);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const TripleBatch changed = augmented(triple, kWhole, kFace, kEverything, seed);
    EXPECT_TRUE(changed.rest.isfinite().all().item<bool>());
    EXPECT_GE(changed.rest.min().item<double>(), -1);
    EXPECT_LE((changed.rest.narrow(1, 0, 3) - changed.rest.narrow(1, 3, 1)).max().item<double>(), 1e-5)
        << seed;
  }
}

TEST(Augmentation, IsAMatterOfTheSeedAndDiffersBetweenTriples) {
  const PackedTriples one = smooth_triple(kWhole);
  const PackedTriples two{.rest = torch::cat({one.rest, one.rest}),
                          .posed = torch::cat({one.posed, one.posed}),
                          .poses = torch::cat({one.poses, one.poses})};
  const at::Tensor first = augmented(two, kWhole, kFace, kEverything, 5).rest;
  EXPECT_EQ(largest_difference(first, augmented(two, kWhole, kFace, kEverything, 5).rest), 0);
  EXPECT_GT(largest_difference(first, augmented(two, kWhole, kFace, kEverything, 6).rest), 0.1);
  EXPECT_GT(largest_difference(first[0], first[1]), 0.1);
}

TEST(Augmentation, OfRestMovesNothing) {
  const PackedTriples triple = smooth_triple(kWhole);
  const TripleBatch changed = augmented(triple, kWhole, kWhole, {.rest = 1}, 1);
  EXPECT_EQ(largest_difference(changed.posed, changed.rest), 0);
  EXPECT_LE(largest_difference(changed.rest, unpack(triple, torch::kCPU).rest), 1e-3);
  EXPECT_EQ(changed.poses.abs().max().item<double>(), 0);
}

TEST(Augmentation, TurnsOfTheHueKeepGreys) {
  PackedTriples triple = smooth_triple(kWhole);
  triple.rest.fill_(128);
  triple.rest.select(3, 3).fill_(255);
  const AugmentationSettings hue{.hue = 180, .saturation = 0.9};
  EXPECT_LE(largest_difference(augmented(triple, kWhole, kFace, hue, 3).rest,
                               seen(unpack(triple, torch::kCPU), kFace).rest),
            1e-3);
}

/// \p image [N, C, H, W] sampled through \p flow [N, 2, H, W], see docs/files.md.
at::Tensor through(const at::Tensor& image, const at::Tensor& flow) {
  const std::int64_t side = image.size(2);
  const at::Tensor axis = (torch::arange(side, torch::kFloat) * 2 + 1) / side - 1;
  const at::Tensor x = axis.view({1, 1, side}).expand({1, side, side}),
                   y = axis.view({1, side, 1}).expand({1, side, side});
  const at::Tensor grid = torch::stack({x, y}, -1) + flow.permute({0, 2, 3, 1});
  return torch::grid_sampler(image, grid, /*bilinear*/ 0, /*border*/ 1, /*align_corners=*/false);
}

/// A triple of smooth opaque colours whose surface moves by up to 20 pixels, each part another way, except
/// for a blue square that the picture before does not show, whose flow is anything.
PackedTriples moved_triple() {
  PackedTriples triple = smooth_triple(kWhole);
  triple.rest.select(3, 3).fill_(255);
  const at::Tensor axis = torch::linspace(-3, 3, kImageSize);
  const at::Tensor x = axis.view({1, kImageSize}), y = axis.view({kImageSize, 1});
  const at::Tensor flow = torch::stack({(x * 0.7 + y).sin(), (y * 1.1 - x).cos()}).unsqueeze(0) * 0.08;
  const at::Tensor rest = triple.rest.permute({0, 3, 1, 2}).to(torch::kFloat);
  triple.posed = (through(rest, flow) + 0.5).to(torch::kUInt8).permute({0, 2, 3, 1}).contiguous();
  triple.motion.flow = flow.permute({0, 2, 3, 1}).to(torch::kHalf);
  triple.motion.surface = torch::ones({1, kImageSize, kImageSize}, torch::kUInt8);
  const auto hide = [](const at::Tensor& map) { return map.narrow(1, 100, 50).narrow(2, 230, 50); };
  hide(triple.motion.surface).fill_(2);
  hide(triple.motion.flow).fill_(0.5);
  hide(triple.posed).narrow(3, 0, 2).fill_(0);
  hide(triple.posed).select(3, 2).fill_(255);
  return triple;
}

/// How far the changed picture after is from the one before through the changed flow, where that holds.
double error_of(const TripleBatch& changed) {
  const at::Tensor warped = through(changed.rest, changed.motion.flow);
  return ((warped - changed.posed).abs() * changed.motion.visible).max().item<double>();
}

const AugmentationSettings kPlaces{.mirror = 0.5, .shift = 20, .scale = 0.15, .rotation = 12, .warp = 12};

TEST(Augmentation, MovesTheMotionWithThePictures) {
  const PackedTriples triple = moved_triple();
  ASSERT_GT(error_of(augmented(triple, kWhole, kWhole, {}, 1)), 0);
  for (const PictureView& view : {kWhole, PictureView{.halved = true}, kFace}) {
    const PictureView kept = with_margin(view, margin_of(kPlaces, view));
    const PackedTriples part = seen(triple, kept, torch::kCPU);
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const TripleBatch changed = augmented(part, kept, view, kPlaces, seed);
      ASSERT_EQ(changed.motion.flow.size(2), view.size());
      // Two roundings to 8 bits, and what bends between pixels.
      EXPECT_LE(error_of(changed), 0.04) << view.size() << ", " << seed;
      EXPECT_GT(changed.motion.visible.mean().item<double>(), 0.4);
      const at::Tensor red = changed.posed.narrow(1, 0, 1), blue = changed.posed.narrow(1, 2, 1);
      const at::Tensor square = (blue > 0.98).logical_and(red < -0.98).to(torch::kFloat);
      ASSERT_GT(square.sum().item<double>(), 100);
      EXPECT_GT((changed.motion.hidden * square).sum().item<double>(), 0.9 * square.sum().item<double>());
      EXPECT_EQ((changed.motion.hidden * changed.motion.visible).sum().item<double>(), 0);
    }
  }
}

// The flow that does not go with the pictures is wrong by far more than what the test above lets pass.
TEST(Augmentation, MotionThatIsNotMovedWouldBeSeen) {
  const PackedTriples triple = moved_triple();
  TripleBatch changed = augmented(triple, kWhole, kWhole, {.mirror = 1}, 1);
  EXPECT_LE(error_of(changed), 0.04);
  changed.motion.flow.select(1, 0).mul_(-1);
  EXPECT_GT(error_of(changed), 0.1);
}

TEST(Augmentation, OfRestHasMovedNothing) {
  const TripleBatch changed = augmented(moved_triple(), kWhole, kWhole, {.rest = 1}, 1);
  EXPECT_EQ(changed.motion.flow.abs().max().item<double>(), 0);
  EXPECT_EQ(changed.motion.visible.min().item<double>(), 1);
  EXPECT_EQ(changed.motion.hidden.max().item<double>(), 0);
}

// Nobody can foresee noise: the picture after, and all other draws, are what they are without.
TEST(Augmentation, NoiseIsOfThePictureBeforeAlone) {
  const PackedTriples triple = smooth_triple(kWhole);
  for (const bool is_grain : {false, true}) {
    AugmentationSettings noisy = kEverything;
    (is_grain ? noisy.grain : noisy.jpeg) = is_grain ? 0.1 : 4;
    int changed_pictures = 0;
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      const TripleBatch plain = augmented(triple, kWhole, kFace, kEverything, seed);
      const TripleBatch changed = augmented(triple, kWhole, kFace, noisy, seed);
      EXPECT_EQ(largest_difference(changed.posed, plain.posed), 0);
      EXPECT_EQ(largest_difference(changed.poses, plain.poses), 0);
      EXPECT_EQ(largest_difference(changed.rest.narrow(1, 3, 1), plain.rest.narrow(1, 3, 1)), 0);
      EXPECT_LT((changed.rest - plain.rest).abs().mean().item<double>(), 0.1);
      changed_pictures += largest_difference(changed.rest, plain.rest) > 0.01 ? 1 : 0;
    }
    EXPECT_GT(changed_pictures, 0);
    EXPECT_LT(changed_pictures, 6);
  }
}

TEST(Augmentation, IsReadByName) {
  const auto read = [](const nlohmann::json& json) {
    AugmentationSettings settings;
    augmentation_fields().read(ConfigReader(json, "a.json"), settings);
    return settings;
  };
  const AugmentationSettings settings = read({{"mirror", 0.5}, {"hue", 20}});
  EXPECT_EQ(settings.mirror, 0.5);
  EXPECT_EQ(settings.hue, 20);
  EXPECT_EQ(settings.probability, 1);
  EXPECT_TRUE(settings.any());
  EXPECT_FALSE(read(nlohmann::json::object()).any());
  for (const nlohmann::json& wrong : {nlohmann::json{{"mirrors", 1}}, nlohmann::json{{"mirror", 2}}}) {
    EXPECT_THROW(read(wrong), InputError) << wrong;
  }
}

}  // namespace
}  // namespace tha4
