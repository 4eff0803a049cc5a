#pragma once

#include <memory>
#include <optional>

#include "tha4/distill/distill_config.h"
#include "tha4/nn/student/student_network.h"
#include "tha4/poser/character.h"
#include "tha4/train/training.h"

namespace tha4 {

/// A body rotator that moves nothing, of the kind that \p config makes where that can: what it is given comes
/// out. A vanilla SIREN draws every frame anew, so that the paper's kind takes its place.
struct BodyAtRest {
  BodyRotatorKind kind;
  std::shared_ptr<StudentBodyRotator> network;
};
BodyAtRest body_at_rest(const DistillConfig& config);

/// What there is of a student while its networks are trained, the face first.
class StudentSoFar {
 public:
  enum class Part { not_begun, under_way, finished };

  /// \param config, image  must outlive this
  StudentSoFar(const DistillConfig& config, const RgbaImage& image) : config_(config), image_(image) {}

  /// The present training, which must live until it is told otherwise.
  void train(const Training& training) { training_ = &training; }
  /// Says that the present training has taken a step by now.
  void step_taken();
  /// The present training ends where it stands: its network is kept as it is, if it has taken a step.
  void stop_training();
  void finish_face(std::shared_ptr<StudentFaceMorpher> network);
  void finish_body(std::shared_ptr<StudentBodyRotator> network);

  Part face() const { return face_; }
  Part body() const { return body_; }

  /// The face morpher as it is by now. Throws Error where it has not begun.
  std::shared_ptr<StudentFaceMorpher> face_morpher() const;
  /// Likewise the body rotator; one that moves nothing where it has not begun.
  BodyAtRest body_rotator() const;

  /// What can be played by now; nothing where not even the face has begun.
  std::optional<Character> character() const;

 private:
  bool trains_face() const;

  const DistillConfig& config_;
  const RgbaImage& image_;
  const Training* training_ = nullptr;
  Part face_ = Part::not_begun;
  Part body_ = Part::not_begun;
  std::shared_ptr<StudentFaceMorpher> face_morpher_;  ///< where it is not trained just now
  std::shared_ptr<StudentBodyRotator> body_rotator_;
};

}  // namespace tha4
