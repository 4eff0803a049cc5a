#pragma once

#include "tha4/nn/teacher/eyebrow_decomposer.h"
#include "tha4/nn/teacher/eyebrow_morphing_combiner.h"
#include "tha4/nn/teacher/teacher_architecture.h"
#include "tha4/nn/teacher/teacher_face_morpher.h"
#include "tha4/nn/teacher/unet_face_morpher.h"
#include "tha4/teacher/network_task.h"

namespace tha4 {

// The paper gives no recipe for the three face networks, which it takes over from its forerunners; these are
// ours.

/// Eyebrow decomposer and morphing combiner as one network, from the face at rest to the moved eyebrows. What
/// the layers between them show is theirs to find.
class EyebrowTask final : public NetworkTask {
 public:
  EyebrowTask(EyebrowDecomposer decomposer, EyebrowMorphingCombiner combiner)
      : decomposer_(std::move(decomposer)), combiner_(std::move(combiner)) {}
  std::vector<NamedNetwork> networks() const override {
    return {{file_of(Architecture::tha4, TeacherNetwork::eyebrow_decomposer), decomposer_.ptr()},
            {file_of(Architecture::tha4, TeacherNetwork::eyebrow_morphing_combiner), combiner_.ptr()}};
  }
  PoseStep step() const override { return PoseStep::eyebrows; }
  PictureView view() const override { return {.region = kEyebrowCrop}; }
  MadeImages run(const TripleBatch& batch, const TrainingPhase& phase) override;

 private:
  EyebrowDecomposer decomposer_;
  EyebrowMorphingCombiner combiner_;
};

/// The face morpher, from the face with moved eyebrows to the posed face.
class FaceMorpherTask final : public NetworkTask {
 public:
  explicit FaceMorpherTask(TeacherFaceMorpher morpher) : morpher_(std::move(morpher)) {}
  std::vector<NamedNetwork> networks() const override {
    return {{file_of(Architecture::tha4, TeacherNetwork::face_morpher), morpher_.ptr()}};
  }
  PoseStep step() const override { return PoseStep::face; }
  PictureView view() const override { return {.region = kTeacherFaceCrop}; }
  MadeImages run(const TripleBatch& batch, const TrainingPhase& phase) override;

 private:
  TeacherFaceMorpher morpher_;
};

/// The compact teacher's face: all of an expression at once, from the face at rest.
class UNetFaceMorpherTask final : public NetworkTask {
 public:
  explicit UNetFaceMorpherTask(UNetFaceMorpher morpher) : morpher_(std::move(morpher)) {}
  std::vector<NamedNetwork> networks() const override {
    return {{file_of(Architecture::compact, TeacherNetwork::unet_face_morpher), morpher_.ptr()}};
  }
  PoseStep step() const override { return PoseStep::expression; }
  PictureView view() const override { return {.region = kFaceCrop}; }
  MadeImages run(const TripleBatch& batch, const TrainingPhase& phase) override;
  void set_activation_checkpointing(bool on) override { morpher_->set_activation_checkpointing(on); }

 private:
  UNetFaceMorpher morpher_;
};

}  // namespace tha4
