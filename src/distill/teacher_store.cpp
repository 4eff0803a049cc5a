#include "teacher_store.h"

#include <algorithm>
#include <functional>
#include <string>

#include "window_places.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

/// Poses by which it is found out where the character ever is, and by how many pixels others may go beyond
/// that.
constexpr std::int64_t kProbedPoses = 128;
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

/// Where something is drawn in any of the frames, which are whole ones.
at::Tensor drawn_in(const PosedFrame& frame) {
  return (frame.blended.select(1, 3) > 2 * kDrawnAlpha - 1).any(0);
}

/// Calls work(first, poses) for batches of \p poses.
void for_batches(const at::Tensor& poses, int batch, const std::string& what, const Context& context,
                 const std::function<void(std::int64_t, const at::Tensor&)>& work) {
  Progress progress(context, "teacher's " + what, poses.size(0), what);
  for (std::int64_t first = 0; first < poses.size(0); first += batch) {
    if (context.stop.stop_requested()) {
      progress.finish();
      throw InterruptedError("interrupted after " + std::to_string(first) + " of " +
                                 std::to_string(poses.size(0)) + " of the teacher's " + what,
                             Remedy::resume);
    }
    const std::int64_t count = std::min<std::int64_t>(batch, poses.size(0) - first);
    work(first, poses.narrow(0, first, count));
    progress.update(first + count);
  }
}

/// The rectangle of the true elements of \p drawn [512, 512], grown by \p margin.
Region region_of(const at::Tensor& drawn, int margin) {
  const auto [left, right] = extent_of(drawn.any(0), margin);
  const auto [top, bottom] = extent_of(drawn.any(1), margin);
  return {left, top, right - left, bottom - top};
}

bool contains(const Region& outer, const Region& inner) {
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width &&
         inner.y + inner.height <= outer.y + outer.height;
}

}  // namespace

TeacherStore::TeacherStore(Poser& teacher, const at::Tensor& poses)
    : poses_(poses.to(teacher.device(), torch::kFloat32).contiguous()),
      image_(teacher.rest_image().to(torch::kFloat32).permute({1, 2, 0}).contiguous()),
      rest_image_(teacher.rest_image().to(torch::kFloat32)),
      faces_(torch::empty({poses.size(0), kFaceCrop.height, kFaceCrop.width, 4},
                          torch::dtype(torch::kByte).device(teacher.device()))) {}

TeacherStore TeacherStore::of_frames(Poser& teacher, const at::Tensor& poses, int batch,
                                     const Context& context) {
  const torch::NoGradGuard no_grad;
  TeacherStore store(teacher, poses);
  // What is drawn in a few frames tells how much room all of them need, but for rare ones.
  at::Tensor drawn = teacher.rest_image().select(0, 3) > 2 * kDrawnAlpha - 1;
  const std::int64_t probed = std::min(kProbedPoses, store.count());
  for (std::int64_t first = 0; first < probed; first += batch) {
    const std::int64_t count = std::min<std::int64_t>(batch, probed - first);
    drawn = drawn.logical_or(drawn_in(teacher.pose(store.poses_.narrow(0, first, count))));
  }
  while (true) {
    store.make_room(region_of(drawn, kMargin));
    for_batches(store.poses_, batch, "frames", context, [&](std::int64_t first, const at::Tensor& some) {
      const PosedFrame frame = teacher.pose(some);
      store.put(first, frame);
      drawn = drawn.logical_or(drawn_in(frame));
    });
    if (contains(store.region_, region_of(drawn, 0))) return store;
    context.info("the character moves further than was expected: the teacher makes its frames once more");
  }
}

TeacherStore TeacherStore::of_faces(Poser& teacher, const at::Tensor& poses, int batch,
                                    const Context& context) {
  const torch::NoGradGuard no_grad;
  TeacherStore store(teacher, poses);
  for_batches(store.poses_, batch, "face crops", context, [&](std::int64_t first, const at::Tensor& some) {
    store.put_faces(first, teacher.face(some));
  });
  return store;
}

TeacherStore TeacherStore::room_for_frames(Poser& teacher, std::int64_t count) {
  TeacherStore store(teacher, torch::zeros({count, kPoseSize}));
  store.make_room(FrameWindow{}.region);
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
    put(first, teacher.pose(taken.narrow(0, first, std::min<std::int64_t>(batch, taken.size(0) - first))));
  }
}

