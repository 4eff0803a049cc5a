#include "tha4/nn/teacher/teacher.h"

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/network_precision.h"
#include "tha4/weights/weights_folder.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

using Modules = std::vector<std::shared_ptr<torch::nn::Module>>;

Modules modules_of(const TeacherFaceNetworks& networks) {
  return {networks.eyebrow_decomposer.ptr(), networks.eyebrow_morphing_combiner.ptr(),
          networks.face_morpher.ptr()};
}
Modules modules_of(const UNetFaceMorpher& network) {
  return {network.ptr()};
}
template <class Body>
Modules modules_of(const Body& networks) {
  return {networks.half_resolution_rotator.ptr(), networks.editor.ptr()};
}

bool are_of(Architecture architecture, const FaceStage& face, const BodyStage& body) {
  const bool is_compact = architecture == Architecture::compact;
  return std::holds_alternative<UNetFaceMorpher>(face) == is_compact &&
         std::holds_alternative<CompactBodyNetworks>(body) == is_compact &&
         std::holds_alternative<Tha3BodyNetworks>(body) == (architecture == Architecture::tha3);
}

/// Makes networks of the sizes given.
struct FreshNetworks {
  template <class Network, class Options>
  Network network(TeacherNetwork, const Options& options) const {
    return Network(options);
  }
};

/// Reads networks of one architecture, whose sizes are those of the files.
struct NetworksInFolder {
  const fs::path& folder;
  Architecture architecture;

  template <class Network, class Options>
  Network network(TeacherNetwork network, const Options&) const {
    const std::string name = file_of(architecture, network);
    const fs::path file = find_weights_file(folder, name).value_or(folder / (name + ".pt"));
    return load_network<Network>(read_weights(file), file.string());
  }
};

/// The networks of \p architecture, one after the other from \p source.
template <class Source>
Teacher teacher_from(const Source& source, Architecture architecture) {
  const auto face_networks = [&] {
    const EncoderDecoderOptions published;
    return TeacherFaceNetworks{
        .eyebrow_decomposer =
            source.template network<EyebrowDecomposer>(TeacherNetwork::eyebrow_decomposer, published),
        .eyebrow_morphing_combiner = source.template network<EyebrowMorphingCombiner>(
            TeacherNetwork::eyebrow_morphing_combiner, published),
        .face_morpher = source.template network<TeacherFaceMorpher>(TeacherNetwork::face_morpher, published)};
  };
  // A statement each: the order of arguments is not that in which they are made.
  switch (architecture) {
    case Architecture::tha4: {
      FaceStage face = face_networks();
      BodyStage body = BodyNetworks{
          .half_resolution_rotator = source.template network<HalfResolutionRotator>(
              TeacherNetwork::half_resolution_rotator, HalfResolutionRotatorImpl::published_options()),
          .editor = source.template network<Editor>(TeacherNetwork::editor, EditorImpl::published_options())};
      return {architecture, std::move(face), std::move(body)};
    }
    case Architecture::tha3: {
      FaceStage face = face_networks();
      BodyStage body = Tha3BodyNetworks{.half_resolution_rotator = source.template network<Tha3Rotator>(
                                            TeacherNetwork::half_resolution_rotator, EncoderDecoderOptions{}),
                                        .editor = source.template network<Tha3Editor>(
                                            TeacherNetwork::editor, Tha3EditorImpl::published_options())};
      return {architecture, std::move(face), std::move(body)};
    }
    case Architecture::compact: {
      FaceStage face = source.template network<UNetFaceMorpher>(TeacherNetwork::unet_face_morpher,
                                                                UNetFaceMorpherImpl::compact_options());
      BodyStage body = CompactBodyNetworks{
          .half_resolution_rotator = source.template network<HalfResolutionRotator>(
              TeacherNetwork::half_resolution_rotator, HalfResolutionRotatorImpl::compact_options()),
          .editor = source.template network<ResidualEditor>(TeacherNetwork::editor,
                                                            ResidualEditorImpl::compact_options())};
      return {architecture, std::move(face), std::move(body)};
    }
  }
  throw Error("an architecture that is not known");
}

}  // namespace

Teacher::Teacher(Architecture architecture, FaceStage face, BodyStage body)
    : architecture_(architecture), face_(std::move(face)), body_(std::move(body)) {
  if (!are_of(architecture_, face_, body_)) {
    throw Error("these are not the networks of a " + to_string(architecture_) + " teacher");
  }
}

std::vector<NamedNetwork> Teacher::networks() const {
  const auto modules = [](const auto& stage) { return modules_of(stage); };
  Modules all = std::visit(modules, face_);
  for (auto& network : std::visit(modules, body_)) all.push_back(std::move(network));
  std::vector<NamedNetwork> named;
  for (const ArchitectureRow& row : rows_of(architecture_)) {
    named.push_back({std::string(row.file), all.at(named.size())});
  }
  return named;
}

void Teacher::to(c10::Device device, c10::ScalarType type) {
  for (const NamedNetwork& named : networks()) {
    move_network(*named.network, device, type);
    named.network->eval();
  }
}

PreparedImage Teacher::prepare(const at::Tensor& rest_image) {
  return {.rest_image = rest_image, .layers = decompose_eyebrows(face_, rest_image)};
}

at::Tensor Teacher::face(const PreparedImage& image, const at::Tensor& poses) {
  return morph_face(face_, image.rest_image, image.layers, poses).face;
}

BodyStageOutput Teacher::rotate(const at::Tensor& image, const at::Tensor& poses) {
  return rotate_body(body_, image, poses);
}

TeacherOutput Teacher::operator()(const PreparedImage& image, const at::Tensor& poses) {
  TeacherOutput output;
  output.face = morph_face(face_, image.rest_image, image.layers, poses);
  output.face_morphed_image = paste(image.rest_image, output.face.face, kTeacherFaceCrop);
  BodyStageOutput body = rotate_body(body_, output.face_morphed_image, poses);
  output.editor = std::move(body.editor);
  output.half_resolution = std::move(body.half_resolution);
  return output;
}

Teacher make_teacher(Architecture architecture) {
  return teacher_from(FreshNetworks{}, architecture);
}

Teacher load_teacher(const fs::path& folder, std::optional<Architecture> architecture) {
  if (!architecture) architecture = architecture_of(folder);
  check_whole(folder, *architecture);
  return teacher_from(NetworksInFolder{folder, *architecture}, *architecture);
}

}  // namespace tha4
