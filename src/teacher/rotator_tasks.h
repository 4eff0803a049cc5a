#pragma once

#include "tha4/nn/teacher/editor.h"
#include "tha4/nn/teacher/half_resolution_rotator.h"
#include "tha4/nn/teacher/residual_editor.h"
#include "tha4/nn/teacher/teacher_architecture.h"
#include "tha4/nn/teacher/tha3_editor.h"
#include "tha4/nn/teacher/tha3_rotator.h"
#include "tha4/teacher/network_task.h"

namespace tha4 {

/// The half-resolution rotator (appendix B.1): the pictures of its triples at 256x256.
class HalfResolutionRotatorTask final : public NetworkTask {
 public:
  explicit HalfResolutionRotatorTask(HalfResolutionRotator rotator) : rotator_(std::move(rotator)) {}
  std::vector<NamedNetwork> networks() const override {
    return {{file_of(Architecture::tha4, TeacherNetwork::half_resolution_rotator), rotator_.ptr()}};
  }
  PoseStep step() const override { return PoseStep::body; }
  PictureView view() const override { return {.halved = true}; }
  MadeImages run(const TripleBatch& batch, const TrainingPhase& phase) override;
  void set_activation_checkpointing(bool on) override { rotator_->set_activation_checkpointing(on); }

 private:
  HalfResolutionRotator rotator_;
};

/// The editor (appendix B.2): a rotator at 512x512 until a phase gives it its coarse inputs, which the
/// finished half-resolution rotator makes.
class EditorTask final : public NetworkTask {
 public:
  /// \param rotator  may be null where no phase has coarse inputs
  EditorTask(Editor editor, HalfResolutionRotator rotator)
      : editor_(std::move(editor)), rotator_(std::move(rotator)) {}
  std::vector<NamedNetwork> networks() const override {
    return {{file_of(Architecture::tha4, TeacherNetwork::editor), editor_.ptr()}};
  }
  PoseStep step() const override { return PoseStep::body; }
  MadeImages run(const TripleBatch& batch, const TrainingPhase& phase) override;
  std::vector<at::Tensor> parameters(const TrainingPhase& phase) const override;
  void to(c10::Device device, at::ScalarType type) override;
  void set_activation_checkpointing(bool on) override { editor_->set_activation_checkpointing(on); }

 private:
  Editor editor_;
  HalfResolutionRotator rotator_;
};

/// The compact teacher's editor, at 512x512, with what the finished half-resolution rotator makes.
class ResidualEditorTask final : public NetworkTask {
 public:
  ResidualEditorTask(ResidualEditor editor, HalfResolutionRotator rotator)
      : editor_(std::move(editor)), rotator_(std::move(rotator)) {}
  std::vector<NamedNetwork> networks() const override {
    return {{file_of(Architecture::compact, TeacherNetwork::editor), editor_.ptr()}};
  }
  PoseStep step() const override { return PoseStep::body; }
  MadeImages run(const TripleBatch& batch, const TrainingPhase& phase) override;
  void to(c10::Device device, at::ScalarType type) override;
  void set_activation_checkpointing(bool on) override { editor_->set_activation_checkpointing(on); }

 private:
  ResidualEditor editor_;
  HalfResolutionRotator rotator_;
};

/// The THA3 baseline's rotator, at 256x256.
class Tha3RotatorTask final : public NetworkTask {
 public:
  explicit Tha3RotatorTask(Tha3Rotator rotator) : rotator_(std::move(rotator)) {}
  std::vector<NamedNetwork> networks() const override {
    return {{file_of(Architecture::tha3, TeacherNetwork::half_resolution_rotator), rotator_.ptr()}};
  }
  PoseStep step() const override { return PoseStep::body; }
  PictureView view() const override { return {.halved = true}; }
  MadeImages run(const TripleBatch& batch, const TrainingPhase& phase) override;

 private:
  Tha3Rotator rotator_;
};

/// The THA3 baseline's editor, at 512x512, with what the finished rotator makes.
class Tha3EditorTask final : public NetworkTask {
 public:
  Tha3EditorTask(Tha3Editor editor, Tha3Rotator rotator)
      : editor_(std::move(editor)), rotator_(std::move(rotator)) {}
  std::vector<NamedNetwork> networks() const override {
    return {{file_of(Architecture::tha3, TeacherNetwork::editor), editor_.ptr()}};
  }
  PoseStep step() const override { return PoseStep::body; }
  MadeImages run(const TripleBatch& batch, const TrainingPhase& phase) override;
  void to(c10::Device device, at::ScalarType type) override;

 private:
  Tha3Editor editor_;
  Tha3Rotator rotator_;
};

}  // namespace tha4
