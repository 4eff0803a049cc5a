#include "network_files.h"

namespace tha4 {

std::vector<NamedNetwork> named_networks(const TeacherFaceNetworks& networks) {
  return {{"eyebrow_decomposer", networks.eyebrow_decomposer.ptr()},
          {"eyebrow_morphing_combiner", networks.eyebrow_morphing_combiner.ptr()},
          {"face_morpher", networks.face_morpher.ptr()}};
}

TeacherFaceNetworks make_face_networks() {
  return {.eyebrow_decomposer = EyebrowDecomposer(),
          .eyebrow_morphing_combiner = EyebrowMorphingCombiner(),
          .face_morpher = TeacherFaceMorpher()};
}

TeacherFaceNetworks load_face_networks(const std::filesystem::path& folder) {
  return {.eyebrow_decomposer = load_network_file<EyebrowDecomposer>(folder, "eyebrow_decomposer"),
          .eyebrow_morphing_combiner =
              load_network_file<EyebrowMorphingCombiner>(folder, "eyebrow_morphing_combiner"),
          .face_morpher = load_network_file<TeacherFaceMorpher>(folder, "face_morpher")};
}

}  // namespace tha4
