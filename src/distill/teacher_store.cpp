#include "teacher_store.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "window_places.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/peak_memory.h"
#include "tha4/base/progress.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

/// Frames whose extent, with a margin, is where the character is taken to be, but for others that go beyond
/// it.
constexpr std::int64_t kProbed = 128;
constexpr int kMargin = 24;

/// Alpha, of 1, of a pixel in which something is drawn.
constexpr double kDrawnAlpha = 0.02;

at::Tensor to_bytes(const at::Tensor& colors) {
  return ((colors + 1) * 127.5).round().clamp(0, 255).to(torch::kByte);
}

at::Tensor from_bytes(const at::Tensor& bytes) {
  return bytes.to(torch::kFloat32) / 127.5 - 1;
}

/// [N, C, H, W] as [N, H, W, C].
at::Tensor channels_last(const at::Tensor& planes) {
  return planes.permute({0, 2, 3, 1}).contiguous();
}

/// Face crops as they are kept, uint8 [N, H, W, C].
at::Tensor face_bytes(const at::Tensor& faces) {
  return to_bytes(channels_last(faces));
}

at::Tensor rows_of(const at::Tensor& all, const std::vector<std::int64_t>& indices) {
  return all.index_select(0, torch::tensor(indices, torch::kLong).to(all.device()));
}

/// [begin, end) of the true elements of a row, grown by \p margin.
std::pair<int, int> extent_of(const at::Tensor& used, int margin) {
  const at::Tensor indices = torch::nonzero(used.cpu()).view({-1});
  if (indices.size(0) == 0) return {0, kImageSize};
  return {std::max(0, indices[0].item<int>() - margin),
          std::min(kImageSize, indices[-1].item<int>() + 1 + margin)};
}

/// Where something is drawn in each of the frames, which are whole ones.
at::Tensor drawn_in(const PosedFrame& frame) {
  return frame.blended.select(1, 3) > 2 * kDrawnAlpha - 1;
}

/// What is kept of a batch of poses: tensors with as many rows.
using Rows = std::vector<at::Tensor>;

/// \p tensor with zeros behind its rows, until there are \p count.
at::Tensor filled_up(const at::Tensor& tensor, std::int64_t count) {
  if (tensor.size(0) == count) return tensor.contiguous();
  auto sizes = tensor.sizes().vec();
  sizes[0] = count;
  const at::Tensor filled = torch::zeros(sizes, tensor.options());
  filled.narrow(0, 0, tensor.size(0)).copy_(tensor);
  return filled;
}

/// Calls take(first, make(poses)) for batches of \p poses, in their order, in every process; each process
/// makes one batch of as many as there are processes.
void for_batches(const at::Tensor& poses, int batch, const std::string& what, const Context& context,
                 const BatchShare& share, const std::function<Rows(const at::Tensor&)>& make,
                 const std::function<void(std::int64_t, const Rows&)>& take) {
  const std::int64_t total = poses.size(0);
  const auto count_at = [&](std::int64_t first) { return std::clamp<std::int64_t>(total - first, 0, batch); };
  Progress progress(context, "teacher's " + what, total, what);
  for (std::int64_t round = 0; round < total; round += batch * share.processes()) {
    if (share.any(context.stop.stop_requested())) {
      progress.finish();
      throw InterruptedError("interrupted after " + std::to_string(round) + " of " + std::to_string(total) +
                                 " of the teacher's " + what,
                             Remedy::resume);
    }
    const std::int64_t own = round + static_cast<std::int64_t>(batch) * share.rank();
    // Whose turn does not come any more makes what nobody takes, as large as that of others.
    const Rows made =
        make(poses.narrow(0, std::min(own, total - 1), std::max<std::int64_t>(1, count_at(own))));
    std::vector<Rows> by_process(static_cast<std::size_t>(share.processes()));
    for (const at::Tensor& rows : made) {
      const std::vector<at::Tensor> all = share.gather(filled_up(rows, batch));
      for (std::size_t i = 0; i < all.size(); ++i) by_process[i].push_back(all[i]);
    }
    std::int64_t first = round;
    for (Rows& rows : by_process) {
      const std::int64_t count = count_at(first);
      if (count == 0) break;
      for (at::Tensor& tensor : rows) tensor = tensor.narrow(0, 0, count);
      take(first, rows);
      first += count;
    }
    progress.update(first);
  }
}

