#include "face_tasks.h"

#include "task_output.h"

namespace tha4 {

MadeImages EyebrowTask::run(const TripleBatch& batch, const TrainingPhase&) {
  const EyebrowDecomposerOutput layers = decomposer_->forward(batch.rest);
  const EyebrowMorphingCombinerOutput output = combiner_->forward(
      layers.background_layer, layers.eyebrow_layer, batch.poses.narrow(1, 0, kEyebrowPoseSize));
  return {.input = batch.rest,
          .target = batch.posed,
          .result = output.combined,
          .images = {{"combined", output.combined},
                     {"combined_by_combine_alpha", output.combined_by_combine_alpha},
                     {"morphed_layer", output.morphed_layer}},
          .alpha = output.combine_alpha};
}

MadeImages FaceMorpherTask::run(const TripleBatch& batch, const TrainingPhase&) {
  const TeacherFaceMorpherOutput output =
      morpher_->forward(batch.rest, batch.poses.narrow(1, kEyebrowPoseSize, kEyeMouthPoseSize));
  return {.input = batch.rest,
          .target = batch.posed,
          .result = output.face,
          .images = {{"face", output.face},
                     {"iris_mouth", output.iris_mouth},
                     {"iris_mouth_warped", output.iris_mouth_warped}},
          .alpha = output.eye_alpha};
}

MadeImages UNetFaceMorpherTask::run(const TripleBatch& batch, const TrainingPhase&) {
  return task_output(morpher_->forward(batch.rest, batch.poses.narrow(1, 0, kFacePoseSize)), batch.rest,
                     batch.posed);
}

}  // namespace tha4
