#pragma once

#include "host_splitter.h"

#include "tha4/poser/poser.h"

namespace tha4 {

/// Poses a rig with frames that go through the host's memory, wherever they are drawn.
class HostRigPoser final : public Poser {
 public:
  HostRigPoser(Rig rig, c10::Device device);

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override;
  at::Tensor face(const at::Tensor& poses) override;
  const at::Tensor& rest_image() const override { return rest_image_; }
  c10::Device device() const override { return device_; }

 private:
  RigRenderer renderer_;
  c10::Device device_;
  at::Tensor rest_image_;
  HostSplitter splitter_;
};

}  // namespace tha4