void TeacherStore::take_faces(Poser& teacher, const at::Tensor& poses, int batch) {
  const torch::NoGradGuard no_grad;
  const at::Tensor taken = take_poses(poses);
  for (std::int64_t first = 0; first < taken.size(0); first += batch) {
    const std::int64_t some = std::min<std::int64_t>(batch, taken.size(0) - first);
    put_faces(first, teacher.face(taken.narrow(0, first, some)));
  }
}

void TeacherStore::put_faces(std::int64_t first, const at::Tensor& faces) {
  faces_.narrow(0, first, faces.size(0)).copy_(to_bytes(channels_last(faces)));
}

void TeacherStore::make_room(const Region& region) {
  region_ = region;
  const auto room = [&](std::initializer_list<std::int64_t> channels, at::ScalarType type) {
    std::vector<std::int64_t> sizes{count(), region.height, region.width};
    sizes.insert(sizes.end(), channels);
    return torch::empty(sizes, torch::dtype(type).device(poses_.device()));
  };
  flow_ = direct_ = alpha_ = at::Tensor();  // before more is taken
  flow_ = room({2}, torch::kHalf);
  direct_ = room({4}, torch::kByte);
  alpha_ = room({}, torch::kByte);
  moving_ = torch::zeros({kCells, kCells}, torch::device(poses_.device()));
}

void TeacherStore::put(std::int64_t first, const PosedFrame& frame) {
  const auto inside = [&](const at::Tensor& planes) {
    return planes.narrow(2, region_.y, region_.height).narrow(3, region_.x, region_.width);
  };
  const std::int64_t count = frame.flow.size(0);
  const auto rows = [&](const at::Tensor& all) { return all.narrow(0, first, count); };
  rows(flow_).copy_(channels_last(inside(frame.flow)));
  rows(direct_).copy_(to_bytes(channels_last(inside(frame.direct))));
  const at::Tensor alpha = frame.alpha.mean(1, /*keepdim=*/true);  // the THA3 teacher has four
  rows(alpha_).copy_((inside(alpha).select(1, 0) * 255).round().clamp(0, 255).to(torch::kByte));
  put_faces(first, frame.face);
  const at::Tensor moved = (frame.blended - rest_image_).abs().mean(1, /*keepdim=*/true);
  moving_ += torch::avg_pool2d(moved, kCellPixels).sum(at::IntArrayRef{0, 1});
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
  const auto whole = [&](const at::Tensor& part, double around) {  // [N, H, W, C], the window of the frame
    const at::Tensor planes = part.permute({0, 3, 1, 2});
    return torch::constant_pad_nd(planes,
                                  {region_.x, kImageSize - region_.x - region_.width, region_.y,
                                   kImageSize - region_.y - region_.height},
                                  around)
        .narrow(2, window.y, window.height)
        .narrow(3, window.x, window.width)
        .contiguous();
  };
  PosedFrame frame;
  frame.face = faces(indices);
  frame.flow = whole(rows_of(flow_, indices).to(torch::kFloat32), 0);
  frame.direct = whole(from_bytes(rows_of(direct_, indices)), -1);
  frame.alpha = whole(rows_of(alpha_, indices).unsqueeze(-1).to(torch::kFloat32) / 255, 0);
  frame.warped = warp(paste(rest_image_.unsqueeze(0), frame.face, kFaceCrop), frame.flow,
                      FrameWindow{kImageSize, window});
  frame.blended = torch::lerp(frame.warped, frame.direct, frame.alpha);
  return frame;
}

kernels::TeacherFrameStore TeacherStore::view() const {
  kernels::TeacherFrameStore view{};
  if (flow_.defined()) {
    view.flow = flow_.data_ptr();
    view.direct = direct_.data_ptr();
    view.alpha = alpha_.data_ptr();
  }
  view.faces = faces_.data_ptr();
  view.image = image_.data_ptr<float>();
  view.size = kImageSize;
  view.x = region_.x;
  view.y = region_.y;
  view.width = region_.width;
  view.height = region_.height;
  view.face_x = kFaceCrop.x;
  view.face_y = kFaceCrop.y;
  view.face_size = kFaceCrop.width;
  return view;
}

}  // namespace tha4
