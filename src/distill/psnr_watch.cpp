#include "psnr_watch.h"

#include <algorithm>
#include <utility>

#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/json_text.h"
#include "tha4/evaluation/scorer.h"
#include "tha4/image/compositing.h"
#include "tha4/metrics/psnr.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

constexpr int kWatchedPoses = 4;

/// The columns of scores().
constexpr int kNetwork = 0, kSeen = 1;

/// float64 [N, 2], of each picture.
at::Tensor scores(const at::Tensor& expected, const at::Tensor& drawn) {
  return Scorer({ImagePsnr::network, ImagePsnr::seen}).score(expected, drawn);
}

PsnrPair means(const at::Tensor& scores) {
  const auto mean = [&](int column) {
    const at::Tensor values = scores.select(1, column).contiguous();
    return mean_score({values.data_ptr<double>(), static_cast<std::size_t>(values.numel())}, kMaxPsnrInMean);
  };
  return {mean(kNetwork), mean(kSeen)};
}

}  // namespace

PsnrWatch::PsnrWatch(Poser& teacher, const DistillConfig& config, std::filesystem::path file, bool goes_on)
    : teacher_(teacher),
      file_(std::move(file)),
      poses_(sample_poses(PoseDistribution::natural, std::min(kWatchedPoses, config.held_out_poses),
                          config.held_out_seed)) {
  if (!goes_on || !std::filesystem::exists(file_)) return;
  try {
    const nlohmann::json courses = read_json_file(file_);
    for (const auto& [training, points] : courses.items()) {
      for (const auto& point : points) {
        courses_[training].push_back(
            {point.at(0).get<std::int64_t>(), {point.at(1).get<double>(), point.at(2).get<double>()}});
      }
    }
  } catch (const std::exception&) {
    courses_.clear();  // Only a curve is lost.
  }
}

void PsnrWatch::go_back(const std::string& training, std::int64_t examples) {
  std::erase_if(courses_[training], [&](const WatchedPsnr& point) { return point.examples > examples; });
}

const std::vector<WatchedPsnr>& PsnrWatch::course(const std::string& training) const {
  static const std::vector<WatchedPsnr> none;
  const auto found = courses_.find(training);
  return found == courses_.end() ? none : found->second;
}

void PsnrWatch::ask_teacher() {
  if (expected_.blended.defined()) return;
  std::vector<at::Tensor> blended, faces;
  for (const Pose& pose : poses_) {
    const PosedFrame frame = teacher_.pose(to_tensor(std::span(&pose, 1)));
    blended.push_back(frame.blended);
    faces.push_back(frame.face);
  }
  expected_.blended = torch::cat(blended);
  expected_.face = torch::cat(faces);
}

void PsnrWatch::measure(const StudentSoFar& student, const std::string& training, std::int64_t examples) {
  const torch::NoGradGuard no_grad;
  ask_teacher();
  const at::Device device = teacher_.device();
  const at::Tensor poses = to_pose_batch(to_tensor(poses_), device);
  const at::Tensor rest = teacher_.rest_image().unsqueeze(0);
  const auto face_morpher = student.face_morpher();
  face_morpher->to(device);
  const at::Tensor face = face_morpher->draw(poses.narrow(1, 0, kFacePoseSize));
  is_of_face_ = student.body() == StudentSoFar::Part::not_begun;
  if (is_of_face_) {
    keep(expected_.face, face, crop(rest, kFaceCrop));
  } else {
    const auto body_rotator = student.body_rotator().network;
    body_rotator->to(device);
    std::vector<at::Tensor> drawn;
    for (std::int64_t i = 0; i < poses.size(0); ++i) {
      const at::Tensor image = paste(rest, face.narrow(0, i, 1), kFaceCrop);
      drawn.push_back(body_rotator->rotate(image, poses.narrow(0, i, 1), FrameWindow{}).blended);
    }
    keep(expected_.blended, torch::cat(drawn), rest);
  }
  courses_[training].push_back({examples, *last_});
  write();
}

void PsnrWatch::keep(const at::Tensor& expected, const at::Tensor& drawn, const at::Tensor& rest) {
  const at::Tensor drawn_scores = scores(expected, drawn);
  last_ = means(drawn_scores);
  rest_ = means(scores(expected, rest.expand_as(expected)));
  frames_.clear();
  for (std::size_t i = 0; i < poses_.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    frames_.push_back({expected[row].cpu().to(torch::kFloat32), drawn[row].cpu().to(torch::kFloat32),
                       poses_[i], drawn_scores[row][kNetwork].item<double>()});
  }
}

void PsnrWatch::write() const {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [training, points] : courses_) {
    for (const WatchedPsnr& point : points) {
      json[training].push_back({point.examples, point.psnr.network, point.psnr.seen});
    }
  }
  write_text_file(file_, json_text(json) + "\n");
}

}  // namespace tha4
