#include "tha4/nn/cost/parameter_count.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/config.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/nn/teacher/teacher.h"

namespace tha4 {
namespace {

/// The numbers in all tensors of a checkpoint whose shapes \p entries lists.
std::int64_t numbers_in(const nlohmann::json& entries) {
  std::int64_t sum = 0;
  for (const auto& entry : entries) {
    std::int64_t product = 1;
    for (const auto& size : entry[0]) product *= size.get<std::int64_t>();
    sum += product;
  }
  return sum;
}

template <class Network>
std::int64_t parameters_of() {
  const SkipInitialization skip;
  return count_parameters(*Network());
}

nlohmann::json manifest(const char* file) {
  return read_json_file(std::filesystem::path(THA4_FIXTURES_DIR) / file);
}

TEST(ParameterCount, IsThatOfTheOfficialCheckpoints) {
  const auto expected = manifest("state_dict_manifest.json");
  EXPECT_EQ(parameters_of<EyebrowDecomposer>(), numbers_in(expected["eyebrow_decomposer"]));
  EXPECT_EQ(parameters_of<EyebrowMorphingCombiner>(), numbers_in(expected["eyebrow_morphing_combiner"]));
  EXPECT_EQ(parameters_of<TeacherFaceMorpher>(), numbers_in(expected["face_morpher"]));
  EXPECT_EQ(parameters_of<HalfResolutionRotator>(), numbers_in(expected["body_morpher"]));
  EXPECT_EQ(parameters_of<Editor>(), numbers_in(expected["upscaler"]));
  EXPECT_EQ(parameters_of<SirenFaceMorpher>(), numbers_in(expected["student_face_morpher"]));
  EXPECT_EQ(parameters_of<SirenBodyRotator>(), numbers_in(expected["student_body_morpher"]));
}

TEST(ParameterCount, IsThatOfTheTha3Checkpoints) {
  const auto expected = manifest("random_tha3_teacher/manifest_full.json");
  EXPECT_EQ(parameters_of<Tha3Rotator>(), numbers_in(expected["tha3_two_algo_face_body_rotator"]));
  EXPECT_EQ(parameters_of<Tha3Editor>(), numbers_in(expected["tha3_editor"]));
}

}  // namespace
}  // namespace tha4
