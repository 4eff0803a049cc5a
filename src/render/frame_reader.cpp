#include "frame_reader.h"

#include "cuda_buffer.h"
#include <torch/types.h>

namespace tha4 {
namespace {

/// Reads the planes one after the other to \p to: memory, or 0 for the start of the buffer that is bound.
void read_planes(const GlTarget& target, std::size_t first, const Region& region, std::int64_t count,
                 float* to) {
  const auto area = static_cast<std::size_t>(region.width) * region.height;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto plane = static_cast<std::size_t>(i);
    target.read(first + plane, region, GL_RED, GL_FLOAT, to + plane * area);
  }
}

}  // namespace

FrameReader::FrameReader(c10::Device device) : device_(device) {
  if (device.is_cuda() && CudaBuffer::is_possible(device)) buffer_ = std::make_unique<CudaBuffer>(device);
}

FrameReader::~FrameReader() = default;

void FrameReader::read(const GlTarget& target, std::size_t first, const Region& region,
                       const at::Tensor& planes) {
  const std::int64_t count = planes.size(0);
  if (buffer_ != nullptr) {
    buffer_->fit(static_cast<std::size_t>(planes.numel()) * sizeof(float));
    glBindBuffer(GL_PIXEL_PACK_BUFFER, buffer_->name());
    read_planes(target, first, region, count, nullptr);
    glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
    buffer_->copy_to(planes);
  } else if (device_.is_cpu()) {
    read_planes(target, first, region, count, planes.mutable_data_ptr<float>());
  } else {
    const at::Tensor on_host = torch::empty(planes.sizes(), torch::kFloat32);
    read_planes(target, first, region, count, on_host.mutable_data_ptr<float>());
    planes.copy_(on_host);
  }
}

}  // namespace tha4
