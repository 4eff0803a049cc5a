#include "output.h"

#include <cmath>
#include <vector>

#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/image/compositing.h"
#include "tha4/image/image_io.h"
#include "tha4/image/video.h"
#include "tha4/poser/pictures.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

constexpr std::size_t kMostPicturesOnASheet = 400;
constexpr double kStillsPerSecond = 2;  // of poses that are no animation, in a clip

void write_frames(Poser& poser, const PoseJob& job, const std::filesystem::path& folder) {
  draw_pictures(poser, job.sequence.poses, job.window, job.batch,
                [&](std::size_t index, const RgbaImage& picture) {
                  write_image(folder / fmt::format("frame_{:06}.png", index), picture);
                });
}

void write_clip(Poser& poser, const PoseJob& job, const std::filesystem::path& file) {
  const PoseSequence& sequence = job.sequence;
  VideoWriter video(file, job.window.region.width, job.window.region.height,
                    sequence.is_animation ? sequence.frames_per_second : kStillsPerSecond);
  draw_pictures(poser, sequence.poses, job.window, job.batch,
                [&](std::size_t, const RgbaImage& picture) { video.add(picture); });
  video.finish();
}

void write_sheet(Poser& poser, const PoseJob& job, const std::filesystem::path& file) {
  if (job.sequence.poses.size() > kMostPicturesOnASheet) {
    throw InputError("a sheet holds at most 400 pictures; name a folder or an .mp4 with --out instead");
  }
  std::vector<RgbaImage> pictures;
  draw_pictures(poser, job.sequence.poses, job.window, job.batch,
                [&](std::size_t, const RgbaImage& picture) { pictures.push_back(picture); });
  const int columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(pictures.size()))));
  write_image(file, pictures.size() == 1 ? pictures.front() : contact_sheet(pictures, {.columns = columns}));
}

}  // namespace

void write_pictures(Poser& poser, const PoseJob& job, const std::filesystem::path& out) {
  if (out.extension().empty()) {
    write_frames(poser, job, out);
  } else if (out.extension() == ".mp4") {
    write_clip(poser, job, out);
  } else {
    write_sheet(poser, job, out);
  }
}

void write_tensors(Poser& poser, const PoseJob& job, const std::filesystem::path& file) {
  constexpr std::size_t kMostPoses = 1000;
  const std::vector<Pose>& poses = job.sequence.poses;
  if (poses.size() > kMostPoses) throw InputError("--dump takes at most 1000 poses at a time");
  std::vector<PosedFrame> frames;
  const auto batch = static_cast<std::size_t>(job.batch);
  Progress progress("tensors", static_cast<std::int64_t>(poses.size()), "frames");
  for (std::size_t first = 0; first < poses.size(); first += batch) {
    const auto part = std::span(poses).subspan(first, std::min(batch, poses.size() - first));
    frames.push_back(poser.pose(to_tensor(part), job.window));
    progress.update(static_cast<std::int64_t>(first + part.size()));
  }
  StateDict tensors;
  const auto insert = [&](const char* name, at::Tensor PosedFrame::*member) {
    std::vector<torch::Tensor> batches;
    for (const PosedFrame& frame : frames) batches.push_back((frame.*member).cpu().to(torch::kFloat32));
    tensors.insert(name, torch::cat(batches));
  };
  insert("blended", &PosedFrame::blended);
  insert("warped", &PosedFrame::warped);
  insert("direct", &PosedFrame::direct);
  insert("alpha", &PosedFrame::alpha);
  insert("flow", &PosedFrame::flow);
  insert("face", &PosedFrame::face);
  write_safetensors(file, tensors);
}

void check_output(const std::filesystem::path& out) {
  const std::string extension = out.extension().string();
  for (const char* known : {"", ".png", ".webp", ".jpg", ".jpeg", ".mp4"}) {
    if (extension == known) return;
  }
  throw InputError(
      "--out " + out.string() + ": " + extension +
      " is not known; use .png, .webp or .jpg (one frame or a sheet), .mp4 (a clip), or a folder");
}

}  // namespace tha4
