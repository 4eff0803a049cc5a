#include "tha4/train/teacher_frames.h"

#include <algorithm>
#include <functional>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/interrupt.h"
#include "tha4/base/progress.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

constexpr std::int64_t kPosesPerPart = 64;

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
  const StateDict frames = collect(poses, "frames", collection, [&](const at::Tensor& batch) {
    const PosedFrame frame = teacher.pose(batch);
    const at::Tensor alpha = frame.alpha.mean(1, /*keepdim=*/true);
    const at::Tensor drawn = frame.blended - (1 - alpha) * frame.warped;
    const int cell = kImageSize / map_size;
    StateDict tensors;
    tensors.insert("faces", frame.face.to(torch::kCPU, torch::kHalf));
    tensors.insert("blended", frame.blended.to(torch::kCPU, torch::kHalf));
    tensors.insert("flow", torch::avg_pool2d(frame.flow, cell).cpu());
    tensors.insert("appearance", torch::avg_pool2d(torch::cat({alpha, drawn}, 1), cell).cpu());
    return tensors;
  });
  return {frames["poses"], frames["faces"], frames["blended"], frames["flow"], frames["appearance"]};
}

}  // namespace tha4
