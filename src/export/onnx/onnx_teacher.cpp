#include <utility>
#include <vector>

#include "onnx/onnx_operations.h"
#include "onnx/onnx_pictures.h"
#include "onnx/onnx_ports.h"
#include "onnx/onnx_teacher_stages.h"

#include "tha4/export/onnx_model.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr int kHalfSize = kImageSize / 2;

/// Writes the graphs of single networks into a folder, with the names that EasyVtuber has for them.
class NetworkFiles {
 public:
  NetworkFiles(const TeacherSource& teacher, const fs::path& folder) : teacher_(teacher), folder_(folder) {}

  void write_decomposer();
  void write_combiner();
  void write_morpher();
  void write_compact_morpher();
  void write_rotator();
  void write_tha3_rotator();
  void write_editor();
  void write_tha3_editor();

  const std::vector<fs::path>& files() const { return files_; }

 private:
  void add(const OnnxGraph& graph, const char* name) {
    files_.push_back(folder_ / name);
    graph.write(files_.back());
  }

  const TeacherSource& teacher_;
  const fs::path& folder_;
  std::vector<fs::path> files_;
};

OnnxPort rotation_port() {
  return pose_port("rotation_pose", kFacePoseSize, kRotationPoseSize);
}

OnnxPort rest_image_port(const OnnxDimension& images) {
  return image_port("image_prepared", images, kImageSize, "The rest image");
}

OnnxPort faced_image_port(const std::string& name, int size) {
  return image_port(name, "batch", size, "Rest images with their new faces");
}

/// What a rotator gives the editor: each part of it by its port.
std::vector<std::pair<OnnxValue OnnxRotated::*, OnnxPort>> coarse_ports(Architecture architecture) {
  std::vector<std::pair<OnnxValue OnnxRotated::*, OnnxPort>> ports = {
      {&OnnxRotated::blended, image_port("half_res_posed_image", "batch", kHalfSize, "Frames")},
      {&OnnxRotated::flow, flow_port("half_res_grid_change", kHalfSize)}};
  if (architecture == Architecture::compact) {
    ports.emplace_back(&OnnxRotated::direct,
                       image_port("half_res_direct_image", "batch", kHalfSize, "Drawn colours"));
    ports.emplace_back(&OnnxRotated::alpha, OnnxPort{.name = "half_res_alpha",
                                                     .type = OnnxType::float32,
                                                     .shape = {"batch", 1, kHalfSize, kHalfSize},
                                                     .meaning = "Fraction of the direct images, 0 to 1."});
  }
  return ports;
}

void add_faced_images(const OnnxValue& image) {
  OnnxGraph& graph = *image.graph;
  graph.output(image, faced_image_port("face_morphed_full", kImageSize));
  graph.output(interpolate(image, kHalfSize), faced_image_port("face_morphed_half", kHalfSize));
}

void NetworkFiles::write_decomposer() {
  const auto graph =
      teacher_.graph("decomposer", "Parts the eyebrows of a rest image from the face behind them.");
  const OnnxValue rest_image = picture_input(*graph);
  const OnnxEyebrowLayers layers = eyebrow_layers(teacher_, rest_image);
  graph->output(layers.background_layer,
                image_port("background_layer", 1, kEyebrowCrop.width, "The face without eyebrows"));
  graph->output(layers.eyebrow_layer, image_port("eyebrow_layer", 1, kEyebrowCrop.width, "The eyebrows"));
  graph->output(rest_image, rest_image_port(1));
  add(*graph, "decomposer.onnx");
}

void NetworkFiles::write_combiner() {
  const auto graph = teacher_.graph("combiner", "Moves the eyebrows and lays them over the face.");
  const OnnxValue rest_image = graph->input(rest_image_port("images"));
  const OnnxValue background = graph->input(
      image_port("eyebrow_background_layer", "images", kEyebrowCrop.width, "The face without eyebrows"));
  const OnnxValue eyebrows =
      graph->input(image_port("eyebrow_layer", "images", kEyebrowCrop.width, "The eyebrows"));
  const OnnxValue pose = graph->input(pose_port("eyebrow_pose", 0, kEyebrowPoseSize));
  graph->output(
      with_eyebrows(teacher_, rest_image, {.eyebrow_layer = eyebrows, .background_layer = background}, pose),
      image_port("eyebrow_image", "batch", kTeacherFaceCrop.width, "Face crops with moved eyebrows"));
  add(*graph, "combiner.onnx");
}

void NetworkFiles::write_morpher() {
  const auto graph = teacher_.graph("morpher", "Gives the face its eyes and its mouth.");
  const OnnxValue rest_image = graph->input(rest_image_port("images"));
  const OnnxValue face = graph->input(
      image_port("im_morpher_crop", "batch", kTeacherFaceCrop.width, "Face crops with moved eyebrows"));
  const OnnxValue pose = graph->input(pose_port("face_pose", kEyebrowPoseSize, kEyeMouthPoseSize));
  add_faced_images(with_face(teacher_, rest_image, face, pose));
  add(*graph, "morpher.onnx");
}

