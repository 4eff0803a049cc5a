#include "onnx/onnx_teacher_stages.h"

#include "onnx/onnx_operations.h"
#include "onnx/onnx_ports.h"

#include "tha4/base/error.h"
#include "tha4/nn/teacher/teacher.h"

namespace tha4 {
namespace {

constexpr Region kEyebrowsInTeacherFace{kEyebrowCrop.x - kTeacherFaceCrop.x,
                                        kEyebrowCrop.y - kTeacherFaceCrop.y, kEyebrowCrop.width,
                                        kEyebrowCrop.height};

}  // namespace

TeacherSource::TeacherSource(const std::filesystem::path& folder, std::optional<Architecture> architecture) {
  const Teacher teacher = load_teacher(folder, architecture);
  architecture_ = teacher.architecture();
  for (const NamedNetwork& named : teacher.networks()) {
    states_.emplace(named.name, state_dict_of(*named.network));
  }
}

OnnxModule TeacherSource::module(OnnxGraph& graph, TeacherNetwork network) const {
  return {graph, states_.at(file_of(architecture_, network)), to_string(network)};
}

std::unique_ptr<OnnxGraph> TeacherSource::graph(const std::string& name,
                                                const std::string& description) const {
  auto graph = make_graph(name, description);
  graph->set_metadata("architecture", to_string(architecture_));
  return graph;
}

OnnxEyebrowLayers eyebrow_layers(const TeacherSource& teacher, const OnnxValue& rest_image) {
  const OnnxModule network = teacher.module(*rest_image.graph, TeacherNetwork::eyebrow_decomposer);
  return eyebrow_decomposer(network, crop(rest_image, kEyebrowCrop));
}

OnnxValue with_eyebrows(const TeacherSource& teacher, const OnnxValue& rest_image,
                        const OnnxEyebrowLayers& layers, const OnnxValue& eyebrow_pose) {
  const OnnxModule network = teacher.module(*rest_image.graph, TeacherNetwork::eyebrow_morphing_combiner);
  const OnnxEyebrowLayers of_poses{.eyebrow_layer = for_every_pose(layers.eyebrow_layer, eyebrow_pose),
                                   .background_layer = for_every_pose(layers.background_layer, eyebrow_pose)};
  return paste(for_every_pose(crop(rest_image, kTeacherFaceCrop), eyebrow_pose),
               eyebrow_morphing_combiner(network, of_poses, eyebrow_pose), kEyebrowsInTeacherFace);
}

OnnxValue with_face(const TeacherSource& teacher, const OnnxValue& rest_image, const OnnxValue& face,
                    const OnnxValue& face_pose) {
  const OnnxModule network = teacher.module(*rest_image.graph, TeacherNetwork::face_morpher);
  return paste(for_every_pose(rest_image, face_pose), teacher_face_morpher(network, face, face_pose),
               kTeacherFaceCrop);
}

OnnxValue with_compact_face(const TeacherSource& teacher, const OnnxValue& rest_image,
                            const OnnxValue& face_pose) {
  const OnnxModule network = teacher.module(*rest_image.graph, TeacherNetwork::unet_face_morpher);
  const OnnxValue images = for_every_pose(rest_image, face_pose);
  return paste(images, unet_rotator(network, crop(images, kFaceCrop), face_pose).blended, kFaceCrop);
}

OnnxRotated rotated_body(const TeacherSource& teacher, const OnnxValue& half_image,
                         const OnnxValue& rotation) {
  const OnnxModule network = teacher.module(*half_image.graph, TeacherNetwork::half_resolution_rotator);
  return teacher.architecture() == Architecture::tha3 ? tha3_rotator(network, half_image, rotation)
                                                      : unet_rotator(network, half_image, rotation);
}

OnnxValue edited_body(const TeacherSource& teacher, const OnnxValue& image, const OnnxRotated& coarse,
                      const OnnxValue& rotation) {
  const OnnxModule network = teacher.module(*image.graph, TeacherNetwork::editor);
  switch (teacher.architecture()) {
    case Architecture::tha4:
      return unet_editor(network, image, interpolate(coarse.blended, kImageSize),
                         interpolate(coarse.flow, kImageSize), rotation)
          .blended;
    case Architecture::tha3:
      return tha3_editor(network, image, interpolate(coarse.warped, kImageSize),
                         interpolate(coarse.flow, kImageSize), rotation)
          .blended;
    case Architecture::compact:
      return residual_editor(network, image, coarse, rotation).blended;
  }
  throw Error("an architecture that is not known");
}

}  // namespace tha4
