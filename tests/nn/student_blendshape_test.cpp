#include "tensor_difference.h"

#include "tha4/base/error.h"
#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/blocks/network_precision.h"
#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/nn/student/student_kind.h"

namespace tha4 {
namespace {

using torch::indexing::Slice;

enum class Motion { none, random };

/// A body rotator of 4x4 tiles, three of which move, with random values.
BlendshapeBodyRotator seeded_body(Motion motion = Motion::none) {
  torch::manual_seed(1);
  const auto options = [](int channels) {
    return TiledBlendshapeOptions{.channels = channels,
                                  .tiles = 3,
                                  .basis_size = 2,
                                  .size = 32,
                                  .tile_size = 8,
                                  .width = 6,
                                  .hidden_layers = 2};
  };
  BlendshapeBodyOptions sizes{options(2), options(5)};
  if (motion == Motion::random) {
    sizes.motion = options(2);
    sizes.motion->tiles = 1;
    sizes.motion->size = sizes.motion->tile_size = 4;
  }
  BlendshapeBodyRotator body(sizes);
  torch::NoGradGuard no_grad;
  if (body->motion) {
    body->motion->basis.normal_(0, 0.1);
    body->motion->mean.normal_(0, 0.1);
  }
  for (TiledBlendshape map : {body->flow, body->appearance}) {
    map->tiles.copy_(torch::tensor({1, 6, 15}));
    map->basis.normal_(0, 0.1);
    map->mean.normal_(0, 0.1);
  }
  return body;
}

TEST(TiledBlendshape, IsTheMeanPlusTheWeightedBasisOfEachTile) {
  BlendshapeBodyRotator body = seeded_body();
  TiledBlendshape map = body->flow;
  torch::NoGradGuard no_grad;
  const auto weights = torch::randn({2, 6});
  auto expected = map->mean.unsqueeze(0).repeat({2, 1, 1, 1});
  for (int n = 0; n < 2; ++n) {
    for (int t = 0; t < 3; ++t) {
      const auto tile = map->tiles[t].item<int>();
      const auto sum = weights[n][2 * t] * map->basis[t][0] + weights[n][2 * t + 1] * map->basis[t][1];
      expected[n].index({Slice(), Slice(tile / 4 * 8, tile / 4 * 8 + 8),
                         Slice(tile % 4 * 8, tile % 4 * 8 + 8)}) += sum.view({2, 8, 8});
    }
  }
  const auto whole = map->draw(weights, FrameWindow::whole(32)).permute({0, 3, 1, 2});
  EXPECT_LT(largest_difference(whole, expected), 1e-6);
  const auto part = map->draw(weights, {32, {7, 3, 20, 9}}).permute({0, 3, 1, 2});
  EXPECT_LT(largest_difference(part, expected.index({Slice(), Slice(), Slice(3, 12), Slice(7, 27)})), 1e-6);
}

void expect_regions_to_be_crops(BlendshapeBodyRotator body) {
  torch::NoGradGuard no_grad;
  const auto poses = torch::rand({2, 45});
  const auto image = torch::rand({2, 4, 512, 512}) * 2 - 1;
  for (const int resolution : {512, 100}) {
    const RotatorOutput whole = body->rotate(image, poses, FrameWindow::whole(resolution));
    for (const Region region :
         {Region{0, 0, 1, 1}, Region{30, 41, 33, 7}, Region{resolution - 9, 0, 9, 40}}) {
      const auto part = body->rotate(image, poses, {resolution, region}).blended;
      const auto crop = whole.blended.index({Slice(), Slice(), Slice(region.y, region.y + region.height),
                                             Slice(region.x, region.x + region.width)});
      EXPECT_LT(largest_difference(part, crop), 1e-5);
    }
  }
}

TEST(BlendshapeBodyRotator, DrawsAnyRegionAsTheCropOfTheWholeFrame) {
  expect_regions_to_be_crops(seeded_body());
  expect_regions_to_be_crops(seeded_body(Motion::random));
}

TEST(BlendshapeBodyRotator, DrawsItsMapsWhereTheMotionLeads) {
  BlendshapeBodyRotator still = seeded_body(), moving = seeded_body(Motion::random);
  torch::NoGradGuard no_grad;
  for (auto [from, to] :
       {std::pair(still->flow, moving->flow), std::pair(still->appearance, moving->appearance)}) {
    to->mean.copy_(from->mean);
    to->basis.copy_(from->basis);
    load_state_dict(*to->weights, state_dict_of(*from->weights), "");
  }
  // The whole body moves 40 pixels to the left and 24 up.
  moving->motion->basis.zero_();
  moving->motion->mean[0].fill_(2 * 40.0 / kImageSize);
  moving->motion->mean[1].fill_(2 * 24.0 / kImageSize);
  const auto image = torch::rand({2, 4, kImageSize, kImageSize}) * 2 - 1, poses = torch::rand({2, 45});
  const RotatorOutput expected = still->rotate(image, poses, {512, {40, 24, 400, 480}});
  const RotatorOutput body = moving->rotate(image, poses, {512, {0, 0, 400, 480}});
  EXPECT_LT(largest_difference(body.blended, expected.blended), 1e-3);
  EXPECT_LT(largest_difference(body.alpha, expected.alpha), 1e-3);
  const auto shift = torch::tensor({80.0, 48.0}).view({1, 2, 1, 1}) / kImageSize;
  EXPECT_LT(largest_difference(body.flow, expected.flow + shift), 1e-4);
}

void expect_every_parameter_to_learn(BlendshapeBodyRotator body) {
  const auto image = torch::rand({1, 4, 512, 512});
  body->rotate(image, torch::rand({1, 45}), FrameWindow{}).blended.square().sum().backward();
  for (const auto& item : body->named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_GT(item.value().grad().abs().max().item<double>(), 0) << item.key();
  }
}

TEST(BlendshapeBodyRotator, EveryParameterLearns) {
  expect_every_parameter_to_learn(seeded_body());
  expect_every_parameter_to_learn(seeded_body(Motion::random));
}

TEST(BlendshapeFaceMorpher, AddsEachRegionAtItsPixels) {
  torch::manual_seed(2);
  BlendshapeFaceMorpher face(
      std::vector<BlendshapeRegionOptions>{{.pixels = 3, .basis_size = 2, .width = 4, .hidden_layers = 1},
                                           {.pixels = 2, .basis_size = 1, .width = 4, .hidden_layers = 1}});
  torch::NoGradGuard no_grad;
  face->mean.normal_();
  face->region(0)->pixels.copy_(torch::tensor({5, 6, 128}));
  face->region(1)->pixels.copy_(torch::tensor({0, 16383}));
  face->region(0)->basis.normal_();
  face->region(1)->basis.normal_();
  const auto poses = torch::rand({2, 39});
  const auto drawn = face->draw(poses).flatten(2);
  const auto added = face->region(0)->forward(poses);
  EXPECT_LT(largest_difference(drawn.index({1, 2, 128}), face->mean.flatten(1)[2][128] + added[1][2][2]),
            1e-6);
  EXPECT_LT(largest_difference(drawn.index({0, 3, 7}), face->mean.flatten(1)[3][7]), 1e-7);
}

TEST(BlendshapeStudent, ReadsItsSizesFromTheCheckpoint) {
  torch::NoGradGuard no_grad;
  const auto poses = torch::rand({1, 45});
  const auto image = torch::rand({1, 4, 512, 512});
  for (const Motion motion : {Motion::none, Motion::random}) {
    BlendshapeBodyRotator body = seeded_body(motion);
    const auto again = make_body_rotator(BodyRotatorKind::blendshape, state_dict_of(*body), "body.pt");
    EXPECT_TRUE(torch::equal(body->rotate(image, poses, FrameWindow{}).blended,
                             again->rotate(image, poses, FrameWindow{}).blended));
  }
}

TEST(BlendshapeStudent, RefusesIndicesOutsideTheImage) {
  BlendshapeBodyRotator body = seeded_body();
  torch::NoGradGuard no_grad;
  body->flow->tiles.copy_(torch::tensor({1, 6, 16}));
  EXPECT_THROW(make_body_rotator(BodyRotatorKind::blendshape, state_dict_of(*body), "body.pt"), InputError);
  body->flow->tiles.copy_(torch::tensor({6, 1, 15}));
  EXPECT_THROW(make_body_rotator(BodyRotatorKind::blendshape, state_dict_of(*body), "body.pt"), InputError);

  BlendshapeBodyRotator moving = seeded_body(Motion::random);
  moving->motion->tiles.copy_(torch::tensor({1}));
  EXPECT_THROW(make_body_rotator(BodyRotatorKind::blendshape, state_dict_of(*moving), "body.pt"), InputError);

  BlendshapeFaceMorpher face(
      std::vector<BlendshapeRegionOptions>{{.pixels = 2, .basis_size = 1, .width = 4, .hidden_layers = 1}});
  face->region(0)->pixels.copy_(torch::tensor({0, 16384}));
  EXPECT_THROW(make_face_morpher(FaceMorpherKind::blendshape, state_dict_of(*face), "face.pt"), InputError);
}

TEST(MoveNetwork, KeepsIndicesWhole) {
  BlendshapeBodyRotator body = seeded_body();
  move_network(*body, torch::kCPU, torch::kBFloat16);
  EXPECT_EQ(body->flow->tiles.scalar_type(), torch::kLong);
  EXPECT_EQ(body->flow->basis.scalar_type(), torch::kBFloat16);
  torch::NoGradGuard no_grad;
  EXPECT_NO_THROW(body->rotate(torch::rand({1, 4, 512, 512}), torch::rand({1, 45}), FrameWindow{}));
}

}  // namespace
}  // namespace tha4
