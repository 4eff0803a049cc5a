#include "siren_character.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "engine/engine_fixtures.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/metrics/psnr.h"

namespace tha4 {
namespace {

/// Its last layer's weights made small.
template <class Rotator, class Options>
std::shared_ptr<StudentBodyRotator> calm_rotator(const Options& options) {
  Rotator rotator(options);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : rotator->named_parameters()) {
    if (parameter.key().find("last_linear") != std::string::npos) parameter.value().mul_(0.05);
  }
  return rotator.ptr();
}

Character character_with_face(const SirenOptions& face) {
  torch::manual_seed(3);
  Character character;
  character.image = striped_picture();
  character.face_morpher = SirenFaceMorpher(face).ptr();
  return character;
}

}  // namespace

RgbaImage striped_picture() {
  RgbaImage image(kImageSize, kImageSize);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(i % 4 == 3 ? 255 : i * 7 / 5 % 251);
  }
  return image;
}

Character siren_character(const SirenBodyRotatorOptions& body, const SirenOptions& face,
                          BodyRotatorKind kind) {
  Character character = character_with_face(face);
  character.body_rotator_kind = kind;
  character.body_rotator = calm_rotator<SirenBodyRotator>(body);
  return character;
}

Character vanilla_siren_character(const SirenOptions& body) {
  Character character = character_with_face({});
  character.body_rotator_kind = BodyRotatorKind::vanilla_siren;
  character.body_rotator = calm_rotator<VanillaSirenBodyRotator>(body);
  return character;
}

double min_agreement(Poser& poser, Poser& reference, int poses, const FrameWindow& window,
                     const Closeness& close) {
  const auto direct_of = [&](const PosedFrame& frame) {
    return close.sees_all_direct ? frame.direct : frame.direct * frame.alpha;
  };
  const at::Tensor batch = some_poses(poses);
  double min = std::numeric_limits<double>::infinity();
  for (int i = 0; i < poses; ++i) {
    const PosedFrame frame = poser.pose(batch.narrow(0, i, 1), window);
    const PosedFrame expected = reference.pose(batch.narrow(0, i, 1), window);
    for (const auto& [ours, theirs] : {std::pair{frame.blended, expected.blended},
                                       {frame.warped, expected.warped},
                                       {direct_of(frame), direct_of(expected)},
                                       {frame.face, expected.face}}) {
      min = std::min(min, network_psnr(ours, theirs).item<double>());
    }
    EXPECT_LT((frame.flow - expected.flow).abs().max().item<double>(), close.flow);
    EXPECT_LT((frame.alpha - expected.alpha).abs().max().item<double>(), close.alpha);
  }
  return min;
}

}  // namespace tha4
