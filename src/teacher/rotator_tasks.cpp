#include "rotator_tasks.h"

#include "task_output.h"
#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/network_precision.h"

namespace tha4 {
namespace {

at::Tensor rotation_of(const TripleBatch& batch) {
  return batch.poses.narrow(1, kFacePoseSize, kRotationPoseSize);
}

}  // namespace

MadeImages task_output(const RotatorOutput& output, const at::Tensor& input, const at::Tensor& target) {
  return {.input = input,
          .target = target,
          .result = output.blended,
          .images = {{"warped", output.warped}, {"direct", output.direct}, {"blended", output.blended}},
          .alpha = output.alpha,
          .flow = output.flow};
}

MadeImages HalfResolutionRotatorTask::run(const TripleBatch& batch, const TrainingPhase&) {
  return task_output(rotator_->forward(batch.rest, rotation_of(batch)), batch.rest, batch.posed);
}

MadeImages EditorTask::run(const TripleBatch& batch, const TrainingPhase& phase) {
  const at::Tensor rotation = rotation_of(batch);
  if (!phase.coarse_inputs)
    return task_output(editor_->rotate(batch.rest, rotation), batch.rest, batch.posed);
  at::Tensor coarse_posed, coarse_flow;
  {
    const torch::NoGradGuard no_grad;
    const RotatorOutput half = rotator_->forward(halved(batch.rest), rotation);
    coarse_posed = interpolate(half.blended, batch.rest.size(2));
    coarse_flow = interpolate(half.flow, batch.rest.size(2));
  }
  return task_output(editor_->forward(batch.rest, coarse_posed, coarse_flow, rotation), batch.rest,
                     batch.posed);
}

std::vector<at::Tensor> EditorTask::parameters(const TrainingPhase& phase) const {
  std::vector<at::Tensor> parameters;
  for (const auto& item : editor_->named_parameters()) {
    if (phase.coarse_inputs || !item.key().starts_with("coarse_image_conv.")) {
      parameters.push_back(item.value());
    }
  }
  return parameters;
}

void EditorTask::to(c10::Device device, at::ScalarType type) {
  NetworkTask::to(device, type);
  if (rotator_) move_network(*rotator_, device, type);
}

MadeImages ResidualEditorTask::run(const TripleBatch& batch, const TrainingPhase&) {
  const at::Tensor rotation = rotation_of(batch);
  RotatorOutput half;
  {
    const torch::NoGradGuard no_grad;
    half = rotator_->forward(halved(batch.rest), rotation);
  }
  return task_output(editor_->forward(batch.rest, half, rotation), batch.rest, batch.posed);
}

void ResidualEditorTask::to(c10::Device device, at::ScalarType type) {
  NetworkTask::to(device, type);
  move_network(*rotator_, device, type);
}

MadeImages Tha3RotatorTask::run(const TripleBatch& batch, const TrainingPhase&) {
  const Tha3RotatorOutput output = rotator_->forward(batch.rest, rotation_of(batch));
  return {.input = batch.rest,
          .target = batch.posed,
          .result = output.direct,
          .images = {{"warped", output.warped}, {"direct", output.direct}},
          .alpha = {},
          .flow = output.flow};
}

MadeImages Tha3EditorTask::run(const TripleBatch& batch, const TrainingPhase&) {
  const at::Tensor rotation = rotation_of(batch);
  at::Tensor coarse_warped, coarse_flow;
  {
    const torch::NoGradGuard no_grad;
    const Tha3RotatorOutput half = rotator_->forward(halved(batch.rest), rotation);
    coarse_warped = interpolate(half.warped, batch.rest.size(2));
    coarse_flow = interpolate(half.flow, batch.rest.size(2));
  }
  return task_output(editor_->forward(batch.rest, coarse_warped, coarse_flow, rotation), batch.rest,
                     batch.posed);
}

void Tha3EditorTask::to(c10::Device device, at::ScalarType type) {
  NetworkTask::to(device, type);
  move_network(*rotator_, device, type);
}

}  // namespace tha4
