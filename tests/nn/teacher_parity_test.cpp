#include <iostream>
#include <map>

#include "teacher_fixtures.h"
#include <gtest/gtest.h>
#include <torch/torch.h>

// The outputs of the published implementation, recorded for teachers with random weights.

namespace tha4 {
namespace {

using Outputs = std::map<std::string, at::Tensor>;

constexpr double kLargestError = 1e-3;

/// The published networks' outputs in their order.
void add_numbered(Outputs& outputs, const std::string& name, const std::vector<at::Tensor>& tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) outputs[name + "_" + std::to_string(i)] = tensors[i];
}

std::vector<at::Tensor> in_order(const EyebrowDecomposerOutput& output) {
  return {output.eyebrow_layer,    output.eyebrow_layer_alpha,    output.eyebrow_layer_color,
          output.background_layer, output.background_layer_alpha, output.background_layer_color};
}

std::vector<at::Tensor> in_order(const EyebrowMorphingCombinerOutput& output) {
  return {
      output.combined_by_combine_alpha, output.combine_alpha,       output.combined,     output.morphed_layer,
      output.morphed_layer_alpha,       output.morphed_layer_color, output.warped_layer, output.flow};
}

std::vector<at::Tensor> in_order(const TeacherFaceMorpherOutput& output) {
  return {output.face,
          output.eye_alpha,
          output.eye_color,
          output.iris_mouth,
          output.iris_mouth_alpha,
          output.iris_mouth_color,
          output.iris_mouth_warped,
          output.iris_mouth_flow};
}

void add_named(Outputs& outputs, const std::string& name, const RotatorOutput& output) {
  outputs[name + "_blended"] = output.blended;
  outputs[name + "_alpha"] = output.alpha;
  outputs[name + "_warped"] = output.warped;
  outputs[name + "_flow"] = output.flow;
  outputs[name + "_direct"] = output.direct;
}

/// Compares every recorded output of both poses with the images of \p outputs, all of which must be recorded.
void expect_recorded(const testing::RecordedTeacher& recorded, const Outputs& outputs) {
  std::size_t compared = 0;
  for (const auto& entry : recorded.tensors) {
    const std::string& key = entry.key();
    if (key == "poses" || key == "image_u8") continue;
    const int pose = key.at(4) - '0';
    const auto output = outputs.find(key.substr(6));
    ASSERT_NE(output, outputs.end()) << key;
    const auto& images = output->second;
    const auto image = images[images.size(0) == 1 ? 0 : pose];
    const std::int64_t stride = image.size(1) >= 256 ? 8 : 4;
    const auto strided = image.slice(1, 0, std::nullopt, stride).slice(2, 0, std::nullopt, stride);
    ASSERT_EQ(strided.sizes(), entry.value().sizes()) << key;
    const double error = testing::distance(strided, entry.value());
    std::cout << "  " << key << ": largest error " << error << "\n";
    EXPECT_LE(error, kLargestError) << key;
    ++compared;
  }
  EXPECT_EQ(compared, 2 * outputs.size());
}

TEST(TeacherParity, EveryOutputOfTheTha4Teacher) {
  const torch::NoGradGuard no_grad;
  const auto recorded = testing::recorded_teacher("random_teacher");
  TeacherPipeline teacher(load_teacher_networks(testing::data_folder("random_teacher")));
  const auto output = teacher(recorded.rest_image, teacher.decompose(recorded.rest_image), recorded.poses);
  Outputs outputs{{"face_morphed_full", output.face_morphed_image}};
  add_named(outputs, "editor", output.editor);
  add_named(outputs, "body", output.half_resolution);
  add_numbered(outputs, "face_morpher", in_order(output.face.face_morpher));
  add_numbered(outputs, "eyebrow_combiner", in_order(output.face.combiner));
  add_numbered(outputs, "eyebrow_decomposer", in_order(output.layers));
  expect_recorded(recorded, outputs);
}

TEST(TeacherParity, EveryOutputOfTheTha3Teacher) {
  const torch::NoGradGuard no_grad;
  const auto recorded = testing::recorded_teacher("random_tha3_teacher");
  Tha3Pipeline teacher(load_tha3_networks(testing::data_folder("random_tha3_teacher")));
  const auto output = teacher(recorded.rest_image, teacher.decompose(recorded.rest_image), recorded.poses);
  Outputs outputs;
  add_numbered(outputs, "editor",
               {output.editor.blended, output.editor.alpha, output.editor.direct, output.editor.warped,
                output.editor.flow});
  add_numbered(outputs, "two_algo_face_body_rotator",
               {output.half_resolution.direct, output.half_resolution.warped, output.half_resolution.flow});
  auto face = in_order(output.face.face_morpher);
  face.pop_back();  // the THA3 code does not give its flow out
  add_numbered(outputs, "face_morpher", face);
  add_numbered(outputs, "eyebrow_morphing_combiner", in_order(output.face.combiner));
  add_numbered(outputs, "eyebrow_decomposer", in_order(output.layers));
  expect_recorded(recorded, outputs);
}

}  // namespace
}  // namespace tha4
