#include <string>

#include "onnx/onnx_operations.h"
#include "onnx/onnx_pictures.h"
#include "onnx/onnx_ports.h"
#include "onnx/onnx_student.h"

#include "tha4/export/onnx_model.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/character.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

OnnxModule face_module(OnnxGraph& graph, const Character& character) {
  graph.set_metadata("face_morpher_kind", to_string(character.face_morpher_kind));
  return {graph, state_dict_of(*character.face_morpher), "face_morpher"};
}

OnnxModule body_module(OnnxGraph& graph, const Character& character) {
  graph.set_metadata("body_rotator_kind", to_string(character.body_rotator_kind));
  return {graph, state_dict_of(*character.body_rotator), "body_rotator"};
}

/// The frames of \p faces in \p rest_image.
OnnxValue posed_bodies(const Character& character, const OnnxValue& rest_image, const OnnxValue& faces,
                       const OnnxValue& poses, SirenSums sums) {
  const OnnxModule network = body_module(*poses.graph, character);
  if (character.body_rotator_kind == BodyRotatorKind::vanilla_siren) {
    return vanilla_siren_body(network, poses);
  }
  const OnnxScope scope(*poses.graph, "rest_image");
  const OnnxValue images = paste(for_every_pose(rest_image, poses), faces, kFaceCrop);
  return student_body(character.body_rotator_kind, network, images, poses, sums);
}

fs::path write_face_network(const Character& character, const fs::path& file) {
  const auto graph = make_graph("face_morpher", "Draws one character's face crop.");
  const OnnxValue poses = graph->input(pose_port("pose", 0, kFacePoseSize));
  graph->output(student_face(character.face_morpher_kind, face_module(*graph, character), poses),
                image_port("face_morphed", "batch", kFaceCrop.width, "Face crops"));
  graph->write(file);
  return file;
}

fs::path write_body_network(const Character& character, const fs::path& file) {
  const auto graph = make_graph("body_morpher", "Poses one character, whose face crop is drawn before.");
  const OnnxValue rest_image = picture_input(*graph);
  const OnnxValue faces = graph->input(image_port("face_morphed", "batch", kFaceCrop.width, "Face crops"));
  const OnnxValue poses = graph->input(pose_port("pose", 0, kPoseSize));
  // Pictures of 8 bits would not show the difference.
  add_picture_outputs(posed_bodies(character, rest_image, faces, poses, SirenSums::rounded));
  graph->write(file);
  return file;
}

}  // namespace

std::uintmax_t write_onnx_character(const fs::path& path, const fs::path& file) {
  const Character character = load_character(path);
  const auto graph = make_graph("character", "Poses one character: from its rest image and poses to frames.");
  const OnnxValue rest_image = graph->input(image_port("image_prepared", "images", kImageSize,
                                                       "The character's rest image, once or for each pose"));
  const OnnxValue poses = graph->input(pose_port("pose", 0, kPoseSize));
  const OnnxValue face_poses = channels_of(poses, 0, kFacePoseSize);
  const OnnxValue faces =
      student_face(character.face_morpher_kind, face_module(*graph, character), face_poses);
  graph->output(posed_bodies(character, rest_image, faces, poses, SirenSums::exact),
                image_port("blended", "batch", kImageSize, "Frames"));
  return graph->write(file);
}

std::vector<fs::path> write_onnx_character_networks(const fs::path& path, const fs::path& folder) {
  const Character character = load_character(path);
  return {write_face_network(character, folder / "face_morpher.onnx"),
          write_body_network(character, folder / "body_morpher.onnx")};
}

}  // namespace tha4
