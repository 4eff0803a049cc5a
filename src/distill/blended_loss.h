#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/image/region.h"

namespace tha4 {

struct TeacherFrames;

/// Pixels of a row, [begin, end).
struct PixelSpan {
  int begin = 0, end = 0;
};

/// What a teacher drew, as a body rotator is tuned on it: 16 bits, channels last, of the part of the frame in
/// which something is ever drawn.
class BlendedFrames {
 public:
  /// \param rest_image  image tensor [4, 512, 512]
  /// \param device      where the frames are kept
  BlendedFrames(const TeacherFrames& frames, const at::Tensor& rest_image, c10::Device device);

  std::int64_t count() const { return blended_.size(0); }
  /// The part of the frame that losses look at.
  const FrameWindow& window() const { return window_; }
  /// Of each row of the window, the pixels around those in which something is ever drawn, from the window's
  /// left edge on: what lies beside them is empty in all frames.
  const std::vector<PixelSpan>& spans() const { return spans_; }

  const at::Tensor& rest_image() const { return rest_image_; }  ///< float32 [4, 512, 512]
  const at::Tensor& blended() const { return blended_; }        ///< int16 [N, h, w, 4], of 1 / kOne
  const at::Tensor& faces() const { return faces_; }            ///< int16 [N, 128, 128, 4], likewise

  static constexpr float kOne = 32767;

 private:
  FrameWindow window_;
  std::vector<PixelSpan> spans_;
  at::Tensor rest_image_;
  at::Tensor blended_;
  at::Tensor faces_;
};

/// The rows \p rows, an int64 tensor, of what BlendedFrames keeps in 16 bits: float32 [rows, 4, h, w].
at::Tensor in_floats(const at::Tensor& fixed, const at::Tensor& rows);

/// The two maps of a blendshape body rotator, where the pixels of a window need them.
struct BodyMaps {
  at::Tensor flow;        ///< float32 [N, h, w, 2], x before y
  at::Tensor appearance;  ///< float32 [N, h, w, 5]: alpha, and alpha times the directly drawn colours
  int flow_size;          ///< cells across the whole map
  int appearance_size;
};

/// How far what \p maps make of the rest image is from the frames \p rows: the mean of the error's absolute
/// value, plus \p squared_weight times that of its square. A scalar with a gradient to both maps.
at::Tensor blended_loss_by_layers(const BodyMaps& maps, const BlendedFrames& frames,
                                  const std::vector<std::int64_t>& rows, double squared_weight);

}  // namespace tha4
