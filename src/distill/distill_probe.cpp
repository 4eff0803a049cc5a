#include "distill_probe.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "shared_settings.h"
#include <torch/types.h>

#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/nn/student/student_kind.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

using ProbeClock = std::chrono::steady_clock;

/// For each speed that is measured.
constexpr double kProbeSeconds = 0.7;
constexpr int kMaxCalls = 200;
constexpr double kSlowCall = 3;

/// Frames that the teacher makes for the probe.
constexpr int kProbedFrames = 2;

double seconds_since(ProbeClock::time_point start) {
  return std::chrono::duration<double>(ProbeClock::now() - start).count();
}

/// Seconds of a piece of what \p work does, which returns how many pieces that were. The first call, which
/// does what is done once, is not timed, unless a CPU is slow at it; a GPU's kernels are compiled in it.
double seconds_of_piece(c10::Device device, const std::function<double()>& work) {
  const auto first = ProbeClock::now();
  double pieces = work();
  synchronize(device);
  if (device.is_cpu() && seconds_since(first) > kSlowCall) return seconds_since(first) / pieces;
  const auto start = ProbeClock::now();
  pieces = 0;
  for (int calls = 0; calls == 0 || (seconds_since(start) < kProbeSeconds && calls < kMaxCalls); ++calls) {
    pieces += work();
    synchronize(device);
  }
  return seconds_since(start) / pieces;
}

/// Rows of a tensor over and over, \p count of them, each a little different, so that as many principal
/// components can be found as in that many frames.
at::Tensor many_of(const at::Tensor& rows, std::int64_t count, double noise) {
  std::vector<std::int64_t> times(static_cast<std::size_t>(rows.dim()), 1);
  times[0] = (count + rows.size(0) - 1) / rows.size(0);
  const at::Tensor many = rows.repeat(times).narrow(0, 0, count);
  if (noise == 0) return many;
  const SeededScope seeded(1);
  return many + noise * torch::rand(many.sizes(), many.options());
}

