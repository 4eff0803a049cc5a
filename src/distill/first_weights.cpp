#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/distill/siren_training.h"
#include "tha4/distill/student_trainings.h"

namespace tha4 {
namespace {

std::string shape_text(const at::Tensor& tensor) {
  return fmt::format("{}", fmt::join(tensor.sizes(), "x"));
}

[[noreturn]] void refuse(const std::string& what) {
  throw InputError(what, Remedy::other_initial_weights);
}

template <class Kind>
void check_kind(Kind found, Kind wanted, const std::string& subject) {
  if (found == wanted) return;
  refuse(subject + " is of the kind " + to_string(found) + ", where the settings make " + to_string(wanted));
}

/// The weights of \p network, of the same shapes as \p wanted has.
StateDict checked(const torch::nn::Module& network, const torch::nn::Module& wanted,
                  const std::string& subject) {
  const StateDict found = state_dict_of(network), shapes = state_dict_of(wanted);
  for (const auto& item : shapes) {
    const torch::Tensor* const value = found.find(item.key());
    if (value == nullptr) refuse(subject + " has no " + item.key() + ", which the settings make");
    if (value->sizes() != item.value().sizes()) {
      refuse(fmt::format("{} has {} of {}, where the settings make {}", subject, item.key(),
                         shape_text(*value), shape_text(item.value())));
    }
  }
  if (found.size() != shapes.size()) refuse(subject + " has more layers than the settings make");
  StateDict copies;
  for (const auto& item : found) copies.insert(item.key(), item.value().detach().cpu().clone());
  return copies;
}

}  // namespace

FirstWeights first_weights_of(const Character& character, const DistillConfig& config,
                              const std::string& source) {
  FirstWeights first;
  const auto* const face = std::get_if<SirenFaceConfig>(&config.face_morpher);
  const auto* const body = std::get_if<SirenBodyConfig>(&config.body_rotator);
  if (face == nullptr && body == nullptr) {
    throw InputError("blendshapes are found anew for each character and cannot begin with the weights of " +
                     source);
  }
  if (face != nullptr) {
    const std::string subject = "the face morpher of " + source;
    check_kind(character.face_morpher_kind, FaceMorpherKind::siren, subject);
    first.face_morpher = checked(*character.face_morpher, *first_network(*face), subject);
  }
  if (body != nullptr) {
    const std::string subject = "the body rotator of " + source;
    check_kind(character.body_rotator_kind, body->kind, subject);
    first.body_rotator = checked(*character.body_rotator, *first_network(*body), subject);
  }
  return first;
}

}  // namespace tha4