/// The rectangle of the true elements of \p drawn [512, 512], grown by \p margin.
Region region_of(const at::Tensor& drawn, int margin) {
  const auto [left, right] = extent_of(drawn.any(0), margin);
  const auto [top, bottom] = extent_of(drawn.any(1), margin);
  return {left, top, right - left, bottom - top};
}

Region union_of(const Region& a, const Region& b) {
  const int left = std::min(a.x, b.x), top = std::min(a.y, b.y);
  return {left, top, std::max(a.x + a.width, b.x + b.width) - left,
          std::max(a.y + a.height, b.y + b.height) - top};
}

}  // namespace

TeacherStore::TeacherStore(Poser& teacher, const at::Tensor& poses)
    : poses_(poses.to(teacher.device(), torch::kFloat32).contiguous()),
      image_(teacher.rest_image().to(torch::kFloat32).permute({1, 2, 0}).contiguous()),
      rest_image_(teacher.rest_image().to(torch::kFloat32)),
      faces_(torch::empty({poses.size(0), kFaceCrop.height, kFaceCrop.width, 4},
                          torch::dtype(torch::kByte).device(teacher.device()))),
      moving_(torch::zeros({kCells, kCells}, torch::device(teacher.device()))) {}

TeacherStore TeacherStore::of_frames(Poser& teacher, const at::Tensor& poses, int batch,
                                     const FrameMemory& memory, const Context& context, BatchShare share) {
  const torch::NoGradGuard no_grad;
  TeacherStore store(teacher, poses);
  store.tiles_.emplace(store.count(), store.poses_.device(), memory);
  const at::Tensor at_rest = FrameTiles::drawn(store.rest_image_.select(0, 3).unsqueeze(0));
  at::Tensor drawn = store.rest_image_.select(0, 3) > 2 * kDrawnAlpha - 1, probed = drawn;
  const auto make = [&](const at::Tensor& some) -> Rows {
    const PosedFrame frame = teacher.pose(some);
    // What rests there must be known to have gone from there.
    const at::Tensor kept = FrameTiles::drawn(frame.blended.select(1, 3)).logical_or(at_rest);
    return {FrameTiles::all_of(frame), kept.to(torch::kByte), face_bytes(frame.face), store.moved_in(frame),
            drawn_in(frame).to(torch::kByte)};
  };
  for_batches(store.poses_, batch, "frames", context, share, make, [&](std::int64_t first, const Rows& rows) {
    store.tiles_->put(first, rows[0], rows[1]);
    store.faces_.narrow(0, first, rows[2].size(0)).copy_(rows[2]);
    store.moving_ += rows[3].sum(0);
    drawn = drawn.logical_or(rows[4].any(0));
    if (first < kProbed) probed = drawn;
  });
  store.region_ = union_of(region_of(probed, kMargin), region_of(drawn, 0));
  teacher.release_memory();
  release_unused_memory(store.poses_.device());
  return store;
}

TeacherStore TeacherStore::of_faces(Poser& teacher, const at::Tensor& poses, int batch,
                                    const Context& context, BatchShare share) {
  const torch::NoGradGuard no_grad;
  TeacherStore store(teacher, poses);
  const auto make = [&](const at::Tensor& some) -> Rows { return {face_bytes(teacher.face(some))}; };
  for_batches(store.poses_, batch, "face crops", context, share, make,
              [&](std::int64_t first, const Rows& rows) {
                store.faces_.narrow(0, first, rows[0].size(0)).copy_(rows[0]);
              });
  teacher.release_memory();
  release_unused_memory(store.poses_.device());
  return store;
}

TeacherStore TeacherStore::room_for_frames(Poser& teacher, std::int64_t count) {
  TeacherStore store(teacher, torch::zeros({count, kPoseSize}));
  store.region_ = FrameWindow{}.region;
  store.tiles_.emplace(count, store.poses_.device()).make_room_for_all();
  return store;
}

