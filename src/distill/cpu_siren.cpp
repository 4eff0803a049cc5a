#include "cpu_siren.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

#include <torch/types.h>

#include "tha4/nn/blocks/sine_layer.h"

namespace tha4 {
namespace {

/// Sums of gradients, which are added up in a fixed order. Each is of a few windows.
constexpr std::size_t kMaxGroups = 32;

/// Larger windows are divided, so that what is kept of one stays small and threads have enough to share.
constexpr int kLargestPart = 128;
constexpr int kBandHeight = 32;  ///< of a SIREN of one level, which needs nothing around its pixels

constexpr std::int64_t kRowsOfTask = 8;

/// [begin, begin + size) of each part of a side.
std::vector<std::pair<int, int>> divide(int size, int largest) {
  std::vector<std::pair<int, int>> parts;
  for (int begin = 0; begin < size; begin += largest)
    parts.emplace_back(begin, std::min(largest, size - begin));
  return parts;
}

}  // namespace

struct CpuSiren::Group {
  explicit Group(const std::vector<PackedLevel>& levels) : sums(levels) {}

  GradientSums sums;
  std::array<double, StudentLoss::kTerms> terms{};
};

bool CpuSiren::is_possible(const TrainedSiren& siren) {
  for (std::size_t i = 0; i < siren.levels.size(); ++i) {
    if (siren.levels[i].sines.size() > kernels::kMaxSineLayers) return false;
    if (i == 0) continue;
    const int ratio = siren.levels[i].resolution / siren.levels[i - 1].resolution;
    if (ratio * siren.levels[i - 1].resolution != siren.levels[i].resolution || ratio > 2) return false;
  }
  return true;
}

SirenNumbers CpuSiren::usual_numbers() {
  return can_multiply(SirenNumbers::pairs) ? SirenNumbers::pairs : SirenNumbers::singles;
}

CpuSiren::CpuSiren(const StateDict& network, const TrainedSiren& siren, int window, at::Tensor poses,
                   int threads, SirenNumbers numbers)
    : numbers_(numbers),
      window_(window),
      poses_(poses.to(torch::kCPU, torch::kFloat32).contiguous()),
      levels_(pack_levels(network, siren, numbers)),
      workers_(threads),
      window_workers_(static_cast<std::size_t>(threads)) {
  std::size_t count = 0;
  for (const auto& item : network) {
    shapes_.insert(item.key(), torch::empty(item.value().sizes()));
    count += static_cast<std::size_t>(item.value().numel());
  }
  for (std::vector<float>* flat : {&parameters_, &average_, &moments1_, &moments2_, &gradient_})
    flat->resize(count);
  gradient_sums_ = torch::from_blob(gradient_.data(), {static_cast<std::int64_t>(count)});
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    for (int i = 0; i < levels_[level].first.channels(); ++i) rows_.push_back({level, -1, i});
    const auto& matrices = levels_[level].matrices;
    for (int matrix = 0; std::cmp_less(matrix, matrices.size()); ++matrix) {
      const int outputs = matrices[static_cast<std::size_t>(matrix)].place().outputs;
      for (int i = 0; i < outputs; ++i) rows_.push_back({level, matrix, i});
    }
  }
  squares_.resize(rows_.size());
  const StateDict none;
  restore(network, network, none, none);
}

CpuSiren::~CpuSiren() = default;

std::vector<WindowPart> CpuSiren::parts_of(const PlannedStep& step) const {
  const bool has_one_level = levels_.size() == 1;
  std::vector<WindowPart> parts;
  for (const kernels::SirenWindow& window : step.windows) {
    for (const auto& [y, height] : divide(window_, has_one_level ? kBandHeight : kLargestPart)) {
      for (const auto& [x, width] : divide(window_, kLargestPart)) {
        parts.push_back({window.frame, window.x + x, window.y + y, width, height});
      }
    }
  }
  return parts;
}

WindowWorker& CpuSiren::worker(int thread) {
  auto& worker = window_workers_[static_cast<std::size_t>(thread)];
  const int largest = std::min(window_, kLargestPart);
  if (worker == nullptr) worker = std::make_unique<WindowWorker>(levels_, numbers_, largest, largest);
  return *worker;
}

