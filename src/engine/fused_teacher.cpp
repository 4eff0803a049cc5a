#include "tha4/engine/fused_teacher.h"

#include <utility>

#include "cpu_teacher.h"
#include "gpu_teacher.h"
#include <torch/nn/module.h>
#include <torch/types.h>

#include "tha4/base/cuda_graph.h"
#include "tha4/engine/graphed_poser.h"
#include "tha4/poser/teacher_poser.h"

namespace tha4 {
namespace {

void make_channels_last(torch::nn::Module& network) {
  constexpr std::int64_t kConvolution = 4;  // dimensions of its weights
  for (at::Tensor& parameter : network.parameters()) {
    if (parameter.dim() == kConvolution) {
      parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

}  // namespace

std::optional<std::string_view> why_no_fused_teacher(c10::Device device, Architecture architecture) {
  if (device.is_cpu()) return why_no_cpu_teacher(architecture);
  if (!CudaGraph::is_possible()) return "this build cannot capture the work of a GPU";
  return std::nullopt;
}

Precision fused_precision(Architecture architecture) {
  return architecture == Architecture::compact ? Precision::bf16 : Precision::fp16;
}

void play_by_fused_kernels(Teacher& teacher, c10::Device device, Precision precision) {
  teacher.to(device, torch::kFloat);
  if (device.is_cpu()) {
    play_on_cpu(teacher);
    return;
  }
  play_by_gpu_kernels(teacher, device, scalar_type(precision));
  teacher.to(device, scalar_type(precision));
  for (const NamedNetwork& named : teacher.networks()) make_channels_last(*named.network);
}

std::unique_ptr<Poser> make_fused_teacher_poser(Teacher teacher, const at::Tensor& rest_image,
                                                c10::Device device, Precision precision) {
  if (device.is_cpu()) return make_cpu_teacher_poser(std::move(teacher), rest_image);
  play_by_fused_kernels(teacher, device, precision);
  const at::Tensor image = rest_image.unsqueeze(0).contiguous(at::MemoryFormat::ChannelsLast).squeeze(0);
  return std::make_unique<GraphedPoser>(make_teacher_poser(std::move(teacher), image, device, precision));
}

}  // namespace tha4
