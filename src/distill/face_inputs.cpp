#include "face_inputs.h"

#include <optional>

#include <torch/types.h>

#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

/// Of the sum of squares by which the parameter that counts most changes a region, what another one must
/// change it by. Teachers that are networks change all of a face a little.
constexpr double kMinChange = 1e-3;

/// Row of \p pose among \p poses, by its face parameters.
std::optional<std::int64_t> row_of(const at::Tensor& poses, const at::Tensor& pose) {
  const auto same = (poses.narrow(1, 0, kFacePoseSize) == pose.narrow(0, 0, kFacePoseSize)).all(1);
  const auto rows = torch::nonzero(same).view({-1});
  if (rows.size(0) == 0) return std::nullopt;
  return rows[0].item<std::int64_t>();
}

}  // namespace

at::Tensor single_face_poses() {
  std::vector<at::Tensor> poses{torch::zeros({kPoseSize})};
  for (int i = 0; i < kFacePoseSize; ++i) {
    const PoseParameter& parameter = pose_parameters()[static_cast<std::size_t>(i)];
    for (const float end : {parameter.min, parameter.max}) {
      if (end == 0) continue;
      poses.push_back(torch::zeros({kPoseSize}));
      poses.back()[i] = end;
    }
  }
  return torch::stack(poses);
}

at::Tensor moving_inputs(const at::Tensor& poses, const at::Tensor& faces,
                         const std::vector<at::Tensor>& regions) {
  const at::Tensor single = single_face_poses(), known = poses.cpu();
  const auto count = static_cast<std::int64_t>(regions.size());
  auto changes = torch::zeros({count, kFacePoseSize}, torch::kFloat64);
  const auto rest = row_of(known, single[0]);
  for (std::int64_t i = 1; i < single.size(0); ++i) {
    const auto row = row_of(known, single[i]);
    if (!rest || !row) return torch::ones({count, kFacePoseSize});
    const auto squares = (faces[*row] - faces[*rest]).square().sum(0).flatten();
    const auto parameter = single[i].ne(0).nonzero()[0][0].item<std::int64_t>();
    for (std::int64_t region = 0; region < count; ++region) {
      changes[region][parameter] +=
          squares.index_select(0, regions[static_cast<std::size_t>(region)]).sum().item<double>();
    }
  }
  const auto largest = std::get<0>(changes.max(1, /*keepdim=*/true));
  // Of a part that no parameter moves by itself, nothing is known.
  return ((changes >= kMinChange * largest) | (largest == 0)).to(torch::kFloat32);
}

}  // namespace tha4
