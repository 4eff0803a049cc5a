#include "teacher_fixtures.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/weights/safetensors.h"

namespace tha4::testing {

RecordedTeacher recorded_teacher(const std::string& name) {
  RecordedTeacher recorded;
  recorded.tensors = read_safetensors(data_file(name) / "expected.safetensors");
  recorded.rest_image = recorded.tensors["image_u8"].to(torch::kFloat32).div(127.5).sub(1).unsqueeze(0);
  recorded.poses = recorded.tensors["poses"];
  return recorded;
}

EncoderDecoderOptions small_encoder_decoder() {
  EncoderDecoderOptions options;
  options.level_channels = {4, 8, 12};
  options.bottleneck_blocks = 2;
  return options;
}

UNetOptions small_unet() {
  UNetOptions options;
  options.model_channels = 64;
  options.levels = {{64}, {64}, {128, true}};
  options.middle_blocks = 2;
  options.condition_channels = 16;
  return options;
}

at::Tensor random_images(int count, int size, int channels) {
  return torch::rand({count, channels, size, size}) * 2 - 1;
}

void expect_mentions(const std::string& text, const std::vector<std::string>& parts) {
  for (const auto& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text << " lacks " << part;
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

}  // namespace tha4::testing
