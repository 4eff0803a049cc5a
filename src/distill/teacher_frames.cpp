#include "tha4/distill/teacher_frames.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

/// How far a character is expected to move out of the rectangle that it fills at rest, in pixels.
constexpr int kMovement = 48;

/// Alpha, of 1, of a pixel in which something is drawn.
constexpr double kMinDrawn = 0.02;

/// [begin, end) of the true elements of \p used [512], grown by kMovement.
std::pair<int, int> grown_extent(const at::Tensor& used) {
  const auto indices = torch::nonzero(used).view({-1});
  if (indices.size(0) == 0) return {0, kImageSize};
  return {std::max(0, indices[0].item<int>() - kMovement),
          std::min(kImageSize, indices[-1].item<int>() + 1 + kMovement)};
}

/// The part of a frame in which a character moves, in whole cells of a map of \p map_size cells.
Region expected_region(const at::Tensor& rest_image, int map_size) {
  const auto drawn = rest_image[3].cpu() > 2 * kMinDrawn - 1;
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
    return alpha.select(axis, at).max().item<double>() > 2 * kMinDrawn - 1;
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

/// Tensors of many poses, filled row by row in place, so that no second copy of all the frames is needed. The
/// rows that are done are kept in files, the parts, each called by its first row.
class CollectedRows {
 public:
  CollectedRows(const at::Tensor& poses, std::string what, std::filesystem::path folder)
      : poses_(poses), what_(std::move(what)), folder_(std::move(folder)) {
    read_parts();
  }

  std::int64_t count() const { return poses_.size(0); }
  std::int64_t done() const { return done_; }

  /// The next poses, at most \p max.
  at::Tensor next_poses(std::int64_t max) const {
    return poses_.narrow(0, done_, std::min(max, count() - done_));
  }

  /// Appends what was made of the next poses.
  void add(const StateDict& rows) {
    std::int64_t added = 0;
    for (const auto& item : rows) {
      added = item.value().size(0);
      if (!tensors_.contains(item.key())) {
        auto sizes = item.value().sizes().vec();
        sizes[0] = count();
        tensors_.insert(item.key(), torch::empty(sizes, item.value().options()));
      }
      tensors_[item.key()].narrow(0, done_, added).copy_(item.value());
    }
    done_ += added;
  }

  /// Writes the rows that are in no file yet.
  void write_part() {
    if (done_ == written_) return;
    StateDict part;
    for (const auto& item : tensors_) {
      part.insert(item.key(), item.value().narrow(0, written_, done_ - written_));
    }
    part.insert("poses", poses_.narrow(0, written_, done_ - written_).contiguous());
    write_safetensors(part_file(), part);
    written_ = done_;
  }

  StateDict take() {
    tensors_.insert("poses", poses_);
    return std::move(tensors_);
  }

 private:
  std::filesystem::path part_file() const {
    return folder_ / (what_ + "_" + std::to_string(written_) + ".safetensors");
  }

  /// Takes the parts from the beginning on that were made from the same poses.
  void read_parts() {
    while (done_ < count()) {
      StateDict part = read_part();
      if (part.is_empty()) return;
      add(part);
      written_ = done_;
    }
  }

  /// The part that begins with the next row; nothing if there is none, or one of other poses.
  StateDict read_part() const {
    if (!std::filesystem::exists(part_file())) return StateDict();
    try {
      StateDict part = read_safetensors(part_file());
      const torch::Tensor* poses = part.find("poses");
      if (poses == nullptr || poses->dim() != 2 || poses->size(0) == 0 ||
          !torch::equal(*poses, next_poses(poses->size(0)))) {
        return StateDict();
      }
      const std::int64_t rows = poses->size(0);
      part.erase("poses");
      for (const auto& item : part) {
        if (item.value().dim() == 0 || item.value().size(0) != rows) return StateDict();
      }
      return part;
    } catch (const InputError&) {
      // A damaged part is made again.
      return StateDict();
    }
  }

  at::Tensor poses_;
  std::string what_;
  std::filesystem::path folder_;
  StateDict tensors_;
  std::int64_t done_ = 0;
  std::int64_t written_ = 0;  ///< rows that are in files
};

/// Makes tensors for all poses. \p make gives the tensors of a batch of poses. Batches begin at the same
/// poses in every process of a run: parts end where a batch does.
StateDict collect(const at::Tensor& poses, const std::string& what, const TeacherCollection& collection,
                  const Context& context, const std::function<StateDict(const at::Tensor&)>& make) {
  using Clock = std::chrono::steady_clock;
  const std::chrono::duration<double> pause(collection.checkpoint_seconds);
  CollectedRows rows(poses, what, collection.cache_folder);
  // Counting begins after the rows of earlier processes, so that the rate is that of this one.
  Progress progress(context, "teacher's " + what, rows.count(), what);
  progress.update(rows.done());
  auto last_part = Clock::now();
  while (rows.done() < rows.count()) {
    if (context.stop.stop_requested()) {
      rows.write_part();
      progress.finish();
      throw InterruptedError("interrupted after " + std::to_string(rows.done()) + " of " +
                                 std::to_string(rows.count()) + " of the teacher's " + what +
                                 "; they are saved",
                             Remedy::resume);
    }
    rows.add(make(rows.next_poses(collection.batch)));
    progress.update(rows.done());
    if (Clock::now() - last_part >= pause || rows.done() == rows.count()) {
      rows.write_part();
      last_part = Clock::now();
    }
  }
  return rows.take();
}

}  // namespace

