// Tries the layouts of all convolutions that a teacher's networks do on the GPU that is there, and the
// teacher's frames with the best ones: how src/engine/measured_layouts.json is made. Not a test.
//
// try_convolutions ARCHITECTURE BATCH FOLDER
// try_convolutions profile
//
// The second one launches each layout of a few convolutions once, for who looks at them with a profiler.
//
// FOLDER gets trials-ARCHITECTURE-BATCH.txt, all that was found, of which join_trials.py makes the table; and
// a journal, by which a run that a kernel has ended goes on behind it.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine_fixtures.h"
#include "gpu_teacher.h"
#include "tried_convolutions.h"
#include <spdlog/fmt/fmt.h>
#include <torch/nn/module.h>
#include <torch/types.h>

#include "tha4/base/device.h"
#include "tha4/base/project_files.h"
#include "tha4/engine/fused_teacher.h"
#include "tha4/engine/graphed_poser.h"
#include "tha4/image/color.h"
#include "tha4/image/rest_image.h"
#include "tha4/metrics/psnr.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/nn/teacher/teacher.h"
#include "tha4/poser/base_teacher.h"
#include "tha4/poser/teacher_poser.h"

namespace {

using namespace tha4;

namespace fs = std::filesystem;

using Mode = TriedConvolutions::Mode;

/// The compact teacher is the project's own: a fresh one adds nothing to the picture that it is given, and
/// networks whose results are all the same show nothing of what kernels do.
Teacher some_teacher(Architecture architecture) {
  if (architecture == Architecture::compact) return load_teacher(base_teacher_folder(), architecture);
  const SeededScope seeded(1);
  return make_teacher(architecture);
}

at::Tensor rest_image() {
  const auto file = find_project_file("data/demo/character.png");
  return to_image_tensor(file ? load_rest_image(*file) : disc());
}

void make_channels_last(const Teacher& teacher) {
  for (const NamedNetwork& named : teacher.networks()) {
    for (at::Tensor& parameter : named.network->parameters()) {
      if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

double milliseconds_of(Poser& poser, const at::Tensor& poses, c10::Device device) {
  constexpr int kCalls = 10;
  synchronize(device);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kCalls; ++i) poser.pose(poses);
  synchronize(device);
  const std::chrono::duration<double, std::milli> duration = std::chrono::steady_clock::now() - start;
  return duration.count() / static_cast<double>(kCalls * poses.size(0));
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string table_of(const TriedConvolutions& convolutions) {
  std::vector<std::pair<std::string, TriedConvolution>> rows(convolutions.convolutions().begin(),
                                                             convolutions.convolutions().end());
  const auto cost = [](const auto& row) { return row.second.count * row.second.trials.front().microseconds; };
  std::sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return cost(a) > cost(b); });
  std::string text;
  double before = 0, after = 0, operations = 0;
  for (const auto& [key, tried] : rows) {
    const LayoutTrial &first = tried.trials.front(), &best = tried.best();
    before += tried.count * first.microseconds;
    after += tried.count * best.microseconds;
    operations += tried.count * tried.operations;
    text += fmt::format("{:2} x {}: {:.1f} us {:.0f} TFLOP/s -> {:.1f} us {:.0f} TFLOP/s {}\n", tried.count,
                        key, first.microseconds, tried.operations / first.microseconds / 1e6,
                        best.microseconds, tried.operations / best.microseconds / 1e6, name_of(best.layout));
    for (const LayoutTrial& trial : tried.trials)
      text += fmt::format("      {} {:.1f} us, {:.1f} dB, sums {:.1f} dB\n", name_of(trial.layout),
                          trial.microseconds, trial.decibels, trial.sums_decibels);
  }
  return text + fmt::format("all: {:.0f} us ({:.0f} TFLOP/s) -> {:.0f} us ({:.0f} TFLOP/s)\n", before,
                            operations / before / 1e6, after, operations / after / 1e6);
}

void time_frames(TriedConvolutions& convolutions, const Teacher& teacher, Teacher& reference,
                 const at::Tensor& image, Precision precision, const at::Tensor& poses) {
  const c10::Device device = convolutions.device();
  std::vector<std::unique_ptr<Poser>> posers;
  const PreparedImage prepared = reference.prepare(image.unsqueeze(0).to(device));
  const at::Tensor few = poses.narrow(0, 0, std::min<std::int64_t>(4, poses.size(0)));
  const at::Tensor expected = reference(prepared, few).editor.blended;
  for (const Mode mode : {Mode::plain, Mode::best}) {
    convolutions.set_mode(mode);
    posers.push_back(std::make_unique<GraphedPoser>(make_teacher_poser(teacher, image, device, precision)));
    for (int i = 0; i < 3; ++i) posers.back()->pose(poses);
    std::printf("%s: %.1f dB\n", mode == Mode::plain ? "as it was" : "best layouts",
                network_psnr(posers.back()->pose(poses).blended.narrow(0, 0, few.size(0)), expected)
                    .min()
                    .item<double>());
  }
  std::vector<double> before, after;
  for (int round = 0; round < 9; ++round) {
    before.push_back(milliseconds_of(*posers[0], poses, device));
    after.push_back(milliseconds_of(*posers[1], poses, device));
  }
  std::printf("batch %d: %.3f ms a frame as it was, %.3f with the best layouts (medians of 9, in turns)\n",
              static_cast<int>(poses.size(0)), median(before), median(after));
}

int run(const std::string& name, int batch, const fs::path& folder) {
  const torch::NoGradGuard no_grad;
  const Architecture architecture = name == "compact" ? Architecture::compact : Architecture::tha4;
  const Precision precision = fused_precision(architecture);
  const c10::Device device = parse_device("cuda");
  const std::string suffix = fmt::format("{}-{}", name, batch);
  TriedConvolutions convolutions(device, scalar_type(precision), folder / ("journal-" + suffix));
  Teacher teacher = some_teacher(architecture), reference = some_teacher(architecture);
  teacher.to(device, torch::kFloat);
  reference.to(device, torch::kFloat);
  // Owned by what follows as well.
  const std::shared_ptr<GpuConvolutions> shared(&convolutions, [](GpuConvolutions*) {});
  std::printf("%d networks by kernels\n", play_by_gpu_kernels(teacher, shared));
  teacher.to(device, scalar_type(precision));
  make_channels_last(teacher);
  const at::Tensor image = rest_image().unsqueeze(0).contiguous(at::MemoryFormat::ChannelsLast).squeeze(0);
  const at::Tensor poses = some_poses(batch);
  const auto poser = make_teacher_poser(teacher, image, device, precision);
  const auto pose_by = [&](Mode mode) {
    convolutions.set_mode(mode);
    poser->pose(poses);
    synchronize(device);
  };
  pose_by(Mode::collect);
  convolutions.compile(fs::read_symlink("/proc/self/exe").string());
  pose_by(Mode::trials);
  const std::string table = table_of(convolutions);
  std::ofstream(folder / ("trials-" + suffix + ".txt")) << table;
  std::fputs(table.c_str(), stdout);
  std::fflush(stdout);
  time_frames(convolutions, teacher, reference, image, precision, poses);
  return 0;
}

/// A convolution of random numbers, with a norm.
class RandomConvolution {
 public:
  RandomConvolution(MapConvolutionShape shape, c10::Device device)
      : shape_(std::move(shape)), options_(at::TensorOptions(torch::kFloat).device(device)) {
    const int factor = shape_.taps == 4 ? 2 : 1;
    std::int64_t inputs = 0;
    for (std::size_t i = 0; i < shape_.inputs.size(); ++i) {
      inputs += shape_.inputs[i];
      const at::Tensor sums =
          torch::ones({shape_.images, shape_.inputs[i], 2}, options_) * (shape_.height * shape_.width);
      work_.from[i] = {.values = keep(halves({shape_.images, shape_.height, shape_.width, shape_.inputs[i]})),
                       .sums = static_cast<const long long*>(keep(
                           (sums * torch::tensor({0.0F, kernels::kSquareScale}, options_)).to(torch::kLong))),
                       .channels = shape_.inputs[i]};
    }
    work_.height = shape_.height;
    work_.width = shape_.width;
    work_.gammas = static_cast<const float*>(keep(torch::ones({inputs}, options_)));
    work_.betas = static_cast<const float*>(keep(torch::zeros({inputs}, options_)));
    work_.groups = 32;
    work_.weights = keep(halves({shape_.taps == 4 ? 16 : shape_.taps, shape_.outputs, inputs}) * 0.02);
    work_.biases = static_cast<const float*>(keep(torch::zeros({shape_.outputs}, options_)));
    work_.to = keep(halves({shape_.images, shape_.height * factor, shape_.width * factor, shape_.outputs}));
    work_.to_sums = static_cast<long long*>(
        keep(torch::zeros({shape_.images, shape_.outputs, 2}, options_.dtype(torch::kLong))));
    work_.to_channels = shape_.outputs;
  }

  void launch(GpuConvolutions& convolutions) const {
    std::vector<MapConvolutionLayout> layouts{best_layout(shape_, convolutions.limits())};
    for (const MapConvolutionLayout& layout : warpgroup_layouts(shape_, convolutions.limits()))
      layouts.push_back(layout);
    for (const MapConvolutionLayout& layout : layouts) {
      std::printf("%dx%dx%d to %d: %s\n", shape_.images, shape_.height, shape_.width, shape_.outputs,
                  name_of(layout).c_str());
      std::fflush(stdout);
      convolutions.launch(shape_, layout, work_);
      synchronize(convolutions.device());
    }
  }

 private:
  at::Tensor halves(at::IntArrayRef sizes) const { return torch::randn(sizes, options_).to(torch::kHalf); }
  void* keep(const at::Tensor& tensor) {
    kept_.push_back(tensor.contiguous());
    return kept_.back().data_ptr();
  }

  MapConvolutionShape shape_;
  at::TensorOptions options_;
  kernels::MapConvolution work_{};
  std::vector<at::Tensor> kept_;
};

int profile() {
  const torch::NoGradGuard no_grad;
  const c10::Device device = parse_device("cuda");
  GpuConvolutions convolutions(device, torch::kHalf);
  const auto shape_of = [](int size, std::vector<int> inputs, int outputs, int taps) {
    return MapConvolutionShape{.images = 8,
                               .height = size,
                               .width = size,
                               .taps = taps,
                               .activation = kernels::MapActivation::silu,
                               .inputs = std::move(inputs),
                               .skipped = {},
                               .outputs = outputs};
  };
  for (const MapConvolutionShape& shape :
       {shape_of(128, {256}, 256, 9), shape_of(256, {128, 64}, 64, 9), shape_of(512, {64, 32}, 32, 9)}) {
    RandomConvolution(shape, device).launch(convolutions);
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const bool profiles = count == 2 && std::string(arguments[1]) == "profile";
  if (count == 6 && std::string(arguments[1]) == "compile") {
    compile_part(arguments[3], std::string(arguments[2]) == "fp16" ? torch::kHalf : torch::kBFloat16,
                 std::stoi(arguments[4]), std::stoi(arguments[5]));
    return 0;
  }
  if (count != 4 && !profiles) {
    std::fputs("try_convolutions tha4|compact BATCH FOLDER, or try_convolutions profile\n", stderr);
    return 2;
  }
  try {
    if (profiles) return profile();
    return run(arguments[1], std::stoi(arguments[2]), arguments[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::fflush(nullptr);
    std::_Exit(3);  // a GPU that a kernel has broken takes no more work, not even that of destructors
  }
}
