#include "tha4/engine/gpu_student_poser.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <vector>

#include "gpu_siren_level.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

constexpr int kColorChannels = 4;
constexpr int kMinCapability = 75;  // the first with products of float16 that add up in float32 registers

std::vector<SirenMatrices> face_matrices(const Character& character) {
  return siren_matrices(state_dict_of(*character.face_morpher), kFaceCrop.width);
}

std::vector<SirenMatrices> body_matrices(const Character& character) {
  return siren_matrices(state_dict_of(*character.body_rotator),
                        character.body_rotator_kind == BodyRotatorKind::siren ? SirenResolution::multiple
                                                                              : SirenResolution::single);
}

/// What the last of a network's levels gives, and what those before it do.
SirenOutput output_of(const std::vector<SirenMatrices>& levels, const SirenMatrices& level,
                      SirenOutput last) {
  return &level == &levels.back() ? last : SirenOutput::map;
}

bool fits(const std::vector<SirenMatrices>& levels, SirenOutput last, const CudaLimits& limits) {
  return std::all_of(levels.begin(), levels.end(), [&](const SirenMatrices& level) {
    return lay_out_level(level, output_of(levels, level, last), limits.capability, limits.shared_bytes).has_value();
  });
}

/// Poses where the kernels take them: a single one may stay on the CPU.
at::Tensor to_batch_for_kernels(const at::Tensor& poses, c10::Device device) {
  const bool is_one = poses.is_cpu() && poses.dim() == 2 && poses.size(0) == 1;
  return to_pose_batch(poses, is_one ? c10::Device(c10::kCPU) : device).contiguous();
}

/// Arguments of a level that draws \p region of a grid of \p resolution pixels a side.
kernels::SirenLevel drawing(const at::Tensor& poses, int resolution, const Region& region) {
  kernels::SirenLevel level{};
  if (poses.is_cpu()) {
    std::copy_n(poses.data_ptr<float>(), poses.numel(), level.pose);
  } else {
    level.poses = poses.data_ptr<float>();
    level.pose_stride = static_cast<int>(poses.size(1));
  }
  level.resolution = resolution;
  level.x = region.x;
  level.y = region.y;
  level.width = region.width;
  level.height = region.height;
  return level;
}

/// What a level draws for the next one.
struct LevelMap {
  at::Tensor values;  ///< [N, size, size, stride]

  /// Has room for the maps of \p poses.
  void reserve(std::int64_t poses, int size, int stride, c10::Device device) {
    if (values.defined() && values.size(0) >= poses) return;
    values = torch::empty({poses, size, size, stride}, torch::TensorOptions().device(device));
  }
};

}  // namespace

std::optional<std::string_view> why_not_on_gpu(const Character& character, c10::Device device) {
  if (character.face_morpher_kind != FaceMorpherKind::siren ||
      (character.body_rotator_kind != BodyRotatorKind::siren &&
       character.body_rotator_kind != BodyRotatorKind::siren_single_resolution)) {
    return "on GPUs there are kernels for SIRENs of levels only so far";
  }
  if (!device.is_cuda() || !CudaProgram::is_possible())
    return "there is no GPU that kernels can be compiled for";
  const CudaLimits limits = cuda_limits(device);
  if (limits.capability < kMinCapability) return "the kernels need a GPU of compute capability 7.5 or newer";
  if (!fits(face_matrices(character), SirenOutput::colors, limits) ||
      !fits(body_matrices(character), SirenOutput::body, limits)) {
    return "layers as wide as its own have no kernels on GPUs";
  }
  return std::nullopt;
}

class GpuStudentPoser::Networks {
 public:
  Networks(const Character& character, c10::Device device)
      : device_(device),
        rest_image_(to_image_tensor(character.image).to(device)),
        face_(face_matrices(character).front(), SirenOutput::colors, false, device) {
    const std::vector<SirenMatrices> levels = body_matrices(character);
    for (const SirenMatrices& level : levels) {
      levels_.emplace_back(level, output_of(levels, level, SirenOutput::body), !levels_.empty(), device);
    }
    maps_.resize(levels_.size() - 1);
  }

  c10::Device device() const { return device_; }
  const at::Tensor& rest_image() const { return rest_image_; }

  /// \param poses  see to_batch_for_kernels()
  at::Tensor draw_face(const at::Tensor& poses) {
    const std::lock_guard lock(mutex_);
    const at::Tensor face = planes(poses.size(0), kColorChannels, kFaceCrop);
    launch_face(poses, face, nullptr);
    return face;
  }

  PosedFrame draw(const at::Tensor& poses, const FrameWindow& window) {
    const std::lock_guard lock(mutex_);
    const std::int64_t count = poses.size(0);
    PosedFrame frame;
    for (std::int64_t first = 0; first < count; first += kMaxBatch) {
      draw_batch(poses, first, std::min(kMaxBatch, count - first), window, frame);
    }
    return frame;
  }

 private:
  /// Poses whose maps are kept at a time.
  static constexpr std::int64_t kMaxBatch = 8;

