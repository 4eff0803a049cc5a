#include "student_so_far.h"

#include <utility>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/distill/siren_training.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/nn/student/blendshape_body_rotator.h"

namespace tha4 {
namespace {

/// A SIREN whose last layer gives no flow and no alpha anywhere.
std::shared_ptr<StudentBodyRotator> siren_at_rest(std::shared_ptr<StudentBodyRotator> network) {
  const torch::NoGradGuard no_grad;
  StateDict weights = state_dict_of(*network);
  weights["last_linear.weight"].zero_();
  weights["last_linear.bias"].zero_();
  return network;
}

/// One tile of each map, whose only image is empty, as all means are.
std::shared_ptr<StudentBodyRotator> blendshape_at_rest(const BlendshapeBodyConfig& config) {
  const auto map = [&](int channels) {
    return TiledBlendshapeOptions{.channels = channels,
                                  .tiles = 1,
                                  .basis_size = 1,
                                  .size = config.map_size,
                                  .tile_size = config.tile_size,
                                  .width = 1,
                                  .hidden_layers = 1};
  };
  const SeededScope seeded(config.seed);
  return BlendshapeBodyRotator(BlendshapeBodyOptions{map(2), map(5)}).ptr();
}

}  // namespace

BodyAtRest body_at_rest(const DistillConfig& config) {
  if (const auto* blendshape = std::get_if<BlendshapeBodyConfig>(&config.body_rotator)) {
    return {BodyRotatorKind::blendshape, blendshape_at_rest(*blendshape)};
  }
  SirenBodyConfig siren = std::get<SirenBodyConfig>(config.body_rotator);
  if (siren.kind == BodyRotatorKind::vanilla_siren) {
    siren.kind = BodyRotatorKind::siren;
    siren.network = {};
  }
  return {siren.kind, siren_at_rest(first_network(siren))};
}

bool StudentSoFar::trains_face() const {
  return training_ != nullptr && face_ != Part::finished;
}

void StudentSoFar::step_taken() {
  if (training_ == nullptr) return;
  (trains_face() ? face_ : body_) = Part::under_way;
}

void StudentSoFar::stop_training() {
  if (training_ == nullptr) return;
  const bool is_face = trains_face();
  if (is_face && face_ == Part::under_way) face_morpher_ = face_morpher();
  if (!is_face && body_ == Part::under_way) body_rotator_ = body_rotator().network;
  training_ = nullptr;
}

void StudentSoFar::finish_face(std::shared_ptr<StudentFaceMorpher> network) {
  training_ = nullptr;
  face_morpher_ = std::move(network);
  face_ = Part::finished;
}

void StudentSoFar::finish_body(std::shared_ptr<StudentBodyRotator> network) {
  training_ = nullptr;
  body_rotator_ = std::move(network);
  body_ = Part::finished;
}

std::shared_ptr<StudentFaceMorpher> StudentSoFar::face_morpher() const {
  if (face_ == Part::not_begun) throw Error("the face morpher's training has not begun");
  if (!trains_face()) return face_morpher_;
  return make_face_morpher(face_morpher_kind(config_), training_->exported_state(), "the training");
}

BodyAtRest StudentSoFar::body_rotator() const {
  if (body_ == Part::not_begun) return body_at_rest(config_);
  const BodyRotatorKind kind = body_rotator_kind(config_);
  if (training_ == nullptr) return {kind, body_rotator_};
  return {kind, make_body_rotator(kind, training_->exported_state(), "the training")};
}

std::optional<Character> StudentSoFar::character() const {
  if (face_ == Part::not_begun) return std::nullopt;
  const BodyAtRest body = body_rotator();
  return Character{.image = image_,
                   .face_morpher_kind = face_morpher_kind(config_),
                   .body_rotator_kind = body.kind,
                   .face_morpher = face_morpher(),
                   .body_rotator = body.network};
}

}  // namespace tha4
