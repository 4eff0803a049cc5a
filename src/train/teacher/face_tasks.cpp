#include "face_tasks.h"

#include "tha4/image/compositing.h"
#include "tha4/image/region.h"

namespace tha4 {

TaskOutput EyebrowTask::run(const TripleBatch& batch, const TrainingPhase&) {
  const at::Tensor image = crop(batch.rest, kEyebrowCrop);
  const EyebrowDecomposerOutput layers = decomposer_->forward(image);
  const EyebrowMorphingCombinerOutput output = combiner_->forward(
      layers.background_layer, layers.eyebrow_layer, batch.poses.narrow(1, 0, kEyebrowPoseSize));
  return {.input = image,
          .target = crop(batch.posed, kEyebrowCrop),
          .result = output.combined,
          .images = {{"combined", output.combined},
                     {"combined_by_combine_alpha", output.combined_by_combine_alpha},
                     {"morphed_layer", output.morphed_layer}},
          .alpha = output.combine_alpha};
}

TaskOutput FaceMorpherTask::run(const TripleBatch& batch, const TrainingPhase&) {
  const at::Tensor image = crop(batch.rest, kTeacherFaceCrop);
  const TeacherFaceMorpherOutput output =
      morpher_->forward(image, batch.poses.narrow(1, kEyebrowPoseSize, kEyeMouthPoseSize));
  return {.input = image,
          .target = crop(batch.posed, kTeacherFaceCrop),
          .result = output.face,
          .images = {{"face", output.face},
                     {"iris_mouth", output.iris_mouth},
                     {"iris_mouth_warped", output.iris_mouth_warped}},
          .alpha = output.eye_alpha};
}

}  // namespace tha4
