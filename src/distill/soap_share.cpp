#include "soap_share.h"

#include <algorithm>
#include <utility>

#include <torch/types.h>

namespace tha4 {

SoapShare::SoapShare(SoapPlaces places, BatchShare share)
    : all_(std::move(places)), share_(share), shares_(shared_places(all_, share.processes())) {}

void SoapShare::each_owned(const std::function<void(const Owned&)>& take) const {
  for (std::size_t owner = 0; owner < shares_.size(); ++owner) {
    std::int64_t at = 0;
    for (const SoapMatrix& matrix : shares_[owner].matrices) {
      take({owner, matrix, at});
      at += matrix.size();
    }
  }
}

std::int64_t SoapShare::row_size() const {
  constexpr std::int64_t kMultiple = 64;  // numbers, so that rows begin where whole lines of memory do
  std::int64_t largest = 1;
  each_owned([&](const Owned& owned) { largest = std::max(largest, owned.at + owned.matrix.size()); });
  return (largest + kMultiple - 1) / kMultiple * kMultiple;
}

at::Tensor SoapShare::room_for_ways(c10::Device device) const {
  return torch::zeros({share_.processes(), row_size()}, torch::device(device));
}

at::Tensor SoapShare::way_places() const {
  at::Tensor places = torch::full({all_.parameters}, -1, torch::kInt);
  each_owned([&](const Owned& owned) {
    const std::int64_t begin = static_cast<std::int64_t>(owned.owner) * row_size() + owned.at;
    places.narrow(0, owned.matrix.offset, owned.matrix.size())
        .copy_(torch::arange(begin, begin + owned.matrix.size(), torch::kInt));
  });
  return places;
}

void SoapShare::exchange_directions(const at::Tensor& directions) const {
  if (!is_shared()) return;
  const at::Tensor ways = room_for_ways(directions.device());
  const auto own = static_cast<std::size_t>(share_.rank());
  const auto of_row = [&](const Owned& owned) {
    return ways[static_cast<std::int64_t>(owned.owner)].narrow(0, owned.at, owned.matrix.size());
  };
  const auto of_directions = [&](const Owned& owned) {
    return directions.narrow(0, owned.matrix.offset, owned.matrix.size());
  };
  each_owned([&](const Owned& owned) {
    if (owned.owner == own) of_row(owned).copy_(of_directions(owned));
  });
  exchange_ways(ways);
  each_owned([&](const Owned& owned) {
    if (owned.owner != own) of_directions(owned).copy_(of_row(owned));
  });
}

at::Tensor SoapShare::whole_bases(const at::Tensor& own) const {
  if (!is_shared()) return own;
  const std::vector<at::Tensor> parts = share_.gather(own);
  at::Tensor whole = own.clone();
  each_owned([&](const Owned& owned) {
    const std::int64_t begin = owned.matrix.left, size = owned.matrix.bases_size();
    whole.narrow(0, begin, size).copy_(parts[owned.owner].narrow(0, begin, size));
  });
  return whole;
}

at::Tensor SoapShare::whole_moments(const at::Tensor& own) const {
  if (!is_shared()) return own;
  const std::vector<at::Tensor> parts = share_.gather(own);
  at::Tensor whole = own.clone();
  each_owned([&](const Owned& owned) {
    const std::int64_t begin = owned.matrix.offset, size = owned.matrix.size();
    whole.narrow(0, begin, size).copy_(parts[owned.owner].narrow(0, begin, size));
  });
  return whole;
}

}  // namespace tha4
