#include "tha4/engine/gpu_student_poser.h"

#include "gpu_blend_networks.h"
#include "gpu_siren_networks.h"
#include "gpu_student.h"
#include <torch/types.h>

#include "tha4/base/cuda_program.h"
#include "tha4/base/error.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

constexpr int kMinCapability = 75;  // the first with products of float16 that add up in float32 registers

/// Poses where the kernels take them: a single one may stay on the CPU.
GpuPoses to_batch_for_kernels(const at::Tensor& poses, c10::Device device) {
  const bool is_one = poses.is_cpu() && poses.dim() == 2 && poses.size(0) == 1;
  return to_pose_batch(poses, is_one ? c10::Device(c10::kCPU) : device).contiguous();
}

/// Paints what the kernels draw.
class GpuStudentPainter final : public FramePainter {
 public:
  GpuStudentPainter(const Character& character, c10::Device device) : student_(character, device) {}

  void paint(const Pose& pose, const FrameWindow& window, AlphaKind alpha, std::uint8_t* pixels) override {
    check_window(window);
    const torch::NoGradGuard no_grad;
    student_.paint(to_tensor({&pose, 1}), window, alpha, pixels);
  }

 private:
  GpuStudent student_;
};

void check_kernels(const Character& character, c10::Device device) {
  if (const auto problem = why_not_on_gpu(character, device)) throw Error(std::string(*problem));
}

}  // namespace

std::unique_ptr<GpuFaceMorpher> gpu_face_morpher(const Character& character, c10::Device device) {
  if (character.face_morpher_kind == FaceMorpherKind::siren) {
    return std::make_unique<GpuSirenFace>(character, device);
  }
  return std::make_unique<GpuBlendFace>(dynamic_cast<BlendshapeFaceMorpherImpl&>(*character.face_morpher),
                                        device);
}

std::unique_ptr<GpuBodyRotator> gpu_body_rotator(const Character& character, c10::Device device) {
  if (character.body_rotator_kind != BodyRotatorKind::blendshape) {
    return std::make_unique<GpuSirenBody>(character, device);
  }
  return std::make_unique<GpuBlendBody>(dynamic_cast<BlendshapeBodyRotatorImpl&>(*character.body_rotator),
                                        device);
}

std::optional<std::string_view> why_not_on_gpu(const Character& character, c10::Device device) {
  if (!device.is_cuda() || !CudaProgram::is_possible())
    return "there is no GPU that kernels can be compiled for";
  const CudaLimits limits = cuda_limits(device);
  if (limits.capability < kMinCapability) return "the kernels need a GPU of compute capability 7.5 or newer";
  const bool face_fits =
      character.face_morpher_kind == FaceMorpherKind::blendshape || siren_face_fits(character, limits);
  const bool body_fits =
      character.body_rotator_kind == BodyRotatorKind::blendshape || siren_body_fits(character, limits);
  if (!face_fits || !body_fits) return "layers as wide as its own have no kernels on GPUs";
  return std::nullopt;
}

GpuStudentPoser::GpuStudentPoser(const Character& character, c10::Device device) {
  check_kernels(character, device);
  student_ = std::make_unique<GpuStudent>(character, device);
}

GpuStudentPoser::~GpuStudentPoser() = default;

PosedFrame GpuStudentPoser::pose(const at::Tensor& poses, const FrameWindow& window) {
  check_window(window);
  const torch::NoGradGuard no_grad;
  return student_->draw(to_batch_for_kernels(poses, device()), window);
}

at::Tensor GpuStudentPoser::face(const at::Tensor& poses) {
  const torch::NoGradGuard no_grad;
  return student_->draw_face(to_batch_for_kernels(poses, device()));
}

const at::Tensor& GpuStudentPoser::rest_image() const {
  return student_->rest_image();
}

at::Device GpuStudentPoser::device() const {
  return student_->device();
}

std::unique_ptr<FramePainter> make_painter(const Character& character, c10::Device device) {
  check_kernels(character, device);
  return std::make_unique<GpuStudentPainter>(character, device);
}

}  // namespace tha4
