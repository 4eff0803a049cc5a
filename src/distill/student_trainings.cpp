#include "tha4/distill/student_trainings.h"

#include <utility>

#include "tha4/base/error.h"
#include "tha4/distill/blendshape_training.h"
#include "tha4/distill/siren_training.h"

namespace tha4 {
namespace {

const BlendshapeFaceConfig* blendshape_face(const DistillConfig& config) {
  return std::get_if<BlendshapeFaceConfig>(&config.face_morpher);
}

const BlendshapeBodyConfig* blendshape_body(const DistillConfig& config) {
  return std::get_if<BlendshapeBodyConfig>(&config.body_rotator);
}

}  // namespace

FaceMorpherKind face_morpher_kind(const DistillConfig& config) {
  return blendshape_face(config) != nullptr ? FaceMorpherKind::blendshape : FaceMorpherKind::siren;
}

BodyRotatorKind body_rotator_kind(const DistillConfig& config) {
  return blendshape_body(config) != nullptr ? BodyRotatorKind::blendshape
                                            : std::get<SirenBodyConfig>(config.body_rotator).kind;
}

bool learns_from_crops(const DistillConfig& config) {
  return blendshape_face(config) != nullptr;
}

bool learns_from_frames(const DistillConfig& config) {
  return blendshape_body(config) != nullptr;
}

TeacherCrops collect_face_crops(Poser& teacher, const DistillConfig& config,
                                const TeacherCollection& collection, std::optional<int> count,
                                const Context& context) {
  const BlendshapeFaceConfig* blendshape = blendshape_face(config);
  const PoseSource& poses = blendshape != nullptr ? blendshape->poses : config.poses;
  const int wanted = blendshape != nullptr ? blendshape->crops : config.mask_poses;
  return collect_teacher_crops(teacher, draw_poses(poses, count.value_or(wanted), poses.seed), collection,
                               context);
}

TeacherFrames collect_body_frames(Poser& teacher, const DistillConfig& config,
                                  const TeacherCollection& collection, std::optional<int> count,
                                  const Context& context) {
  const BlendshapeBodyConfig* blendshape = blendshape_body(config);
  if (blendshape == nullptr) throw Error("the body rotator learns from no frames that are made beforehand");
  const at::Tensor poses = draw_poses(config.poses, count.value_or(blendshape->frames), config.poses.seed);
  return collect_teacher_frames(teacher, poses, blendshape->map_size, collection, context);
}

FaceTraining make_face_training(Poser& teacher, const DistillConfig& config, TeacherCrops crops,
                                const at::Tensor& mask) {
  if (const BlendshapeFaceConfig* blendshape = blendshape_face(config)) {
    auto training = std::make_unique<BlendshapeFaceTraining>(std::move(crops), *blendshape, teacher.device());
    auto network = training->network().ptr();
    return {std::move(training), std::move(network)};
  }
  auto training = std::make_unique<SirenFaceTraining>(teacher, mask, config.poses,
                                                      std::get<SirenFaceConfig>(config.face_morpher));
  auto network = training->network();
  return {std::move(training), std::move(network)};
}

BodyTraining make_body_training(Poser& teacher, const DistillConfig& config, TeacherFrames frames) {
  if (const BlendshapeBodyConfig* blendshape = blendshape_body(config)) {
    auto training = std::make_unique<BlendshapeBodyTraining>(std::move(frames), teacher.rest_image(),
                                                             *blendshape, teacher.device());
    auto network = training->network().ptr();
    return {std::move(training), std::move(network)};
  }
  auto training = std::make_unique<SirenBodyTraining>(teacher, config.poses,
                                                      std::get<SirenBodyConfig>(config.body_rotator));
  auto network = training->network();
  return {std::move(training), std::move(network)};
}

}  // namespace tha4