std::array<double, StudentLoss::kTerms> CpuSiren::differentiate(const PlannedStep& step,
                                                                const StudentLoss& loss) {
  const std::vector<WindowPart> parts = parts_of(step);
  const std::size_t count = std::min(parts.size(), kMaxGroups);
  while (groups_.size() < count) groups_.push_back(std::make_unique<Group>(levels_));
  const double fraction = 1.0 / (static_cast<double>(step.windows.size()) * window_ * window_);
  const auto pose_size = static_cast<std::size_t>(poses_.size(1));
  workers_.run(static_cast<std::int64_t>(count), [&](std::int64_t task, int thread) {
    const auto number = static_cast<std::size_t>(task);
    Group& group = *groups_[number];
    group.sums.clear();
    group.terms.fill(0);
    for (std::size_t i = number * parts.size() / count; i < (number + 1) * parts.size() / count; ++i) {
      const float* const pose =
          poses_.data_ptr<float>() + static_cast<std::size_t>(parts[i].frame) * pose_size;
      worker(thread).differentiate(parts[i], pose, step.settings, loss, fraction, group.sums, group.terms);
    }
  });
  for_rows([&](std::size_t i) {
    sum_row(rows_[i], count);
    sum_bias(rows_[i], count);
  });
  std::array<double, StudentLoss::kTerms> terms{};
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < terms.size(); ++k) terms[k] += groups_[i]->terms[k];
  }
  return terms;
}

void CpuSiren::for_rows(const std::function<void(std::size_t)>& work) {
  const auto rows = static_cast<std::int64_t>(rows_.size());
  workers_.run((rows + kRowsOfTask - 1) / kRowsOfTask, [&](std::int64_t task, int) {
    for (std::int64_t i = task * kRowsOfTask; i < std::min(rows, (task + 1) * kRowsOfTask); ++i) {
      work(static_cast<std::size_t>(i));
    }
  });
}

/// Sums the gradient of a row's weights.
void CpuSiren::sum_row(const Row& row, std::size_t groups) {
  const PackedLevel& level = levels_[row.level];
  const auto output = static_cast<std::size_t>(row.output);
  const bool is_first = row.matrix < 0;
  const auto index = static_cast<std::size_t>(std::max(0, row.matrix));
  const WeightPlace& place = is_first ? level.first.place() : level.matrices[index].place();
  const auto scale = static_cast<float>(is_first ? kSirenFrequency : level.matrices[index].scale());
  const auto inputs = static_cast<std::size_t>(place.inputs);
  // A first layer's gradient lies in columns.
  const std::size_t step = is_first ? static_cast<std::size_t>(padded_to(place.outputs, 2)) : 1;
  const std::size_t begin =
      is_first ? output : output * static_cast<std::size_t>(padded_to(place.inputs, trained_lanes()));
  float* const gradient = gradient_.data() + place.at(row.output);
  std::fill_n(gradient, inputs, 0.0F);
  for (std::size_t group = 0; group < groups; ++group) {
    const GradientSums& sums = groups_[group]->sums;
    const float* const part = (is_first ? sums.first(row.level) : sums.matrix(row.level, index)) + begin;
    for (std::size_t i = 0; i < inputs; ++i) gradient[i] += part[i * step];
  }
  for (std::size_t i = 0; i < inputs; ++i) gradient[i] *= scale;
}

void CpuSiren::sum_bias(const Row& row, std::size_t groups) {
  const PackedLevel& level = levels_[row.level];
  const auto index = static_cast<std::size_t>(std::max(0, row.matrix));
  const auto output = static_cast<std::size_t>(row.output);
  double scale = kSirenFrequency;
  float sum = 0;
  std::ptrdiff_t bias = level.first.bias();
  if (row.matrix < 0) {
    const WeightPlace& place = level.first.place();
    const auto at = static_cast<std::size_t>(place.inputs * padded_to(place.outputs, 2)) + output;
    for (std::size_t group = 0; group < groups; ++group) sum += groups_[group]->sums.first(row.level)[at];
  } else {
    bias = level.matrices[index].bias();
    scale = level.matrices[index].scale();
    if (bias < 0) return;
    const auto lanes = static_cast<std::size_t>(trained_lanes());
    for (std::size_t group = 0; group < groups; ++group) {
      const float* const part = groups_[group]->sums.bias(row.level, index) + output * lanes;
      sum += std::accumulate(part, part + lanes, 0.0F);
    }
  }
  sum *= static_cast<float>(scale);
  gradient_[static_cast<std::size_t>(bias) + output] = sum;
}

CpuSiren::RowPlace CpuSiren::place_of(const Row& row) const {
  const PackedLevel& level = levels_[row.level];
  const bool is_first = row.matrix < 0;
  const PackedMatrix* const matrix =
      is_first ? nullptr : &level.matrices[static_cast<std::size_t>(row.matrix)];
  const WeightPlace& place = is_first ? level.first.place() : matrix->place();
  const std::ptrdiff_t bias = is_first ? level.first.bias() : matrix->bias();
  return {place.at(row.output), static_cast<std::size_t>(place.inputs), bias < 0 ? bias : bias + row.output};
}

double CpuSiren::squares_of(const Row& row) const {
  const RowPlace place = place_of(row);
  const auto square = [&](std::size_t i) { return static_cast<double>(gradient_[i]) * gradient_[i]; };
  double squares = 0;
  for (std::size_t i = place.weights; i < place.weights + place.count; ++i) squares += square(i);
  return place.bias < 0 ? squares : squares + square(static_cast<std::size_t>(place.bias));
}

