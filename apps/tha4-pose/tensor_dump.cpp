#include "tensor_dump.h"

#include <array>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/machine.h"
#include "tha4/weights/safetensors.h"

namespace tha4::app {
namespace {

constexpr std::array kMembers = {
    std::pair{"blended", &PosedFrame::blended}, std::pair{"warped", &PosedFrame::warped},
    std::pair{"direct", &PosedFrame::direct},   std::pair{"alpha", &PosedFrame::alpha},
    std::pair{"flow", &PosedFrame::flow},       std::pair{"face", &PosedFrame::face}};

/// Of a pixel, in all tensors but the face crop, with an alpha of one channel.
constexpr double kValuesOfAPixel = 4 + 4 + 4 + 1 + 2;

double bytes_of(std::int64_t poses, const Region& region) {
  const double pixels = static_cast<double>(region.width) * region.height;
  const double face = 4.0 * kFaceCrop.width * kFaceCrop.height;
  return static_cast<double>(poses) * (pixels * kValuesOfAPixel + face) * sizeof(float);
}

}  // namespace

TensorDump::TensorDump(std::filesystem::path file, std::int64_t poses, const Region& region)
    : file_(std::move(file)), poses_(poses) {
  constexpr double kGibibyte = 1 << 30;
  const auto memory = static_cast<double>(describe_machine(c10::Device(c10::kCPU)).memory_bytes);
  const double bytes = bytes_of(poses, region);
  if (memory <= 0 || bytes <= memory / 2) return;
  throw InputError(fmt::format(
      "--dump of {} poses takes {:.1f} GiB, and this machine has {:.1f}; name fewer poses, or a part of the "
      "frame by --region",
      poses, bytes / kGibibyte, memory / kGibibyte));
}

void TensorDump::add(std::int64_t first, const PosedFrame& frames) {
  for (const auto& [name, member] : kMembers) {
    const at::Tensor& batch = frames.*member;
    if (!tensors_.contains(name)) {
      auto sizes = batch.sizes().vec();
      sizes.front() = poses_;
      tensors_.insert(name, torch::empty(sizes, torch::kFloat));
    }
    tensors_[name].narrow(0, first, batch.size(0)).copy_(batch);
  }
}

void TensorDump::finish() const {
  write_safetensors(file_, tensors_);
}

}  // namespace tha4::app
