#include "soap_places.h"

#include <algorithm>
#include <numeric>

#include <torch/types.h>

namespace tha4 {
namespace {

at::Tensor square(const at::Tensor& all, std::int64_t offset, std::int64_t side) {
  return all.narrow(0, offset, side * side).view({side, side});
}

}  // namespace

at::Tensor SoapPlaces::left(const at::Tensor& all, const SoapMatrix& matrix) {
  return square(all, matrix.left, matrix.rows);
}

at::Tensor SoapPlaces::right(const at::Tensor& all, const SoapMatrix& matrix) {
  return square(all, matrix.right, matrix.columns);
}

SoapPlaces soap_places(const StateDict& network) {
  SoapPlaces places;
  for (const auto& item : network) {
    const at::Tensor& value = item.value();
    if (value.dim() >= 2) {
      SoapMatrix matrix{.offset = places.parameters,
                        .rows = value.size(0),
                        .columns = value.numel() / value.size(0),
                        .left = places.size,
                        .right = 0};
      matrix.right = matrix.left + matrix.rows * matrix.rows;
      places.size += matrix.bases_size();
      places.matrices.push_back(matrix);
    }
    places.parameters += value.numel();
  }
  return places;
}

std::vector<SoapPlaces> shared_places(const SoapPlaces& places, int processes) {
  // The largest matrices first, each to whoever has least to do.
  std::vector<std::size_t> order(places.matrices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t number) { return places.matrices[number].work(); });
  std::vector<std::int64_t> work(static_cast<std::size_t>(processes), 0);
  std::vector<std::size_t> owners(places.matrices.size());
  for (const std::size_t number : order) {
    const auto least = std::ranges::min_element(work);
    owners[number] = static_cast<std::size_t>(least - work.begin());
    *least += places.matrices[number].work();
  }
  std::vector<SoapPlaces> shares(work.size(),
                                 {.matrices = {}, .size = places.size, .parameters = places.parameters});
  for (std::size_t i = 0; i < owners.size(); ++i) shares[owners[i]].matrices.push_back(places.matrices[i]);
  return shares;
}

}  // namespace tha4