/// A folder for the few frames that are made, for as long as it lives.
class ProbeFolder {
 public:
  ProbeFolder() : path_(std::filesystem::temp_directory_path() / "tha4-probe-XXXXXX") {
    std::string name = path_.string();
    if (::mkdtemp(name.data()) == nullptr) throw Error("cannot make a folder " + path_.string());
    path_ = name;
  }
  ~ProbeFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ProbeFolder(const ProbeFolder&) = delete;
  ProbeFolder& operator=(const ProbeFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Probe {
 public:
  Probe(Poser& teacher, const DistillConfig& config, int processes, const Context& context)
      : teacher_(teacher), config_(with_batches_of_one(config, processes)), processes_(processes) {
    quiet_.stop = context.stop;
  }

  WorkAmounts measure(Work first) {
    const auto comes = [&](Work last) { return first <= last && !quiet_.stop.stop_requested(); };
    if (comes(Work::face_examples)) measure_crops();
    if (comes(Work::face_examples))
      std::visit([&](const auto& face) { measure_face(face); }, config_.face_morpher);
    if (comes(Work::tuning_examples)) measure_frames();
    if (comes(Work::tuning_examples))
      std::visit([&](const auto& body) { measure_body(body); }, config_.body_rotator);
    for (const Work shared : {Work::face_crops, Work::face_examples, Work::frames, Work::body_examples}) {
      of(speeds_, shared) /= processes_;
    }
    return speeds_;
  }

 private:
  /// Of \p training, whose steps after so many examples are timed.
  void time_steps(Training& training, Work work, std::int64_t after = 0) {
    std::int64_t seen = after;
    of(speeds_, work) = seconds_of_piece(teacher_.device(), [&] {
      const std::int64_t examples = training.step(seen).examples;
      seen += examples;
      if (seen >= training.total_examples()) seen = after;
      return static_cast<double>(examples);
    });
  }

  template <class Make>
  std::unique_ptr<Training> time_set_up(Work work, double pieces, Make make) {
    const auto start = ProbeClock::now();
    std::unique_ptr<Training> training = make();
    synchronize(teacher_.device());
    of(speeds_, work) = seconds_since(start) / pieces;
    return training;
  }

  void measure_crops() {
    const at::Tensor poses = draw_poses(config_.poses, config_.teacher_batch, config_.poses.seed);
    const double seconds = seconds_of_piece(teacher_.device(), [&] {
      faces_ = teacher_.face(poses).cpu();
      return static_cast<double>(poses.size(0));
    });
    of(speeds_, Work::mask_crops) = of(speeds_, Work::face_crops) = seconds;
  }

  void measure_face(const BlendshapeFaceConfig& face) {
    const int count = std::min(face.crops, face.basis_size + face.rest_basis_size + 8);
    TeacherCrops crops{draw_poses(face.poses, count, face.poses.seed), many_of(faces_, count, 1e-2)};
    const auto training = time_set_up(Work::face_analysis, count, [&] {
      return make_face_training(teacher_, config_, std::move(crops), {});
    });
    time_steps(*training, Work::face_examples);
  }

  void measure_face(const SirenFaceConfig& face) {
    DistillConfig few = config_;
    auto& few_face = std::get<SirenFaceConfig>(few.face_morpher);
    if (face.steps.frames > 0) few_face.steps.frames = kProbedFrames;
    const auto training = time_set_up(Work::face_analysis, 1, [&] {
      return make_face_training(teacher_, few, {}, torch::ones({1, kFaceCrop.height, kFaceCrop.width}),
                                quiet_);
    });
    time_steps(*training, Work::face_examples);
  }

  void measure_frames() {
    const at::Tensor poses = draw_poses(config_.poses, config_.teacher_batch, config_.poses.seed);
    const double seconds = seconds_of_piece(teacher_.device(), [&] {
      teacher_.pose(poses);
      return static_cast<double>(poses.size(0));
    });
    of(speeds_, Work::frames) = seconds;
    of(speeds_, Work::held_out) = seconds;
  }

  void measure_body(const BlendshapeBodyConfig& body) {
    const int basis_size =
        std::max({body.flow_basis_size, body.appearance_basis_size, body.motion_basis_size});
    const int count = std::min(body.frames, basis_size + 8);
    const ProbeFolder folder;
    TeacherFrames frames =
        collect_body_frames(teacher_, config_, {config_.teacher_batch, folder.path()}, kProbedFrames, quiet_);
    frames = {draw_poses(config_.poses, count, config_.poses.seed), many_of(frames.faces, count, 0),
              many_of(frames.blended, count, 0), many_of(frames.flow, count, 1e-2),
              many_of(frames.appearance, count, 1e-2)};
    const auto training = time_set_up(
        Work::body_analysis, count, [&] { return make_body_training(teacher_, config_, std::move(frames)); });
    time_steps(*training, Work::body_examples);
    if (body.fine_tuning.examples > 0) time_steps(*training, Work::tuning_examples, body.regression.examples);
    time_student(*training);
  }

  void measure_body(const SirenBodyConfig& body) {
    DistillConfig few = config_;
    auto& few_body = std::get<SirenBodyConfig>(few.body_rotator);
    if (body.steps.frames > 0) few_body.steps.frames = kProbedFrames;
    const auto training =
        time_set_up(Work::body_analysis, 1, [&] { return make_body_training(teacher_, few, {}, quiet_); });
    time_steps(*training, Work::body_examples);
    time_student(*training);
  }

  /// What the student's frames take at the end: once for the clip, twice where its body is scored apart.
  void time_student(const Training& body) {
    const torch::NoGradGuard no_grad;
    const auto network = make_body_rotator(body_rotator_kind(config_), body.exported_state(), "the training");
    network->to(teacher_.device());
    const at::Tensor image = teacher_.rest_image().unsqueeze(0);
    const at::Tensor pose = torch::zeros({1, kPoseSize}, image.options());
    const double seconds = seconds_of_piece(teacher_.device(), [&] {
      network->rotate(image, pose, FrameWindow{}).blended.cpu();
      return 1.0;
    });
    constexpr double kOtherThanDrawing = 0.012;  // seconds of scores, and of a frame of a clip
    of(speeds_, Work::held_out) += 2 * seconds + kOtherThanDrawing;
    of(speeds_, Work::preview) = seconds + kOtherThanDrawing;
  }

  Poser& teacher_;
  DistillConfig config_;
  int processes_;
  Context quiet_;  ///< which only asks for a stop
  WorkAmounts speeds_ = unknown_speeds();
  at::Tensor faces_;
};

}  // namespace

WorkAmounts measure_speeds(Poser& teacher, const DistillConfig& config, int processes, Work first,
                           const Context& context) {
  return Probe(teacher, config, processes, context).measure(first);
}

}  // namespace tha4