TeacherStore TeacherStore::room_for_faces(Poser& teacher, std::int64_t count) {
  return TeacherStore(teacher, torch::zeros({count, kPoseSize}));
}

at::Tensor TeacherStore::take_poses(const at::Tensor& poses) {
  if (poses.size(0) > count()) throw Error("there is no room for so many frames");
  const at::Tensor taken = poses_.narrow(0, 0, poses.size(0));
  taken.copy_(poses);
  return taken;
}

void TeacherStore::take_frames(Poser& teacher, const at::Tensor& poses, int batch) {
  const torch::NoGradGuard no_grad;
  const at::Tensor taken = take_poses(poses);
  for (std::int64_t first = 0; first < taken.size(0); first += batch) {
    const std::int64_t some = std::min<std::int64_t>(batch, taken.size(0) - first);
    const PosedFrame frame = teacher.pose(taken.narrow(0, first, some));
    tiles_->put_whole(first, frame);
    put_others(first, frame);
  }
}

void TeacherStore::take_faces(Poser& teacher, const at::Tensor& poses, int batch) {
  const torch::NoGradGuard no_grad;
  const at::Tensor taken = take_poses(poses);
  for (std::int64_t first = 0; first < taken.size(0); first += batch) {
    const std::int64_t some = std::min<std::int64_t>(batch, taken.size(0) - first);
    faces_.narrow(0, first, some).copy_(face_bytes(teacher.face(taken.narrow(0, first, some))));
  }
}

/// How much each frame differs from the rest image: sums in cells, [N, kCells, kCells].
at::Tensor TeacherStore::moved_in(const PosedFrame& frame) const {
  const at::Tensor moved = (frame.blended - rest_image_).abs().mean(1, /*keepdim=*/true);
  return torch::avg_pool2d(moved, kCellPixels).squeeze(1);
}

void TeacherStore::put_others(std::int64_t first, const PosedFrame& frame) {
  faces_.narrow(0, first, frame.face.size(0)).copy_(face_bytes(frame.face));
  moving_ += moved_in(frame).sum(0);
}

at::Tensor TeacherStore::poses_of(const std::vector<std::int64_t>& indices) const {
  return rows_of(poses_, indices);
}

at::Tensor TeacherStore::faces(const std::vector<std::int64_t>& indices) const {
  return from_bytes(rows_of(faces_, indices)).permute({0, 3, 1, 2}).contiguous();
}

at::Tensor TeacherStore::images(const std::vector<std::int64_t>& indices) const {
  return paste(rest_image_.unsqueeze(0), faces(indices), kFaceCrop);
}

PosedFrame TeacherStore::frames(const std::vector<std::int64_t>& indices, const Region& window) const {
  FrameTiles::Planes planes = tiles_->planes(indices, window);
  PosedFrame frame;
  frame.face = faces(indices);
  frame.flow = std::move(planes.flow);
  frame.direct = std::move(planes.direct);
  frame.alpha = std::move(planes.alpha);
  frame.warped = warp(paste(rest_image_.unsqueeze(0), frame.face, kFaceCrop), frame.flow,
                      FrameWindow{kImageSize, window});
  frame.blended = torch::lerp(frame.warped, frame.direct, frame.alpha);
  return frame;
}

at::Tensor TeacherStore::kept(const std::vector<std::int64_t>& indices, const Region& window) const {
  return tiles_->kept(indices, window);
}

kernels::TeacherFrameStore TeacherStore::view() const {
  kernels::TeacherFrameStore view{};
  if (tiles_) {
    view.tiles = tiles_->numbers();
    view.chunks = tiles_->chunks();
  }
  view.faces = faces_.data_ptr();
  view.image = image_.data_ptr<float>();
  view.size = kImageSize;
  view.face_x = kFaceCrop.x;
  view.face_y = kFaceCrop.y;
  view.face_size = kFaceCrop.width;
  return view;
}

}  // namespace tha4
