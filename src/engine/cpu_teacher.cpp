#include "cpu_teacher.h"

#include <utility>

#include "convolution_kernels.h"
#include "encoder_decoder_player.h"
#include "map_player.h"
#include "unet_player.h"
#include "unet_program.h"

#include "tha4/base/single_thread.h"
#include "tha4/engine/fused_student.h"
#include "tha4/engine/fused_teacher.h"
#include "tha4/poser/teacher_poser.h"

namespace tha4 {
namespace {

/// A teacher whose networks are all played by kernels: the little that is left to LibTorch is done by one
/// thread.
class SingleThreadPoser final : public Poser {
 public:
  explicit SingleThreadPoser(std::unique_ptr<Poser> poser) : poser_(std::move(poser)) {}

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override {
    const SingleThread single;
    return poser_->pose(poses, window);
  }
  at::Tensor face(const at::Tensor& poses) override {
    const SingleThread single;
    return poser_->face(poses);
  }
  const at::Tensor& rest_image() const override { return poser_->rest_image(); }
  at::Device device() const override { return poser_->device(); }

 private:
  std::unique_ptr<Poser> poser_;
};

}  // namespace

void play_unet_by_kernels(UNetImpl& unet, const Convolution& joined, std::shared_ptr<MapPlayer> player) {
  UNetProgram program = make_unet_program(unet, joined, player->type());
  unet.set_substitute(std::make_shared<UNetPlayer>(std::move(program), std::move(player)));
}

void play_encoder_decoder_by_kernels(PoseEncoderDecoderImpl& network, std::shared_ptr<MapPlayer> player) {
  network.set_substitute(
      std::make_shared<EncoderDecoderPlayer>(make_encoder_decoder_program(network), std::move(player)));
}

void play_by_kernels(const Teacher& teacher, MapType type, std::shared_ptr<TileWorkers> workers) {
  // Faces are drawn by norms of single channels, which show what 16 bits round off: 44 dB of fresh weights.
  const auto faces = std::make_shared<MapPlayer>(MapType::fp32, workers);
  const auto player = std::make_shared<MapPlayer>(type, std::move(workers));
  const Convolution none{nullptr};
  for (const NamedNetwork& named : teacher.networks()) {
    if (auto* combiner = named.network->as<EyebrowMorphingCombinerImpl>())
      play_encoder_decoder_by_kernels(combiner->body(), faces);
    if (auto* face = named.network->as<TeacherFaceMorpherImpl>())
      play_encoder_decoder_by_kernels(face->body(), faces);
    if (auto* face = named.network->as<UNetFaceMorpherImpl>())
      play_unet_by_kernels(face->body(), none, player);
    if (auto* rotator = named.network->as<HalfResolutionRotatorImpl>())
      play_unet_by_kernels(rotator->body(), none, player);
    if (auto* editor = named.network->as<ResidualEditorImpl>())
      play_unet_by_kernels(editor->body(), none, player);
    if (auto* editor = named.network->as<EditorImpl>())
      play_unet_by_kernels(editor->body(), editor->coarse_image_conv(), player);
  }
}

MapType usual_map_type() {
  return has_bf16_products() ? MapType::bf16 : MapType::fp32;
}

std::optional<std::string_view> why_no_cpu_teacher(Architecture architecture) {
  if (architecture == Architecture::tha3) return "THA3's networks have no kernels for CPUs";
  if (fused_student_target() == "SCALAR") return "the kernels know no vector instructions of this processor";
  return std::nullopt;
}

void play_on_cpu(const Teacher& teacher) {
  play_by_kernels(teacher, usual_map_type(), std::make_shared<TileWorkers>(usual_threads()));
}

std::string cpu_teacher_kernels() {
  return fused_student_target() + (usual_map_type() == MapType::bf16 ? ", bf16" : ", fp32");
}

std::unique_ptr<Poser> make_cpu_teacher_poser(Teacher teacher, const at::Tensor& rest_image) {
  teacher.to(c10::kCPU, c10::kFloat);
  play_on_cpu(teacher);
  return std::make_unique<SingleThreadPoser>(make_teacher_poser(std::move(teacher), rest_image, c10::kCPU));
}

}  // namespace tha4
