#include "gpu_teacher.h"

#include <memory>

#include "gpu_encoder_decoder_player.h"
#include "gpu_unet_player.h"
#include <spdlog/spdlog.h>
#include <torch/types.h>

#include "tha4/base/cuda_program.h"

namespace tha4 {
namespace {

/// Numbers between -1 and 1 that change from pixel to pixel, always the same.
at::Tensor some_numbers(at::IntArrayRef sizes, c10::Device device) {
  const at::Tensor numbers = torch::arange(c10::multiply_integers(sizes), torch::kFloat);
  return torch::sin(numbers * 0.37).view(sizes).to(device);
}

/// Whether \p player gives what the layers in float32 do. Kernels that are compiled for a GPU that nobody has
/// tried are not to be trusted.
bool is_exact(NetworkSubstitute& player, const at::Tensor& image, const at::Tensor& pose,
              const at::Tensor& expected) {
  constexpr double kMaxError = 0.1;  // of the results' deviation: far more than 16 bits cost
  const at::Tensor error = player.forward(image, pose).to(torch::kFloat) - expected;
  return (error.square().mean() <= kMaxError * kMaxError * expected.var()).item<bool>();  // false for NaN
}

constexpr std::int64_t kSide = 64;  // of the images that networks are tried on

/// \param joined  of the paper's editor, see make_unet_program(); or none
bool play_unet(UNetImpl& unet, const Convolution& joined,
               const std::shared_ptr<GpuConvolutions>& convolutions) {
  if (!can_play_on_gpu(unet.options())) return false;
  const PlainUNetProgram program = make_plain_unet_program(unet, joined);
  const auto player = std::make_shared<GpuUNetPlayer>(program, convolutions);
  const c10::Device device = convolutions->device();
  const at::Tensor image = some_numbers({1, program.inputs, kSide, kSide}, device);
  const at::Tensor pose = some_numbers({1, program.pose_embedding[0].size(1)}, device);
  const std::int64_t own = joined ? program.inputs - joined->weight().size(1) : program.inputs;
  const at::Tensor addition =
      joined ? Convolution(joined)->forward(image.narrow(1, own, program.inputs - own)) : at::Tensor();
  unet.set_substitute(nullptr);
  if (!is_exact(*player, image, pose, unet.forward(image.narrow(1, 0, own), pose, addition))) return false;
  unet.set_substitute(player);
  return true;
}

bool play_encoder_decoder(PoseEncoderDecoderImpl& network,
                          const std::shared_ptr<GpuConvolutions>& convolutions) {
  const EncoderDecoderProgram program = make_encoder_decoder_program(network);
  if (!can_play_on_gpu(program)) return false;
  const auto player = std::make_shared<GpuEncoderDecoderPlayer>(program, convolutions);
  const at::Tensor image = some_numbers({1, player->inputs(), kSide, kSide}, convolutions->device());
  const at::Tensor pose = some_numbers({1, player->parameters()}, convolutions->device());
  network.set_substitute(nullptr);
  if (!is_exact(*player, image, pose, network.forward(image, pose))) return false;
  network.set_substitute(player);
  return true;
}

}  // namespace

bool has_map_convolutions(c10::Device device) {
  constexpr int kAmpere = 80;  // the first with copies to shared memory that are waited for later
  return device.is_cuda() && CudaProgram::is_possible() && cuda_limits(device).capability >= kAmpere;
}

int play_by_gpu_kernels(const Teacher& teacher, const std::shared_ptr<GpuConvolutions>& convolutions) {
  const torch::NoGradGuard no_grad;
  const Convolution none{nullptr};
  int players = 0;
  for (const NamedNetwork& named : teacher.networks()) {
    if (auto* combiner = named.network->as<EyebrowMorphingCombinerImpl>())
      players += play_encoder_decoder(combiner->body(), convolutions);
    if (auto* face = named.network->as<TeacherFaceMorpherImpl>())
      players += play_encoder_decoder(face->body(), convolutions);
    if (auto* face = named.network->as<UNetFaceMorpherImpl>())
      players += play_unet(face->body(), none, convolutions);
    if (auto* rotator = named.network->as<HalfResolutionRotatorImpl>())
      players += play_unet(rotator->body(), none, convolutions);
    if (auto* editor = named.network->as<ResidualEditorImpl>())
      players += play_unet(editor->body(), none, convolutions);
    if (auto* editor = named.network->as<EditorImpl>())
      players += play_unet(editor->body(), editor->coarse_image_conv(), convolutions);
  }
  return players;
}

bool play_by_gpu_kernels(const Teacher& teacher, c10::Device device, c10::ScalarType type) {
  const torch::NoGradGuard no_grad;
  const bool is_short = type == c10::kHalf || type == c10::kBFloat16;
  if (!is_short || !has_map_convolutions(device)) return false;
  const int players = play_by_gpu_kernels(teacher, std::make_shared<GpuConvolutions>(device, type));
  if (players > 0) {
    spdlog::info("playing {} networks of the teacher by kernels of our own on {}", players, device.str());
  }
  return players > 0;
}

}  // namespace tha4
