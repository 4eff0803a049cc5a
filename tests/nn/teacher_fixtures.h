#pragma once

#include <string>
#include <vector>

#include "test_files.h"
#include <ATen/core/Tensor.h>

#include "tha4/nn/blocks/encoder_decoder_options.h"
#include "tha4/nn/blocks/unet.h"
#include "tha4/nn/teacher/teacher.h"
#include "tha4/weights/state_dict.h"

namespace tha4::testing {

/// The recorded inputs and outputs of one of the random teachers.
struct RecordedTeacher {
  StateDict tensors;
  at::Tensor rest_image;  ///< [1, 4, 512, 512]
  at::Tensor poses;       ///< [2, 45]
};
RecordedTeacher recorded_teacher(const std::string& name);

/// Sizes that are quick to compute, and at which no normalisation group is a single channel (a bias before
/// such a group has no effect).
EncoderDecoderOptions small_encoder_decoder();
UNetOptions small_unet();

at::Tensor random_images(int count, int size, int channels = 4);

/// That \p text has all of \p parts.
void expect_mentions(const std::string& text, const std::vector<std::string>& parts);

/// The largest absolute difference.
double distance(const at::Tensor& a, const at::Tensor& b);

}  // namespace tha4::testing
