#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <c10/core/Device.h>

#include "tha4/engine/frame_painter.h"
#include "tha4/poser/character.h"
#include "tha4/poser/poser.h"

namespace tha4 {

class GpuStudent;

/// Why the kernels of GpuStudentPoser cannot play \p character on \p device; nothing where they can: on GPUs
/// from compute capability 7.5 on, where the layers of its SIRENs fit into a warp's registers.
std::optional<std::string_view> why_not_on_gpu(const Character& character, c10::Device device);

/// Poses a distilled character on a GPU, as StudentPoser does, by kernels of the project's own. Of a SIREN,
/// the face, each level of the body, and the last level with warping and blending are one launch each:
/// products are of float16 with sums of float32, positions and sines' arguments are float32. Of a blendshape,
/// the hidden layers, the sums of bases and the pixels are: bases are of 8 bits, as on CPUs. Frames are
/// within 50 dB of the networks' own.
class GpuStudentPoser final : public Poser {
 public:
  /// Throws Error where why_not_on_gpu() gives a reason. The networks of \p character stay as they are.
  GpuStudentPoser(const Character& character, c10::Device device);
  ~GpuStudentPoser() override;

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window = {}) override;
  at::Tensor face(const at::Tensor& poses) override;
  const at::Tensor& rest_image() const override;
  at::Device device() const override;

 private:
  std::unique_ptr<GpuStudent> student_;
};

/// Paints by the same kernels, which write bytes: those that to_rgba_image() makes of GpuStudentPoser's
/// frames. Throws likewise.
std::unique_ptr<FramePainter> make_painter(const Character& character, c10::Device device);

}  // namespace tha4