void CpuSiren::update(const kernels::SirenStep& step) {
  for_rows([&](std::size_t i) { squares_[i] = squares_of(rows_[i]); });
  const double norm = std::sqrt(std::accumulate(squares_.begin(), squares_.end(), 0.0));
  // A step whose gradient is no number is left out.
  if (!std::isfinite(norm)) return;
  const bool is_large = step.max_norm > 0 && norm > step.max_norm;
  const auto factor = is_large ? static_cast<float>(step.max_norm / norm) : 1.0F;
  if (soap_) {
    update_by_soap(step, factor);
  } else {
    for_rows([&](std::size_t i) { update_row(rows_[i], step, factor); });
  }
  pack();
}

void CpuSiren::use_soap(int steps, double decay) {
  soap_.emplace(soap_places(shapes_), steps, decay, c10::Device(c10::kCPU));
}

void CpuSiren::update_by_soap(const kernels::SirenStep& step, float factor) {
  const auto flat = [](std::vector<float>& values) {
    return torch::from_blob(values.data(), {static_cast<std::int64_t>(values.size())});
  };
  const at::Tensor directions = soap_->directions(flat(gradient_) * factor, flat(moments1_), flat(moments2_),
                                                  {.beta1 = step.beta1,
                                                   .beta2 = step.beta2,
                                                   .correction1 = step.correction1,
                                                   .correction2 = step.correction2});
  const at::Tensor parameters = flat(parameters_);
  parameters.sub_(directions, step.learning_rate);
  flat(average_).lerp_(parameters, 1 - step.average_decay);
}

void CpuSiren::update_row(const Row& row, const kernels::SirenStep& step, float factor) {
  const RowPlace place = place_of(row);
  update_range(place.weights, place.count, step, factor);
  if (place.bias >= 0) update_range(static_cast<std::size_t>(place.bias), 1, step, factor);
}

void CpuSiren::update_range(std::size_t begin, std::size_t count, const kernels::SirenStep& step,
                            float factor) {
  constexpr float kEpsilon = 1e-8F;
  for (std::size_t i = begin; i < begin + count; ++i) {
    const float gradient = gradient_[i] * factor;
    moments1_[i] += (1 - step.beta1) * (gradient - moments1_[i]);
    moments2_[i] = step.beta2 * moments2_[i] + (1 - step.beta2) * gradient * gradient;
    const float divisor = std::sqrt(moments2_[i] / step.correction2) + kEpsilon;
    parameters_[i] -= step.learning_rate * (moments1_[i] / step.correction1) / divisor;
    average_[i] = parameters_[i] + step.average_decay * (average_[i] - parameters_[i]);
  }
}

void CpuSiren::pack() {
  struct Panel {
    PackedMatrix* matrix;
    int number;
  };
  std::vector<Panel> panels;
  for (PackedLevel& level : levels_) {
    level.first.pack(parameters_.data());
    for (PackedMatrix& matrix : level.matrices) {
      for (int i = 0; i < matrix.output_panels() + matrix.input_panels(); ++i) panels.push_back({&matrix, i});
    }
  }
  workers_.run(static_cast<std::int64_t>(panels.size()), [&](std::int64_t task, int) {
    const Panel& panel = panels[static_cast<std::size_t>(task)];
    const int outputs = panel.matrix->output_panels();
    if (panel.number < outputs) {
      panel.matrix->pack_outputs(parameters_.data(), panel.number);
    } else {
      panel.matrix->pack_inputs(parameters_.data(), panel.number - outputs);
    }
  });
}

StateDict CpuSiren::by_name(const std::vector<float>& flat) const {
  StateDict values;
  const float* next = flat.data();
  for (const auto& item : shapes_) {
    at::Tensor value = torch::empty(item.value().sizes());
    std::copy_n(next, value.numel(), value.data_ptr<float>());
    next += value.numel();
    values.insert(item.key(), value);
  }
  return values;
}

void CpuSiren::take(std::vector<float>& flat, const StateDict& values) const {
  std::fill(flat.begin(), flat.end(), 0.0F);
  if (values.is_empty()) return;
  float* next = flat.data();
  for (const auto& item : shapes_) {
    const at::Tensor value = values[item.key()].to(torch::kCPU, torch::kFloat32).contiguous();
    next = std::copy_n(value.data_ptr<float>(), value.numel(), next);
  }
}

void CpuSiren::restore(const StateDict& network, const StateDict& average, const StateDict& moments1,
                       const StateDict& moments2) {
  take(parameters_, network);
  take(average_, average);
  take(moments1_, moments1);
  take(moments2_, moments2);
  pack();
}

}  // namespace tha4