  at::Tensor planes(std::int64_t poses, std::int64_t channels, const Region& region) const {
    return torch::empty({poses, channels, region.height, region.width},
                        torch::TensorOptions().device(device_));
  }

  void add_planes(PosedFrame& frame, std::int64_t poses, const Region& region) const {
    frame.blended = planes(poses, kColorChannels, region);
    frame.warped = planes(poses, kColorChannels, region);
    frame.direct = planes(poses, kColorChannels, region);
    frame.alpha = planes(poses, 1, region);
    frame.flow = planes(poses, 2, region);
  }

  void launch_face(const at::Tensor& poses, const at::Tensor& face, float* pasted) const {
    kernels::SirenLevel level = drawing(poses, kFaceCrop.width, {0, 0, kFaceCrop.width, kFaceCrop.height});
    level.direct = face.data_ptr<float>();
    level.pasted = pasted;
    level.image_size = kImageSize;
    level.paste_x = kFaceCrop.x;
    level.paste_y = kFaceCrop.y;
    face_.draw(level, static_cast<int>(poses.size(0)));
  }

  /// Images of \p count poses, of which all but the face crops stay as they are.
  float* images_for(std::int64_t count) {
    if (!images_.defined() || images_.size(0) < count) {
      images_ = rest_image_.permute({1, 2, 0}).unsqueeze(0).repeat({count, 1, 1, 1}).contiguous();
    }
    return images_.data_ptr<float>();
  }

  /// The level \p index with the map before it, drawn where it is needed.
  kernels::SirenLevel level_on_maps(std::size_t index, const at::Tensor& poses, const FrameWindow& window) {
    kernels::SirenLevel level = drawing(poses, window.resolution, window.region);
    if (index == 0) return level;
    level.map = draw_map(index - 1, poses, window);
    level.map_size = levels_[index - 1].size();
    level.map_stride = levels_[index - 1].result_stride();
    return level;
  }

  /// Draws the map of level \p index for what \p window of the next level samples.
  const float* draw_map(std::size_t index, const at::Tensor& poses, const FrameWindow& window) {
    const GpuSirenLevel& level = levels_[index];
    kernels::SirenLevel arguments = level_on_maps(index, poses, sampled_cells(level.size(), window));
    LevelMap& map = maps_[index];
    map.reserve(poses.size(0), level.size(), level.result_stride(), device_);
    arguments.results = map.values.data_ptr<float>();
    level.draw(arguments, static_cast<int>(poses.size(0)));
    return arguments.results;
  }

  void draw_batch(const at::Tensor& all_poses, std::int64_t first, std::int64_t count,
                  const FrameWindow& window, PosedFrame& frame) {
    const at::Tensor poses = all_poses.narrow(0, first, count);
    const auto part = [&](const at::Tensor& tensor) { return tensor[first].data_ptr<float>(); };
    float* const images = images_for(count);
    if (first == 0) frame.face = planes(all_poses.size(0), kColorChannels, kFaceCrop);
    launch_face(poses, frame.face.narrow(0, first, count), images);
    kernels::SirenLevel level = level_on_maps(levels_.size() - 1, poses, window);
    if (first == 0) add_planes(frame, all_poses.size(0), window.region);  // which the GPU does not wait for
    level.image = images;
    level.image_size = kImageSize;
    level.blended = part(frame.blended);
    level.warped = part(frame.warped);
    level.direct = part(frame.direct);
    level.alpha = part(frame.alpha);
    level.flow = part(frame.flow);
    levels_.back().draw(level, static_cast<int>(count));
  }

  c10::Device device_;
  at::Tensor rest_image_;
  GpuSirenLevel face_;
  std::deque<GpuSirenLevel> levels_;  ///< of the body, whose programs stay where they are
  std::vector<LevelMap> maps_;        ///< of all levels but the last
  at::Tensor images_;                 ///< [N, 512, 512, 4], with the faces of the last poses
  std::mutex mutex_;                  ///< of maps and images
};

GpuStudentPoser::GpuStudentPoser(const Character& character, c10::Device device) {
  if (const auto problem = why_not_on_gpu(character, device)) throw Error(std::string(*problem));
  networks_ = std::make_unique<Networks>(character, device);
}

GpuStudentPoser::~GpuStudentPoser() = default;

PosedFrame GpuStudentPoser::pose(const at::Tensor& poses, const FrameWindow& window) {
  check_window(window);
  const torch::NoGradGuard no_grad;
  return networks_->draw(to_batch_for_kernels(poses, device()), window);
}

at::Tensor GpuStudentPoser::face(const at::Tensor& poses) {
  const torch::NoGradGuard no_grad;
  return networks_->draw_face(to_batch_for_kernels(poses, device()));
}

const at::Tensor& GpuStudentPoser::rest_image() const {
  return networks_->rest_image();
}

at::Device GpuStudentPoser::device() const {
  return networks_->device();
}

}  // namespace tha4
