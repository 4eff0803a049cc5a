#include "sample_pictures.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "teacher_store.h"
#include <torch/types.h>

#include "tha4/base/peak_memory.h"
#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

RgbaImage comparison_sheet(const at::Tensor& teacher, const at::Tensor& student) {
  std::vector<RgbaImage> images;
  ContactSheetOptions options{.columns = 3};
  for (std::int64_t i = 0; i < teacher.size(0); ++i) {
    const at::Tensor expected = teacher[i].cpu().to(torch::kFloat32);
    const at::Tensor drawn = student[i].cpu().to(torch::kFloat32);
    images.push_back(to_rgba_image(expected));
    images.push_back(to_rgba_image(drawn));
    images.push_back(difference_image(expected, drawn));
    for (const char* label : {"teacher", "student", "difference x4"}) options.labels.emplace_back(label);
  }
  return contact_sheet(images, options);
}

std::vector<std::int64_t> first_indices(const TeacherStore& store) {
  std::vector<std::int64_t> indices(
      static_cast<std::size_t>(std::min<std::int64_t>(kSampledPoses, store.count())));
  std::iota(indices.begin(), indices.end(), std::int64_t{0});
  return indices;
}

}  // namespace

ShownFrames shown_frames(Poser& teacher, const at::Tensor& poses) {
  const torch::NoGradGuard no_grad;
  const PosedFrame frame = teacher.pose(poses);
  return {poses, frame.blended, paste(teacher.rest_image().unsqueeze(0), frame.face, kFaceCrop)};
}

ShownFrames shown_faces(Poser& teacher, const at::Tensor& poses) {
  const torch::NoGradGuard no_grad;
  return {.poses = poses, .expected = teacher.face(poses), .images = {}};
}

ShownFrames shown_frames(const TeacherStore& store) {
  const auto indices = first_indices(store);
  return {store.poses_of(indices), store.frames(indices, FrameWindow{}.region).blended,
          store.images(indices)};
}

ShownFrames shown_faces(const TeacherStore& store) {
  const auto indices = first_indices(store);
  return {.poses = store.poses_of(indices), .expected = store.faces(indices), .images = {}};
}

RgbaImage body_sample(StudentBodyRotator& network, const ShownFrames& shown) {
  const torch::NoGradGuard no_grad;
  // On GPUs, layers take hundreds of MiB for each frame, and would keep them: one by one.
  std::vector<at::Tensor> made;
  for (std::int64_t i = 0; i < shown.poses.size(0); ++i) {
    made.push_back(
        network.rotate(shown.images.narrow(0, i, 1), shown.poses.narrow(0, i, 1), FrameWindow{}).blended);
  }
  release_unused_memory(shown.poses.device());
  return comparison_sheet(shown.expected, torch::cat(made));
}

RgbaImage face_sample(StudentFaceMorpher& network, const ShownFrames& shown) {
  const torch::NoGradGuard no_grad;
  return comparison_sheet(shown.expected, network.draw(shown.poses.narrow(1, 0, kFacePoseSize)));
}

RgbaImage body_sample(BodyRotatorKind kind, const StateDict& weights, const ShownFrames& shown) {
  const auto network = make_body_rotator(kind, weights, "the training");
  network->to(shown.poses.device());
  return body_sample(*network, shown);
}

RgbaImage siren_face_sample(const StateDict& weights, const ShownFrames& shown) {
  const auto network = make_face_morpher(FaceMorpherKind::siren, weights, "the training");
  network->to(shown.poses.device());
  return face_sample(*network, shown);
}

}  // namespace tha4
