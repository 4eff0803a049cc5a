#include "gpu_soap.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "siren_programs.h"
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/types.h>

namespace tha4 {
namespace {

constexpr const char* kNext = "next";

/// Structs as a tensor of bytes.
template <class T>
at::Tensor on_device(const std::vector<T>& values, c10::Device device) {
  const auto bytes = static_cast<std::int64_t>(values.size() * sizeof(T));
  return torch::from_blob(const_cast<T*>(values.data()), {bytes}, torch::kByte).to(device);
}

}  // namespace

GpuSoap::GpuSoap(SoapPlaces places, int steps, double decay, c10::Device device)
    : places_(std::move(places)),
      steps_(steps),
      decay_(decay),
      device_(device),
      program_(siren_soap_program()),
      memory_(places_, device),
      is_rotated_(torch::zeros({places_.parameters}, torch::kByte)),
      gradients_(torch::zeros({places_.parameters}, torch::device(device))),
      rotated_gradients_(torch::zeros_like(gradients_)),
      rotated_moments_(torch::zeros_like(gradients_)),
      rows_(stage(true, 2)),
      columns_(stage(false, 1)),
      copied_(torch::zeros({places_.size}, torch::TensorOptions().pinned_memory(true))) {
  std::vector<kernels::SirenSoapMatrix> matrices;
  for (const SoapMatrix& matrix : places_.matrices) {
    matrices.push_back({static_cast<int>(matrix.offset), static_cast<int>(matrix.rows),
                        static_cast<int>(matrix.columns), static_cast<int>(matrix.left),
                        static_cast<int>(matrix.right)});
    is_rotated_.narrow(0, matrix.offset, matrix.rows * matrix.columns).fill_(1);
  }
  matrices_ = on_device(matrices, device);
  is_rotated_ = is_rotated_.to(device);
}

GpuSoap::~GpuSoap() {
  if (next_.valid()) next_.wait();
}

GpuSoap::Stage GpuSoap::stage(bool has_statistics, int products) const {
  std::vector<kernels::SirenSoapTile> tiles;
  const auto add = [&](std::size_t matrix, int product, std::int64_t rows, std::int64_t columns) {
    for (int row = 0; row < rows; row += kernels::kSoapTileSide) {
      for (int column = 0; column < columns; column += kernels::kSoapTileSide) {
        tiles.push_back({static_cast<int>(matrix), product, row, column});
      }
    }
  };
  for (std::size_t i = 0; i < places_.matrices.size(); ++i) {
    const SoapMatrix& matrix = places_.matrices[i];
    for (int product = 0; product < products; ++product) add(i, product, matrix.rows, matrix.columns);
    if (!has_statistics) continue;
    add(i, 2, matrix.rows, matrix.rows);
    add(i, 3, matrix.columns, matrix.columns);
  }
  // Those that take longest begin first.
  std::ranges::stable_sort(tiles, std::ranges::greater{}, [&](const kernels::SirenSoapTile& tile) {
    const SoapMatrix& matrix = places_.matrices[static_cast<std::size_t>(tile.matrix)];
    return std::max(matrix.rows, matrix.columns);
  });
  return {on_device(tiles, device_), static_cast<unsigned>(tiles.size())};
}

void GpuSoap::begin_plan(int steps, const at::Tensor& moments2) {
  if (memory_.since >= steps_) {
    take_up(moments2);
    look_for_bases();
    memory_.since = 0;
  }
  memory_.since += steps;
}

void GpuSoap::take_up(const at::Tensor& moments2) {
  if (!next_.valid()) return;
  const at::Tensor next = next_.get().to(device_);
  turn_moments(places_, memory_.bases, next, moments2);
  memory_.bases.copy_(next);
}

void GpuSoap::look_for_bases() {
  copied_.copy_(memory_.statistics, /*non_blocking=*/true);
  const auto is_there = std::make_shared<c10::Event>(device_.type());
  is_there->record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
  const at::Tensor present = next_.valid() ? next_.get() : first_bases(places_);
  next_ = std::async(std::launch::async, [this, is_there, present] {
            is_there->synchronize();
            return eigenbases(places_, copied_, present);
          }).share();
}

void GpuSoap::find_directions(const kernels::SirenStep* step, const int* is_taken, const at::Tensor& moments1,
                              const at::Tensor& moments2, const at::Tensor& directions) const {
  kernels::SirenSoap soap{.step = step,
                          .is_taken = is_taken,
                          .matrices = static_cast<const kernels::SirenSoapMatrix*>(matrices_.data_ptr()),
                          .tiles = static_cast<const kernels::SirenSoapTile*>(rows_.tiles.data_ptr()),
                          .gradients = gradients_.data_ptr<float>(),
                          .moment1 = moments1.data_ptr<float>(),
                          .moment2 = moments2.data_ptr<float>(),
                          .bases = memory_.bases.data_ptr<float>(),
                          .statistics = memory_.statistics.data_ptr<float>(),
                          .rotated_gradients = rotated_gradients_.data_ptr<float>(),
                          .rotated_moments = rotated_moments_.data_ptr<float>(),
                          .directions = directions.data_ptr<float>(),
                          .decay = static_cast<float>(decay_)};
  constexpr unsigned kThreads = 256;
  program_.launch(device_, {.x = rows_.count, .threads = kThreads}, kernels::SirenSoapRows{soap});
  soap.tiles = static_cast<const kernels::SirenSoapTile*>(columns_.tiles.data_ptr());
  const CudaGrid grid{.x = columns_.count, .threads = kThreads};
  program_.launch(device_, grid, kernels::SirenSoapColumns{soap});
  program_.launch(device_, grid, kernels::SirenSoapRowsBack{soap});
  program_.launch(device_, grid, kernels::SirenSoapColumnsBack{soap});
}

StateDict GpuSoap::state() const {
  StateDict state = memory_.state();
  if (next_.valid()) state.insert(kNext, next_.get());
  return state;
}

void GpuSoap::restore(const StateDict& state) {
  if (next_.valid()) next_.wait();
  next_ = {};
  memory_.restore(places_, state);
  const torch::Tensor* const next = state.find(kNext);
  if (next == nullptr) return;
  std::promise<at::Tensor> promise;
  promise.set_value(next->to(torch::kCPU, torch::kFloat32).clone());
  next_ = promise.get_future().share();
}

}  // namespace tha4
