#include "soap.h"

#include <utility>

#include <torch/types.h>

#include "tha4/base/single_thread.h"

namespace tha4 {
namespace {

// Names in a state.
constexpr const char *kBases = "bases", *kStatistics = "statistics", *kSince = "since";

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
      places.size = matrix.right + matrix.columns * matrix.columns;
      places.matrices.push_back(matrix);
    }
    places.parameters += value.numel();
  }
  return places;
}

at::Tensor first_bases(const SoapPlaces& places) {
  at::Tensor bases = torch::zeros({places.size});
  for (const SoapMatrix& matrix : places.matrices) {
    SoapPlaces::left(bases, matrix).fill_diagonal_(1);
    SoapPlaces::right(bases, matrix).fill_diagonal_(1);
  }
  return bases;
}

at::Tensor eigenbases(const SoapPlaces& places, const at::Tensor& statistics, const at::Tensor& present) {
  if (!statistics.isfinite().all().item<bool>()) return present.clone();
  // Matrices are small: several threads for each, or for all of them in a thread that has none of LibTorch's
  // yet, took two to five times as long as one.
  const SingleThread single;
  at::Tensor bases = torch::empty({places.size});
  const auto find = [&](const auto& side, const SoapMatrix& matrix) {
    side(bases, matrix).copy_(std::get<1>(torch::linalg_eigh(side(statistics, matrix), "L")));
  };
  for (const SoapMatrix& matrix : places.matrices) {
    find(SoapPlaces::left, matrix);
    find(SoapPlaces::right, matrix);
  }
  return bases;
}

void turn_moments(const SoapPlaces& places, const at::Tensor& from, const at::Tensor& to,
                  const at::Tensor& moments2) {
  const auto turn = [&](const auto& side, const SoapMatrix& matrix) {
    return torch::mm(side(from, matrix).t(), side(to, matrix)).square();
  };
  for (const SoapMatrix& matrix : places.matrices) {
    const at::Tensor moments =
        moments2.narrow(0, matrix.offset, matrix.rows * matrix.columns).view({matrix.rows, matrix.columns});
    const at::Tensor left = turn(SoapPlaces::left, matrix), right = turn(SoapPlaces::right, matrix);
    moments.copy_(torch::mm(torch::mm(left.t(), moments), right));
  }
}

SoapMemory::SoapMemory(const SoapPlaces& places, c10::Device device)
    : bases(torch::empty({places.size}, torch::device(device))), statistics(torch::empty_like(bases)) {
  restore(places, StateDict());
}

StateDict SoapMemory::state() const {
  // A tensor that is on the CPU already must be copied too: training goes on in it.
  const auto copy = [](const at::Tensor& values) {
    return values.to(torch::kCPU, torch::kFloat, false, true);
  };
  StateDict state;
  state.insert(kBases, copy(bases));
  state.insert(kStatistics, copy(statistics));
  state.insert(kSince, torch::full({1}, since, torch::kLong));
  return state;
}

void SoapMemory::restore(const SoapPlaces& places, const StateDict& state) {
  const auto take = [&](const at::Tensor& values, const char* key, const at::Tensor& otherwise) {
    const torch::Tensor* const found = state.find(key);
    values.copy_(found == nullptr ? otherwise : *found);
  };
  take(bases, kBases, first_bases(places));
  take(statistics, kStatistics, torch::zeros({places.size}));
  const torch::Tensor* const steps = state.find(kSince);
  since = steps == nullptr ? 0 : static_cast<int>(steps->item<std::int64_t>());
}

Soap::Soap(SoapPlaces places, int steps, double decay, c10::Device device)
    : places_(std::move(places)), steps_(steps), decay_(decay), memory_(places_, device) {}

void Soap::find_bases(const at::Tensor& moments2) {
  const at::Tensor& bases = memory_.bases;
  const at::Tensor next = eigenbases(places_, memory_.statistics.cpu(), bases.cpu()).to(bases.device());
  turn_moments(places_, bases, next, moments2);
  bases.copy_(next);
  memory_.since = 0;
}

at::Tensor Soap::directions(const at::Tensor& gradient, const at::Tensor& moments1,
                            const at::Tensor& moments2, const AdamStep& step) {
  const torch::NoGradGuard no_grad;
  constexpr double kEpsilon = 1e-8;
  if (memory_.since >= steps_) find_bases(moments2);
  ++memory_.since;
  moments1.lerp_(gradient, 1 - step.beta1);
  at::Tensor rotated = gradient.clone(), moments = moments1.clone();
  const auto each_matrix = [&](const at::Tensor& flat, const auto& turn) {
    for (const SoapMatrix& matrix : places_.matrices) {
      const at::Tensor values =
          flat.narrow(0, matrix.offset, matrix.rows * matrix.columns).view({matrix.rows, matrix.columns});
      turn(values, matrix);
    }
  };
  each_matrix(gradient, [&](const at::Tensor& values, const SoapMatrix& matrix) {
    SoapPlaces::left(memory_.statistics, matrix).lerp_(torch::mm(values, values.t()), 1 - decay_);
    SoapPlaces::right(memory_.statistics, matrix).lerp_(torch::mm(values.t(), values), 1 - decay_);
  });
  for (const at::Tensor& flat : {rotated, moments}) {
    each_matrix(flat, [&](const at::Tensor& values, const SoapMatrix& matrix) {
      const at::Tensor rows = torch::mm(SoapPlaces::left(memory_.bases, matrix).t(), values);
      values.copy_(torch::mm(rows, SoapPlaces::right(memory_.bases, matrix)));
    });
  }
  moments2.mul_(step.beta2).addcmul_(rotated, rotated, 1 - step.beta2);
  at::Tensor directions =
      moments.div_(step.correction1).div_((moments2 / step.correction2).sqrt_().add_(kEpsilon));
  each_matrix(directions, [&](const at::Tensor& values, const SoapMatrix& matrix) {
    const at::Tensor rows = torch::mm(SoapPlaces::left(memory_.bases, matrix), values);
    values.copy_(torch::mm(rows, SoapPlaces::right(memory_.bases, matrix).t()));
  });
  return directions;
}

}  // namespace tha4
