#include "soap.h"

#include <iterator>
#include <utility>

#include <ATen/Parallel.h>
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
  at::Tensor bases = torch::empty({places.size});
  // Matrices are too small to be worth several threads each.
  at::parallel_for(0, 2 * std::ssize(places.matrices), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const SoapMatrix& matrix = places.matrices[static_cast<std::size_t>(i / 2)];
      const auto side = i % 2 == 0 ? &SoapPlaces::left : &SoapPlaces::right;
      side(bases, matrix).copy_(std::get<1>(torch::linalg_eigh(side(statistics, matrix), "L")));
    }
  });
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

Soap::Soap(SoapPlaces places, int steps, double decay, c10::Device device)
    : places_(std::move(places)),
      steps_(steps),
      decay_(decay),
      bases_(torch::empty({places_.size}, torch::device(device))),
      statistics_(torch::empty_like(bases_)) {
  restore(StateDict());
}

void Soap::find_bases(const at::Tensor& moments2) {
  const at::Tensor next = eigenbases(places_, statistics_.cpu(), bases_.cpu()).to(bases_.device());
  turn_moments(places_, bases_, next, moments2);
  bases_.copy_(next);
  since_ = 0;
}

at::Tensor Soap::directions(const at::Tensor& gradient, const at::Tensor& moments1,
                            const at::Tensor& moments2, const AdamStep& step) {
  const torch::NoGradGuard no_grad;
  constexpr double kEpsilon = 1e-8;
  if (since_ >= steps_) find_bases(moments2);
  ++since_;
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
    SoapPlaces::left(statistics_, matrix).lerp_(torch::mm(values, values.t()), 1 - decay_);
    SoapPlaces::right(statistics_, matrix).lerp_(torch::mm(values.t(), values), 1 - decay_);
  });
  for (const at::Tensor& flat : {rotated, moments}) {
    each_matrix(flat, [&](const at::Tensor& values, const SoapMatrix& matrix) {
      const at::Tensor rows = torch::mm(SoapPlaces::left(bases_, matrix).t(), values);
      values.copy_(torch::mm(rows, SoapPlaces::right(bases_, matrix)));
    });
  }
  moments2.mul_(step.beta2).addcmul_(rotated, rotated, 1 - step.beta2);
  at::Tensor directions =
      moments.div_(step.correction1).div_((moments2 / step.correction2).sqrt_().add_(kEpsilon));
  each_matrix(directions, [&](const at::Tensor& values, const SoapMatrix& matrix) {
    const at::Tensor rows = torch::mm(SoapPlaces::left(bases_, matrix), values);
    values.copy_(torch::mm(rows, SoapPlaces::right(bases_, matrix).t()));
  });
  return directions;
}

StateDict Soap::state() const {
  StateDict state;
  state.insert(SoapPlaces::kBases, bases_.cpu());
  state.insert(SoapPlaces::kStatistics, statistics_.cpu());
  state.insert(SoapPlaces::kSince, torch::full({1}, since_, torch::kLong));
  return state;
}

void Soap::restore(const StateDict& state) {
  const auto take = [&](const at::Tensor& values, const char* key, const at::Tensor& otherwise) {
    const torch::Tensor* const found = state.find(key);
    values.copy_(found == nullptr ? otherwise : *found);
  };
  take(bases_, SoapPlaces::kBases, first_bases(places_));
  take(statistics_, SoapPlaces::kStatistics, torch::zeros({places_.size}));
  const torch::Tensor* const since = state.find(SoapPlaces::kSince);
  since_ = since == nullptr ? 0 : static_cast<int>(since->item<std::int64_t>());
}

}  // namespace tha4
