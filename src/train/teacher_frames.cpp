#include "tha4/train/teacher_frames.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/interrupt.h"
#include "tha4/base/progress.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

constexpr std::int64_t kPosesPerPart = 64;

/// How far a character is expected to move out of the rectangle that it fills at rest, in pixels.
constexpr int kMovement = 48;

/// Alpha, of 1, of a pixel in which something is drawn.
constexpr double kLeastDrawn = 0.02;

/// [begin, end) of the true elements of \p used [512], grown by kMovement.
std::pair<int, int> grown_extent(const at::Tensor& used) {
  const auto indices = torch::nonzero(used).view({-1});
  if (indices.size(0) == 0) return {0, kImageSize};
  return {std::max(0, indices[0].item<int>() - kMovement),
          std::min(kImageSize, indices[-1].item<int>() + 1 + kMovement)};
}

/// The part of a frame in which a character moves, in whole cells of a map of \p map_size cells.
Region expected_region(const at::Tensor& rest_image, int map_size) {
  const auto drawn = rest_image[3].cpu() > 2 * kLeastDrawn - 1;
  const int cell = kImageSize / map_size;
  const auto [left, right] = grown_extent(drawn.any(0));
  const auto [top, bottom] = grown_extent(drawn.any(1));
  const auto down = [&](int at) { return at / cell * cell; };
  const auto up = [&](int at) { return (at + cell - 1) / cell * cell; };
  return {down(left), down(top), up(right) - down(left), up(bottom) - down(top)};
}

/// Whether something is drawn at an edge of \p blended, the region \p region of frames, that is not the
/// frame's own.
bool crosses_edge(const at::Tensor& blended, const Region& region) {
  const auto alpha = blended.select(1, 3);
  const auto drawn = [&](int axis, std::int64_t at) {
    return alpha.select(axis, at).max().item<double>() > 2 * kLeastDrawn - 1;
  };
  return (region.x > 0 && drawn(2, 0)) || (region.y > 0 && drawn(1, 0)) ||
         (region.x + region.width < kImageSize && drawn(2, region.width - 1)) ||
         (region.y + region.height < kImageSize && drawn(1, region.height - 1));
}

/// \p map, the region \p region of a frame of \p size by \p size cells, with \p value around it.
at::Tensor with_surroundings(const at::Tensor& map, const Region& region, int size, double value) {
  return torch::constant_pad_nd(
      map, {region.x, size - region.x - region.width, region.y, size - region.y - region.height}, value);
}

/// The cached tensors of a part if they were made from the same poses, else none.
StateDict cached_part(const std::filesystem::path& file, const at::Tensor& poses) {
  if (!std::filesystem::exists(file)) return StateDict();
  try {
    StateDict part = read_safetensors(file);
    const torch::Tensor* cached = part.find("poses");
    if (cached != nullptr && torch::equal(*cached, poses)) return part;
  } catch (const InputError&) {
    // A damaged part is made again.
  }
  return StateDict();
}

/// Makes tensors for all poses, part by part. \p make gives the tensors of a batch of poses.
StateDict collect(const at::Tensor& poses, const std::string& what, const TeacherCollection& collection,
                  const std::function<StateDict(const at::Tensor&)>& make) {
  const std::int64_t count = poses.size(0);
  Progress progress("teacher's " + what, count, what);
  progress.update(0);
  StateDict all;
  for (std::int64_t first = 0; first < count; first += kPosesPerPart) {
    const at::Tensor part_poses = poses.narrow(0, first, std::min(kPosesPerPart, count - first));
    const auto file =
        collection.cache_folder / (what + "_" + std::to_string(first / kPosesPerPart) + ".safetensors");
    StateDict part = cached_part(file, part_poses);
    if (part.is_empty()) {
      std::vector<StateDict> batches;
      for (std::int64_t i = 0; i < part_poses.size(0); i += collection.batch) {
        if (interrupt_requested())
          throw InterruptedError("interrupted; --resume goes on with the teacher's " + what);
        batches.push_back(
            make(part_poses.narrow(0, i, std::min<std::int64_t>(collection.batch, part_poses.size(0) - i))));
        progress.update(first + i + 1);
      }
      for (const auto& item : batches.front()) {
        std::vector<torch::Tensor> pieces;
        for (const StateDict& batch : batches) pieces.push_back(batch[item.key()]);
        part.insert(item.key(), torch::cat(pieces));
      }
      part.insert("poses", part_poses.contiguous());
      write_safetensors(file, part);
    }
    // Filled in place, so that no second copy of all the frames is needed.
    for (const auto& item : part) {
      if (!all.contains(item.key())) {
        auto sizes = item.value().sizes().vec();
        sizes[0] = count;
        all.insert(item.key(), torch::empty(sizes, item.value().options()));
      }
      all[item.key()].narrow(0, first, item.value().size(0)).copy_(item.value());
    }
    progress.update(first + part_poses.size(0));
  }
  return all;
}

}  // namespace

at::Tensor draw_poses(const PoseSource& source, int count, std::uint64_t seed) {
  PoseSampler sampler(source.distribution, seed, source.natural);
  std::vector<Pose> poses;
  for (int i = 0; i < count; ++i) poses.push_back(sampler.next());
  return to_tensor(poses);
}

TeacherCrops collect_teacher_crops(Poser& teacher, const at::Tensor& poses,
                                   const TeacherCollection& collection) {
  const StateDict crops = collect(poses, "face crops", collection, [&](const at::Tensor& batch) {
    StateDict tensors;
    tensors.insert("faces", teacher.face(batch).cpu());
    return tensors;
  });
  return {crops["poses"], crops["faces"]};
}

TeacherFrames collect_teacher_frames(Poser& teacher, const at::Tensor& poses, int map_size,
                                     const TeacherCollection& collection) {
  // A third of a picture or more is empty in every pose; teachers that can draw a part of the frame save it.
  const Region expected = expected_region(teacher.rest_image(), map_size);
  const StateDict frames = collect(poses, "frames", collection, [&](const at::Tensor& batch) {
    Region region = expected;
    PosedFrame frame = teacher.pose(batch, FrameWindow{kImageSize, region});
    if (crosses_edge(frame.blended, region)) {
      region = FrameWindow{}.region;
      frame = teacher.pose(batch, FrameWindow{kImageSize, region});
    }
    const at::Tensor alpha = frame.alpha.mean(1, /*keepdim=*/true);
    const at::Tensor drawn = frame.blended - (1 - alpha) * frame.warped;
    const int cell = kImageSize / map_size;
    const Region cells{region.x / cell, region.y / cell, region.width / cell, region.height / cell};
    const auto pooled = [&](const at::Tensor& map) {
      return with_surroundings(torch::avg_pool2d(map, cell).cpu(), cells, map_size, 0);
    };
    StateDict tensors;
    tensors.insert("faces", frame.face.to(torch::kCPU, torch::kHalf));
    tensors.insert("blended",
                   with_surroundings(frame.blended.to(torch::kCPU, torch::kHalf), region, kImageSize, -1));
    tensors.insert("flow", pooled(frame.flow));
    tensors.insert("appearance", pooled(torch::cat({alpha, drawn}, 1)));
    return tensors;
  });
  return {frames["poses"], frames["faces"], frames["blended"], frames["flow"], frames["appearance"]};
}

}  // namespace tha4