at::Tensor draw_poses(const PoseSource& source, int count, std::uint64_t seed) {
  PoseSampler sampler(source.distribution, seed, source.natural);
  std::vector<Pose> poses;
  for (int i = 0; i < count; ++i) poses.push_back(sampler.next());
  return to_tensor(poses);
}

TeacherCrops collect_teacher_crops(Poser& teacher, const at::Tensor& poses,
                                   const TeacherCollection& collection, const Context& context) {
  const StateDict crops = collect(poses, "face crops", collection, context, [&](const at::Tensor& batch) {
    StateDict tensors;
    tensors.insert("faces", teacher.face(batch).cpu());
    return tensors;
  });
  return {crops["poses"], crops["faces"]};
}

TeacherFrames collect_teacher_frames(Poser& teacher, const at::Tensor& poses, const FrameMapSizes& sizes,
                                     const TeacherCollection& collection, const Context& context) {
  // A third of a picture or more is empty in every pose; teachers that can draw a part of the frame save it.
  const Region expected = expected_region(teacher.rest_image(), std::min(sizes.flow, sizes.appearance));
  const StateDict frames = collect(poses, "frames", collection, context, [&](const at::Tensor& batch) {
    Region region = expected;
    PosedFrame frame = teacher.pose(batch, FrameWindow{kImageSize, region});
    if (crosses_edge(frame.blended, region)) {
      region = FrameWindow{}.region;
      frame = teacher.pose(batch, FrameWindow{kImageSize, region});
    }
    const at::Tensor alpha = frame.alpha.mean(1, /*keepdim=*/true);
    const at::Tensor drawn = frame.blended - (1 - alpha) * frame.warped;
    const auto pooled = [&](const at::Tensor& map, int size) {
      const int cell = kImageSize / size;
      const Region cells{region.x / cell, region.y / cell, region.width / cell, region.height / cell};
      return with_surroundings(torch::avg_pool2d(map, cell).cpu(), cells, size, 0);
    };
    StateDict tensors;
    tensors.insert("faces", frame.face.to(torch::kCPU, torch::kHalf));
    tensors.insert("blended",
                   with_surroundings(frame.blended.to(torch::kCPU, torch::kHalf), region, kImageSize, -1));
    tensors.insert("flow", pooled(frame.flow, sizes.flow));
    tensors.insert("appearance", pooled(torch::cat({alpha, drawn}, 1), sizes.appearance).to(torch::kHalf));
    return tensors;
  });
  return {frames["poses"], frames["faces"], frames["blended"], frames["flow"], frames["appearance"]};
}

}  // namespace tha4