void NetworkFiles::write_compact_morpher() {
  const auto graph = teacher_.graph("morpher", "Gives the face of a rest image its expression.");
  const OnnxValue rest_image = picture_input(*graph);
  const OnnxValue pose = graph->input(pose_port("face_pose", 0, kFacePoseSize));
  add_faced_images(with_compact_face(teacher_, rest_image, pose));
  add(*graph, "morpher.onnx");
}

void NetworkFiles::write_rotator() {
  const auto graph = teacher_.graph("body_morpher", "Turns the body, at half the resolution.");
  const OnnxValue image = graph->input(faced_image_port("face_morphed_half", kHalfSize));
  const OnnxRotated rotated = rotated_body(teacher_, image, graph->input(rotation_port()));
  for (const auto& [part, port] : coarse_ports(teacher_.architecture())) graph->output(rotated.*part, port);
  add(*graph, "body_morpher.onnx");
}

void NetworkFiles::write_tha3_rotator() {
  const auto graph = teacher_.graph("rotator", "Turns the body, at half the resolution.");
  const OnnxValue image = graph->input(faced_image_port("face_morphed_half", kHalfSize));
  const OnnxRotated rotated = rotated_body(teacher_, image, graph->input(rotation_port()));
  graph->output(interpolate(rotated.warped, kImageSize),
                image_port("full_warped_image", "batch", kImageSize, "Turned images"));
  graph->output(interpolate(rotated.flow, kImageSize), flow_port("full_grid_change", kImageSize));
  add(*graph, "rotator.onnx");
}

void NetworkFiles::write_editor() {
  const auto graph = teacher_.graph("upscaler", "Redraws the turned body at the full resolution.");
  const OnnxValue image = graph->input(faced_image_port("rest_image", kImageSize));
  OnnxRotated coarse;
  for (const auto& [part, port] : coarse_ports(teacher_.architecture())) coarse.*part = graph->input(port);
  add_picture_outputs(edited_body(teacher_, image, coarse, graph->input(rotation_port())));
  add(*graph, "upscaler.onnx");
}

void NetworkFiles::write_tha3_editor() {
  const auto graph = teacher_.graph("editor", "Redraws the turned body at the full resolution.");
  const OnnxValue image = graph->input(faced_image_port("morphed_image", kImageSize));
  OnnxRotated coarse;
  coarse.warped = graph->input(image_port("rotated_warped_image", "batch", kImageSize, "Turned images"));
  coarse.flow = graph->input(flow_port("rotated_grid_change", kImageSize));
  add_picture_outputs(edited_body(teacher_, image, coarse, graph->input(rotation_port())));
  add(*graph, "editor.onnx");
}

/// Rest images with their new faces.
OnnxValue faces_of(const TeacherSource& teacher, const OnnxValue& rest_image, const OnnxValue& poses) {
  if (teacher.architecture() == Architecture::compact) {
    return with_compact_face(teacher, rest_image, channels_of(poses, 0, kFacePoseSize));
  }
  const OnnxValue face = with_eyebrows(teacher, rest_image, eyebrow_layers(teacher, rest_image),
                                       channels_of(poses, 0, kEyebrowPoseSize));
  return with_face(teacher, rest_image, face, channels_of(poses, kEyebrowPoseSize, kEyeMouthPoseSize));
}

}  // namespace

std::uintmax_t write_onnx_teacher(const fs::path& folder, const fs::path& file,
                                  std::optional<Architecture> architecture) {
  const TeacherSource teacher(folder, architecture);
  const auto graph = teacher.graph("teacher", "Poses any character: from a rest image and poses to frames.");
  const OnnxValue rest_image = graph->input(
      image_port("image_prepared", "images", kImageSize, "A character's rest image, or one for each pose"));
  const OnnxValue poses = graph->input(pose_port("pose", 0, kPoseSize));
  const OnnxValue image = faces_of(teacher, rest_image, poses);
  const OnnxValue rotation = channels_of(poses, kFacePoseSize, kRotationPoseSize);
  const OnnxRotated coarse = rotated_body(teacher, interpolate(image, kHalfSize), rotation);
  graph->output(edited_body(teacher, image, coarse, rotation),
                image_port("blended", "batch", kImageSize, "Frames"));
  return graph->write(file);
}

std::vector<fs::path> write_onnx_teacher_networks(const fs::path& folder, const fs::path& out,
                                                  std::optional<Architecture> architecture) {
  const TeacherSource teacher(folder, architecture);
  NetworkFiles files(teacher, out);
  if (teacher.architecture() == Architecture::compact) {
    files.write_compact_morpher();
  } else {
    files.write_decomposer();
    files.write_combiner();
    files.write_morpher();
  }
  if (teacher.architecture() == Architecture::tha3) {
    files.write_tha3_rotator();
    files.write_tha3_editor();
  } else {
    files.write_rotator();
    files.write_editor();
  }
  return files.files();
}

}  // namespace tha4
