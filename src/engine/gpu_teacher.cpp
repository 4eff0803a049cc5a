#include "gpu_teacher.h"

#include <memory>

#include "gpu_convolutions.h"
#include "gpu_unet_player.h"

#include "tha4/base/cuda_program.h"

namespace tha4 {
namespace {

/// \param joined  of the paper's editor, see make_unet_program(); or none
bool play_unet(UNetImpl& unet, const Convolution& joined,
               const std::shared_ptr<GpuConvolutions>& convolutions) {
  if (!can_play_on_gpu(unet.options())) return false;
  unet.set_substitute(std::make_shared<GpuUNetPlayer>(make_plain_unet_program(unet, joined), convolutions));
  return true;
}

}  // namespace

bool has_map_convolutions(c10::Device device) {
  constexpr int kAmpere = 80;  // the first with copies to shared memory that are waited for later
  return device.is_cuda() && CudaProgram::is_possible() && cuda_limits(device).capability >= kAmpere;
}

bool play_by_gpu_kernels(const Teacher& teacher, c10::Device device, c10::ScalarType type) {
  if (!has_map_convolutions(device)) return false;
  const auto convolutions = std::make_shared<GpuConvolutions>(device, type);
  const Convolution none{nullptr};
  bool plays = false;
  for (const NamedNetwork& named : teacher.networks()) {
    if (auto* face = named.network->as<UNetFaceMorpherImpl>())
      plays |= play_unet(face->body(), none, convolutions);
    if (auto* rotator = named.network->as<HalfResolutionRotatorImpl>())
      plays |= play_unet(rotator->body(), none, convolutions);
    if (auto* editor = named.network->as<ResidualEditorImpl>())
      plays |= play_unet(editor->body(), none, convolutions);
    if (auto* editor = named.network->as<EditorImpl>())
      plays |= play_unet(editor->body(), editor->coarse_image_conv(), convolutions);
  }
  return plays;
}

}  // namespace tha4
