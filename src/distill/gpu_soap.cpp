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

GpuSoap::GpuSoap(SoapPlaces places, int steps, double decay, c10::Device device, BatchShare share)
    : share_(std::move(places), share),
      steps_(steps),
      decay_(decay),
      device_(device),
      program_(siren_soap_program()),
      memory_(share_.all(), device),
      is_rotated_(torch::zeros({share_.all().parameters}, torch::kByte)),
      gradients_(torch::zeros({share_.all().parameters}, torch::device(device))),
      rotated_gradients_(torch::zeros_like(gradients_)),
      rotated_moments_(torch::zeros_like(gradients_)),
      rows_(stage(true, {kernels::kSoapGradients, kernels::kSoapMoments})),
      columns_(stage(false, {kernels::kSoapGradients})),
      rows_back_(stage(true, {kernels::kSoapGradients, kernels::kSoapRowStatistics})),
      columns_back_(stage(false, {kernels::kSoapGradients, kernels::kSoapColumnStatistics})),
      copied_(torch::zeros({share_.all().size}, torch::TensorOptions().pinned_memory(true))) {
  const at::Tensor way_places = share_.way_places();
  const auto way_of = [&](const SoapMatrix& matrix) {
    return share_.is_shared() ? way_places[matrix.offset].item<int>() : static_cast<int>(matrix.offset);
  };
  std::vector<kernels::SirenSoapMatrix> matrices;
  for (const SoapMatrix& matrix : share_.own().matrices) {
    matrices.push_back({static_cast<int>(matrix.offset), static_cast<int>(matrix.rows),
                        static_cast<int>(matrix.columns), static_cast<int>(matrix.left),
                        static_cast<int>(matrix.right), way_of(matrix)});
  }
  matrices_ = on_device(matrices, device);
  for (const SoapMatrix& matrix : share_.all().matrices) {
    is_rotated_.narrow(0, matrix.offset, matrix.size()).fill_(1);
  }
  is_rotated_ = is_rotated_.to(device);
  if (!share_.is_shared()) return;
  ways_ = share_.room_for_ways(device);
  way_places_ = way_places.to(device);
}

GpuSoap::~GpuSoap() {
  if (next_.valid()) next_.wait();
}

GpuSoap::Stage GpuSoap::stage(bool is_of_rows,
                              std::initializer_list<kernels::SirenSoapProduct> products) const {
  struct Tile {
    kernels::SirenSoapTile tile;
    std::int64_t depth;
  };
  std::vector<Tile> tiles;
  const std::vector<SoapMatrix>& matrices = share_.own().matrices;
  for (const kernels::SirenSoapProduct product : products) {
    for (std::size_t i = 0; i < matrices.size(); ++i) {
      const std::int64_t rows = matrices[i].rows, columns = matrices[i].columns;
      const bool is_of_left = product == kernels::kSoapRowStatistics,
                 is_of_right = product == kernels::kSoapColumnStatistics;
      const std::int64_t depth = is_of_left || (!is_of_right && !is_of_rows) ? columns : rows;
      for (int row = 0; row < (is_of_right ? columns : rows); row += kernels::kSoapTileRows) {
        for (int column = 0; column < (is_of_left ? rows : columns); column += kernels::kSoapTileColumns) {
          tiles.push_back({{static_cast<int>(i), product, row, column}, depth});
        }
      }
    }
  }
  // Those that take longest begin first.
  std::ranges::stable_sort(tiles, std::ranges::greater{}, &Tile::depth);
  std::vector<kernels::SirenSoapTile> sorted;
  for (const Tile& tile : tiles) sorted.push_back(tile.tile);
  return {on_device(sorted, device_), static_cast<unsigned>(tiles.size())};
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
  turn_moments(share_.own(), memory_.bases, next, moments2);
  memory_.bases.copy_(next);
}

void GpuSoap::look_for_bases() {
  copied_.copy_(memory_.statistics, /*non_blocking=*/true);
  const auto is_there = std::make_shared<c10::Event>(device_.type());
  is_there->record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
  const at::Tensor present = next_.valid() ? next_.get() : first_bases(share_.all());
  next_ = std::async(std::launch::async, [this, is_there, present] {
            is_there->synchronize();
            return eigenbases(share_.own(), copied_, present);
          }).share();
}

void GpuSoap::find_directions(const kernels::SirenStep* step, const int* is_taken, const at::Tensor& moments1,
                              const at::Tensor& moments2, const at::Tensor& directions) const {
  if (rows_.count > 0) queue_products(step, is_taken, moments1, moments2, directions);
  if (share_.is_shared()) share_.exchange_ways(ways_);
}

void GpuSoap::queue_products(const kernels::SirenStep* step, const int* is_taken, const at::Tensor& moments1,
                             const at::Tensor& moments2, const at::Tensor& directions) const {
  kernels::SirenSoap soap{.step = step,
                          .is_taken = is_taken,
                          .matrices = static_cast<const kernels::SirenSoapMatrix*>(matrices_.data_ptr()),
                          .tiles = nullptr,
                          .gradients = gradients_.data_ptr<float>(),
                          .moment1 = moments1.data_ptr<float>(),
                          .moment2 = moments2.data_ptr<float>(),
                          .bases = memory_.bases.data_ptr<float>(),
                          .statistics = memory_.statistics.data_ptr<float>(),
                          .rotated_gradients = rotated_gradients_.data_ptr<float>(),
                          .rotated_moments = rotated_moments_.data_ptr<float>(),
                          .directions = directions.data_ptr<float>(),
                          .ways = (share_.is_shared() ? ways_ : directions).data_ptr<float>(),
                          .decay = static_cast<float>(decay_)};
  const auto launch = [&]<class Arguments>(const Stage& stage, Arguments arguments) {
    arguments.tiles = static_cast<const kernels::SirenSoapTile*>(stage.tiles.data_ptr());
    program_.launch(device_, {.x = stage.count, .threads = 256}, arguments);
  };
  launch(rows_, kernels::SirenSoapRows{soap});
  launch(columns_, kernels::SirenSoapColumns{soap});
  launch(rows_back_, kernels::SirenSoapRowsBack{soap});
  launch(columns_back_, kernels::SirenSoapColumnsBack{soap});
}

StateDict GpuSoap::state() const {
  StateDict state = memory_.state(share_);
  if (next_.valid()) state.insert(kNext, share_.whole_bases(next_.get()));
  return state;
}

void GpuSoap::restore(const StateDict& state) {
  if (next_.valid()) next_.wait();
  next_ = {};
  memory_.restore(share_.all(), state);
  const torch::Tensor* const next = state.find(kNext);
  if (next == nullptr) return;
  std::promise<at::Tensor> promise;
  promise.set_value(next->to(torch::kCPU, torch::kFloat32).clone());
  next_ = promise.get_future().share();
}

}  // namespace tha4
