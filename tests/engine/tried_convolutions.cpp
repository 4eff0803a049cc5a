#include "tried_convolutions.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>
#include <thread>
#include <utility>

#include "engine/engine_fixtures.h"
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>
#include <torch/types.h>

#include "tha4/base/cuda_graph.h"
#include "tha4/base/device.h"

namespace tha4 {
namespace {

/// What the kernels write, as tensors.
struct Written {
  at::Tensor results, sums;

  Written copied() const {
    return {.results = results.clone(), .sums = sums.defined() ? sums.clone() : at::Tensor()};
  }
  /// What no kernel has written.
  void reset() const {
    results.fill_(std::numeric_limits<double>::quiet_NaN());
    if (sums.defined()) sums.zero_();
  }
};

Written written_by(const MapConvolutionShape& shape, const kernels::MapConvolution& arguments,
                   const GpuConvolutions& convolutions) {
  const std::int64_t factor = shape.taps == 4 ? 2 : 1;
  const auto options = at::TensorOptions(convolutions.type()).device(convolutions.device());
  const std::vector<std::int64_t> sizes{shape.images, shape.height * factor, shape.width * factor,
                                        arguments.to_channels};
  Written written;
  written.results = arguments.floats != nullptr
                        ? torch::from_blob(arguments.floats, sizes, options.dtype(torch::kFloat))
                        : torch::from_blob(arguments.to, sizes, options);
  if (arguments.to_sums != nullptr)
    written.sums = torch::from_blob(arguments.to_sums, {shape.images, arguments.to_channels, 2},
                                    options.dtype(torch::kLong));
  return written;
}

std::string key_of(const MapConvolutionShape& shape, const kernels::MapConvolution& arguments) {
  return fmt::format("{}x{}x{} {}{} [{}]+[{}]>{} act{} add{}{}", shape.images, shape.height, shape.width,
                     shape.taps, shape.halves ? "h" : "", fmt::join(shape.inputs, ","),
                     fmt::join(shape.skipped, ","), shape.outputs, static_cast<int>(shape.activation),
                     static_cast<int>(arguments.addition), arguments.floats != nullptr ? " floats" : "");
}

double operations_of(const MapConvolutionShape& shape) {
  const auto sum = [](const std::vector<int>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  const int taps = shape.taps == 4 ? 16 : shape.taps;
  return 2.0 * shape.images * shape.height * shape.width * shape.outputs *
         (taps * sum(shape.inputs) + sum(shape.skipped));
}

/// What a layout that fails is known by.
std::string kind_of(const MapConvolutionLayout& layout) {
  return fmt::format("{} taps{}{}", name_of(layout), layout.taps, layout.halves ? "h" : "");
}

}  // namespace

std::string name_of(const MapConvolutionLayout& layout) {
  if (layout.has_warpgroups())
    return fmt::format("wg-{}x{}x{}-l{}-p{}-s{}-r{}{}", layout.teams, 64 * layout.blocks, layout.outputs,
                       layout.loaders, layout.patches, layout.slots, layout.resident,
                       layout.copies ? "-c" : "");
  return fmt::format("warps-{}x{}-k{}-r{}", layout.tile_pixels(), layout.outputs, layout.splits,
                     layout.resident);
}

const LayoutTrial& TriedConvolution::best() const {
  constexpr double kMinDecibels = 40;
  const LayoutTrial* best = &trials.front();
  for (const LayoutTrial& trial : trials) {
    const bool is_right = trial.decibels > kMinDecibels && trial.sums_decibels > kMinDecibels;
    if (is_right && trial.microseconds < best->microseconds) best = &trial;
  }
  return *best;
}

TriedConvolutions::TriedConvolutions(c10::Device device, at::ScalarType type, std::filesystem::path journal)
    : GpuConvolutions(device, type), journal_(std::move(journal)) {
  read_journal();
}

void TriedConvolutions::read_journal() {
  std::ifstream file(journal_);
  std::set<std::string> begun;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string what, key, kind;
    std::getline(fields, what, '\t');
    std::getline(fields, key, '\t');
    std::getline(fields, kind, '\t');
    if (what == "begin") {
      begun.insert(key + '\t' + kind);
      failed_.insert(kind);
      continue;
    }
    LayoutTrial trial;
    fields >> trial.microseconds >> trial.decibels >> trial.sums_decibels;
    ended_[key + '\t' + kind] = trial;
    begun.erase(key + '\t' + kind);
    const bool others = std::any_of(begun.begin(), begun.end(),
                                    [&](const std::string& other) { return other.ends_with('\t' + kind); });
    if (!others) failed_.erase(kind);
  }
}

void TriedConvolutions::note(const std::string& line) const {
  std::ofstream(journal_, std::ios::app) << line << std::endl;
}

std::vector<MapConvolutionLayout> TriedConvolutions::layouts_of(const MapConvolutionShape& shape) const {
  std::vector<MapConvolutionLayout> layouts{best_layout(shape, limits())};
  for (const MapConvolutionLayout& layout : warpgroup_layouts(shape, limits())) layouts.push_back(layout);
  return layouts;
}

void TriedConvolutions::compile(const std::string& program) const {
  const std::filesystem::path file = journal_.string() + "-layouts";
  std::set<MapConvolutionLayout> layouts;
  for (const auto& [key, tried] : convolutions_) {
    for (const MapConvolutionLayout& layout : layouts_of(tried.shape)) layouts.insert(layout);
  }
  std::ofstream text(file);
  for (const MapConvolutionLayout& layout : layouts) {
    text << fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {}\n", layout.taps, layout.halves ? 1 : 0,
                        static_cast<int>(layout.activation), layout.step, layout.teams, layout.blocks,
                        layout.outputs, layout.splits, layout.slots, layout.loaders, layout.patches,
                        layout.resident, layout.copies ? 1 : 0);
  }
  text.close();
  const unsigned parts = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (unsigned part = 0; part < parts; ++part) {
    const std::string command =
        fmt::format("'{}' compile {} '{}' {} {}", program, type() == torch::kHalf ? "fp16" : "bf16",
                    file.string(), part, parts);
    threads.emplace_back([command] {
      if (std::system(command.c_str()) != 0) std::fprintf(stderr, "%s\n", ("failed: " + command).c_str());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void compile_part(const std::filesystem::path& layouts, at::ScalarType type, int part, int parts) {
  std::ifstream text(layouts);
  MapConvolutionLayout layout;
  int halves = 0, activation = 0, copies = 0;
  for (int line = 0; text >> layout.taps >> halves >> activation >> layout.step >> layout.teams >>
                     layout.blocks >> layout.outputs >> layout.splits >> layout.slots >> layout.loaders >>
                     layout.patches >> layout.resident >> copies;
       ++line) {
    if (line % parts != part) continue;
    layout.halves = halves != 0;
    layout.copies = copies != 0;
    layout.activation = static_cast<kernels::MapActivation>(activation);
    map_convolution_program(layout, type)->code_for("90a", KernelCache::of_user());
  }
}

double TriedConvolutions::time(const MapConvolutionShape& shape, const MapConvolutionLayout& layout,
                               const kernels::MapConvolution& arguments) {
  constexpr int kLaunches = 20, kRounds = 5;
  CudaGraph graph(device(), [&] {
    for (int i = 0; i < kLaunches; ++i) GpuConvolutions::launch(shape, layout, arguments);
  });
  std::vector<double> times;
  for (int i = 0; i <= kRounds; ++i) {
    synchronize(device());
    const auto start = std::chrono::steady_clock::now();
    graph.launch();
    synchronize(device());
    const std::chrono::duration<double, std::micro> duration = std::chrono::steady_clock::now() - start;
    if (i > 0) times.push_back(duration.count() / kLaunches);
  }
  std::nth_element(times.begin(), times.begin() + kRounds / 2, times.end());
  return times[kRounds / 2];
}

void TriedConvolutions::try_all(TriedConvolution& tried, const std::string& key,
                                const kernels::MapConvolution& arguments) {
  const Written written = written_by(tried.shape, arguments, *this);
  Written expected;
  for (const MapConvolutionLayout& layout : layouts_of(tried.shape)) {
    const std::string kind = kind_of(layout), name = key + '\t' + kind;
    const bool is_reference = tried.trials.empty();
    const auto known = ended_.find(name);
    if (known == ended_.end() && failed_.contains(kind)) continue;
    written.reset();
    if (known != ended_.end() && !is_reference) {
      tried.trials.push_back(known->second);
      tried.trials.back().layout = layout;
      continue;
    }
    note("begin\t" + name);
    GpuConvolutions::launch(tried.shape, layout, arguments);
    synchronize(device());
    if (is_reference) expected = written.copied();
    LayoutTrial trial{
        .layout = layout,
        .decibels = decibels(written.results.to(torch::kFloat), expected.results.to(torch::kFloat)),
        .sums_decibels = 999};
    if (written.sums.defined())
      trial.sums_decibels = decibels(written.sums.to(torch::kDouble), expected.sums.to(torch::kDouble));
    trial.microseconds = time(tried.shape, layout, arguments);
    note(fmt::format("end\t{}\t{:.2f} {:.1f} {:.1f}", name, trial.microseconds,
                     std::min(trial.decibels, 999.0), std::min(trial.sums_decibels, 999.0)));
    tried.trials.push_back(trial);
  }
  written.reset();
}

void TriedConvolutions::launch(const MapConvolutionShape& shape, const MapConvolutionLayout& layout,
                               kernels::MapConvolution arguments) {
  const std::string key = mode_ == Mode::plain ? "" : key_of(shape, arguments);
  if (mode_ == Mode::collect) {
    TriedConvolution& tried = convolutions_[key];
    tried.shape = shape;
    tried.operations = operations_of(shape);
    ++tried.count;
  }
  const auto place = convolutions_.find(key);
  const bool is_known = place != convolutions_.end();
  if (mode_ == Mode::trials && is_known && place->second.trials.empty())
    try_all(place->second, key, arguments);
  const bool is_best = mode_ == Mode::best && is_known && !place->second.trials.empty();
  GpuConvolutions::launch(shape, is_best ? place->second.best().layout : layout, arguments);
}

}  // namespace tha4
