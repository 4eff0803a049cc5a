#include <map>
#include <sstream>

#include "teacher_fixtures.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/config.h"

namespace tha4 {
namespace {

/// Name to "[shape] type".
using Manifest = std::map<std::string, std::string>;

Manifest manifest_of(const nlohmann::json& entries) {
  Manifest manifest;
  for (const auto& [key, entry] : entries.items()) {
    manifest[key] = entry[0].dump() + " " + entry[1].get<std::string>();
  }
  return manifest;
}

template <class Network>
Manifest manifest_of_network() {
  const SkipInitialization skip;
  const Network network;
  Manifest manifest;
  for (const auto& entry : state_dict_of(*network)) {
    const auto& tensor = entry.value();
    EXPECT_EQ(tensor.scalar_type(), torch::kFloat32);
    manifest[entry.key()] = nlohmann::json(tensor.sizes().vec()).dump() + " float32";
  }
  return manifest;
}

TEST(TeacherKeys, AreThoseOfTheOfficialTha4Checkpoints) {
  const auto expected = read_json_file(data_file("state_dict_manifest.json"));
  EXPECT_EQ(manifest_of_network<EyebrowDecomposer>(), manifest_of(expected["eyebrow_decomposer"]));
  EXPECT_EQ(manifest_of_network<EyebrowMorphingCombiner>(),
            manifest_of(expected["eyebrow_morphing_combiner"]));
  EXPECT_EQ(manifest_of_network<TeacherFaceMorpher>(), manifest_of(expected["face_morpher"]));
  EXPECT_EQ(manifest_of_network<HalfResolutionRotator>(), manifest_of(expected["body_morpher"]));
  EXPECT_EQ(manifest_of_network<Editor>(), manifest_of(expected["upscaler"]));
}

TEST(TeacherKeys, AreThoseOfTheOfficialTha3Checkpoints) {
  const auto expected = read_json_file(data_file("random_tha3_teacher") / "manifest_full.json");
  EXPECT_EQ(manifest_of_network<EyebrowDecomposer>(), manifest_of(expected["tha3_eyebrow_decomposer"]));
  EXPECT_EQ(manifest_of_network<EyebrowMorphingCombiner>(),
            manifest_of(expected["tha3_eyebrow_morphing_combiner"]));
  EXPECT_EQ(manifest_of_network<TeacherFaceMorpher>(), manifest_of(expected["tha3_face_morpher"]));
  EXPECT_EQ(manifest_of_network<Tha3Rotator>(), manifest_of(expected["tha3_two_algo_face_body_rotator"]));
  EXPECT_EQ(manifest_of_network<Tha3Editor>(), manifest_of(expected["tha3_editor"]));
}

}  // namespace
}  // namespace tha4
