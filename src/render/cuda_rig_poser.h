#pragma once

#include <optional>

#include "cuda_buffer.h"
#include "frame_drawer.h"
#include "frame_splitter.h"
#include "gl_context.h"

#include "tha4/poser/poser.h"

namespace tha4 {

/// Poses a rig with frames that never leave the CUDA device that draws them.
class CudaRigPoser final : public Poser {
 public:
  /// Whether \p device is a CUDA device that OpenGL draws on.
  static bool is_possible(c10::Device device);

  CudaRigPoser(Rig rig, c10::Device device);
  ~CudaRigPoser() override;
  CudaRigPoser(const CudaRigPoser&) = delete;
  CudaRigPoser& operator=(const CudaRigPoser&) = delete;

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override;
  at::Tensor face(const at::Tensor& poses) override;
  const at::Tensor& rest_image() const override { return rest_image_; }
  c10::Device device() const override { return device_; }

 private:
  /// Everything that OpenGL owns.
  struct Drawing {
    Drawing(const Rig& rig, c10::Device device) : drawer(rig), splitter(drawer), buffer(device) {}
    FrameDrawer drawer;
    FrameSplitter splitter;
    CudaBuffer buffer;
  };

  template <class... Sizes>
  at::Tensor make_tensor(Sizes... sizes) const;
  void read(const GlTarget& target, std::size_t first, const Region& region, const at::Tensor& planes);

  Rig rig_;
  c10::Device device_;
  GlContext context_;
  std::optional<Drawing> drawing_;
  at::Tensor rest_image_;
};

}  // namespace tha4
