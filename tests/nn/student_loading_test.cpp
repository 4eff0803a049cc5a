#include "input_error_message.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/nn/student/student_kind.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {
namespace {

/// What loading says about \p state, or that it says nothing.
std::string face_complaint(const StateDict& state, FaceMorpherKind kind = FaceMorpherKind::siren) {
  return input_error_message([&] { make_face_morpher(kind, state, "face.pt"); });
}

std::string body_complaint(const StateDict& state, BodyRotatorKind kind = BodyRotatorKind::siren) {
  return input_error_message([&] { make_body_rotator(kind, state, "body.pt"); });
}

void expect_mentions(const std::string& text, const std::vector<std::string>& parts) {
  for (const auto& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text << " lacks " << part;
}

/// A tensor of these sizes that takes no memory.
at::Tensor claimed(const std::vector<std::int64_t>& sizes) {
  return torch::zeros({1}).expand(sizes);
}

StateDict face_state() {
  return state_dict_of(*SirenFaceMorpher(SirenOptions{.width = 8, .sine_layers = 2}));
}

StateDict body_state() {
  return state_dict_of(*SirenBodyRotator(SirenBodyRotatorOptions{.levels = {{128, 6}, {256, 5}, {512, 4}}}));
}

StateDict blendshape_body_state() {
  const auto options = [](int channels) {
    return TiledBlendshapeOptions{.channels = channels,
                                  .tiles = 3,
                                  .basis_size = 2,
                                  .size = 32,
                                  .tile_size = 8,
                                  .width = 6,
                                  .hidden_layers = 2};
  };
  return state_dict_of(*BlendshapeBodyRotator(BlendshapeBodyOptions{options(2), options(5)}));
}

/// Of a body whose maps move by one tile of 4x4 cells.
StateDict moving_body_state() {
  StateDict state = blendshape_body_state();
  const TiledBlendshape motion(TiledBlendshapeOptions{
      .channels = 2, .tiles = 1, .basis_size = 3, .size = 4, .tile_size = 4, .width = 6, .hidden_layers = 2});
  add_part(state, "motion.", state_dict_of(*motion));
  return state;
}

StateDict blendshape_face_state() {
  return state_dict_of(*BlendshapeFaceMorpher(
      std::vector<BlendshapeRegionOptions>{{.pixels = 3, .basis_size = 2, .width = 4, .hidden_layers = 1}}));
}

TEST(StudentLoading, TakesNetworksOfAnySmallSize) {
  EXPECT_EQ(face_complaint(face_state()), "no error");
  EXPECT_EQ(body_complaint(body_state()), "no error");
  EXPECT_EQ(face_complaint(blendshape_face_state(), FaceMorpherKind::blendshape), "no error");
  EXPECT_EQ(body_complaint(blendshape_body_state(), BodyRotatorKind::blendshape), "no error");
}

TEST(StudentLoading, RefusesWidthsBeyondAllReason) {
  StateDict face = face_state();
  face["siren.sine_layers.0.linear.weight"] = claimed({60'000, 41, 1, 1});
  expect_mentions(face_complaint(face), {"face.pt", "siren.sine_layers.0.linear.weight", "60000"});
  face["siren.sine_layers.0.linear.weight"] = torch::zeros({0, 41, 1, 1});
  expect_mentions(face_complaint(face), {"siren.sine_layers.0.linear.weight", "size 0"});
  face["siren.sine_layers.0.linear.weight"] = torch::zeros({});
  expect_mentions(face_complaint(face), {"siren.sine_layers.0.linear.weight", "0 dimensions"});

  StateDict body = body_state();
  body["siren_layers.0.0.linear.weight"] = claimed({60'000, 47, 1, 1});
  expect_mentions(body_complaint(body), {"body.pt", "siren_layers.0.0.linear.weight", "60000"});
  body = body_state();
  body["siren_layers.1.0.linear.weight"] = claimed({5, 60'000, 1, 1});
  expect_mentions(body_complaint(body), {"body.pt", "siren_layers.1.0.linear.weight", "60000"});
  body["siren_layers.1.0.linear.weight"] = torch::zeros({5, 47, 1, 1});
  expect_mentions(body_complaint(body), {"siren_layers.1.0.linear.weight", "no features"});

  StateDict blendshape = blendshape_body_state();
  blendshape["flow.weights.layers.0.weight"] = claimed({60'000, 45});
  expect_mentions(body_complaint(blendshape, BodyRotatorKind::blendshape),
                  {"body.pt", "flow.weights.layers.0.weight", "60000"});
  blendshape = blendshape_body_state();
  blendshape["appearance.mean"] = claimed({5, 60'000, 60'000});
  expect_mentions(body_complaint(blendshape, BodyRotatorKind::blendshape), {"appearance.mean", "60000"});
  blendshape = blendshape_body_state();
  blendshape["flow.basis"] = claimed({3, 60'000, 128});
  expect_mentions(body_complaint(blendshape, BodyRotatorKind::blendshape), {"flow.basis", "60000"});
  StateDict region = blendshape_face_state();
  region["regions.0.basis"] = claimed({2, 8 * 16384});
  expect_mentions(face_complaint(region, FaceMorpherKind::blendshape), {"regions.0.basis", "131072"});
}

TEST(StudentLoading, RefusesMoreLayersThanAnyNetworkHas) {
  StateDict face = face_state();
  for (int layer = 2; layer < 100; ++layer) {
    face.insert("siren.sine_layers." + std::to_string(layer) + ".linear.weight", torch::zeros({1}));
  }
  expect_mentions(face_complaint(face), {"face.pt", "siren.sine_layers", "more than 32 blocks"});

  StateDict body = body_state();
  for (int layer = 3; layer < 100; ++layer) {
    body.insert("siren_layers.0." + std::to_string(layer) + ".linear.weight", torch::zeros({1}));
  }
  expect_mentions(body_complaint(body), {"body.pt", "siren_layers.0", "more than 32 blocks"});
  body = body_state();
  for (int level = 3; level < 20; ++level) {
    body.insert("siren_layers." + std::to_string(level) + ".0.linear.weight", claimed({4, 51, 1, 1}));
  }
  expect_mentions(body_complaint(body), {"body.pt", "siren_layers", "more than 9 blocks"});

  StateDict blendshape = blendshape_face_state();
  for (int layer = 2; layer < 100; ++layer) {
    blendshape.insert("regions.0.weights.layers." + std::to_string(layer) + ".weight", torch::zeros({1}));
  }
  expect_mentions(face_complaint(blendshape, FaceMorpherKind::blendshape),
                  {"face.pt", "regions.0.weights.layers", "more than 32 blocks"});
  blendshape = blendshape_face_state();
  for (int region = 1; region < 300; ++region) {
    blendshape.insert("regions." + std::to_string(region) + ".basis", torch::zeros({1}));
  }
  expect_mentions(face_complaint(blendshape, FaceMorpherKind::blendshape),
                  {"face.pt", "regions", "more than 256 blocks"});
}

TEST(StudentLoading, RefusesMoreOrFewerWeightsThanTheBasisHasImages) {
  StateDict body = blendshape_body_state();
  body["flow.weights.layers.2.weight"] = torch::zeros({7, 6});
  expect_mentions(body_complaint(body, BodyRotatorKind::blendshape),
                  {"body.pt", "flow.weights.layers.2.weight", "7 blend weights", "6 images"});
  StateDict face = blendshape_face_state();
  face["regions.0.weights.layers.1.weight"] = torch::zeros({1, 4});
  expect_mentions(face_complaint(face, FaceMorpherKind::blendshape),
                  {"face.pt", "regions.0.weights.layers.1.weight", "1 blend weights", "2 images"});
}

TEST(StudentLoading, NamesPosesAndChannelsOfAnotherNetwork) {
  const StateDict vanilla = state_dict_of(
      *VanillaSirenBodyRotator(SirenOptions{.pose_size = 45, .width = 8, .sine_layers = 2, .outputs = 4}));
  expect_mentions(face_complaint(vanilla), {"face.pt", "45 pose parameters", "39"});
  expect_mentions(body_complaint(face_state(), BodyRotatorKind::vanilla_siren),
                  {"body.pt", "39 pose parameters", "45"});
  StateDict face = face_state();
  face["siren.last_linear.weight"] = torch::zeros({3, 8, 1, 1});
  expect_mentions(face_complaint(face), {"face.pt", "siren.last_linear.weight", "3 channels", "4"});
}

/// Loading must not depend on what a new network would have been filled with, nor use up random numbers.
TEST(StudentLoading, RefusesAMotionThatIsNone) {
  const auto complaint = [](const std::string& key, const torch::Tensor& value) {
    StateDict state = moving_body_state();
    state["motion." + key] = value;
    return body_complaint(state, BodyRotatorKind::blendshape);
  };
  EXPECT_EQ(body_complaint(moving_body_state(), BodyRotatorKind::blendshape), "no error");
  struct Fault {
    std::string key;
    torch::Tensor value;
    std::vector<std::string> mentions;
  };
  const Fault faults[] = {
      // Sizes beyond all reason, of which none may be taken at its word.
      {"mean", claimed({2, 60'000, 60'000}), {"motion.mean", "60000"}},
      {"basis", claimed({60'000, 3, 32}), {"motion.basis", "60000"}},
      {"basis", claimed({1, 60'000, 32}), {"motion.basis", "60000"}},
      {"basis", claimed({1, 3, 60'000}), {"motion.basis", "60000"}},
      {"weights.layers.0.weight", claimed({60'000, 45}), {"motion.weights.layers.0.weight", "60000"}},
      // Shapes that do not fit each other.
      {"mean", torch::zeros({5, 4, 4}), {"motion.mean"}},
      {"mean", torch::zeros({2, 4, 5}), {"motion.mean"}},
      {"mean", torch::zeros({2, 0, 0}), {"motion.mean"}},
      {"mean", torch::zeros({2, 6, 6}), {"motion.basis", "tiles"}},
      {"mean", torch::zeros({32}), {"motion.mean", "dimensions"}},
      {"basis", torch::zeros({1, 3, 31}), {"motion.basis", "tiles"}},
      {"basis", torch::zeros({1, 3, 0}), {"motion.basis"}},
      {"basis", torch::zeros({2, 3, 32}), {"motion.basis", "2"}},
      {"basis", torch::zeros({1, 2, 32}), {"motion.weights", "blend weights"}},
      {"tiles", torch::zeros({2}, torch::kLong), {"motion.tiles"}},
      {"weights.layers.0.weight", torch::zeros({6, 44}), {"motion.weights.layers.0.weight"}},
      {"weights.input_scale", torch::zeros({44}), {"motion.weights.input_scale"}},
      {"tiles", torch::full({1}, 1, torch::kLong), {"motion.tiles", "tiles of the map"}},
      {"tiles", torch::full({1}, -1, torch::kLong), {"motion.tiles", "tiles of the map"}},
  };
  for (const Fault& fault : faults) expect_mentions(complaint(fault.key, fault.value), fault.mentions);
}

TEST(StudentLoading, NamesWhatAMotionLacks) {
  for (const auto& item : moving_body_state()) {
    if (!item.key().starts_with("motion.")) continue;
    StateDict state = moving_body_state();
    state.erase(item.key());
    // A body without a motion's mean has no motion, and nothing else of one.
    expect_mentions(body_complaint(state, BodyRotatorKind::blendshape), {"motion."});
  }
}

TEST(StudentLoading, DrawsNoRandomNumbers) {
  const StateDict face = face_state();
  const StateDict body = blendshape_body_state();
  torch::manual_seed(3);
  const auto expected = torch::rand({4});
  torch::manual_seed(3);
  make_face_morpher(FaceMorpherKind::siren, face, "face.pt");
  make_body_rotator(BodyRotatorKind::blendshape, body, "body.pt");
  EXPECT_TRUE(torch::equal(torch::rand({4}), expected));
}

}  // namespace
}  // namespace tha4
