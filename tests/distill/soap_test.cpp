#include "soap.h"

#include <cmath>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/nn/blocks/seeded_scope.h"

namespace tha4 {
namespace {

constexpr double kDecay = 0.95;
const c10::Device kCpu(c10::kCPU);

StateDict some_network() {
  StateDict network;
  network.insert("a.weight", torch::zeros({7, 5}));
  network.insert("a.bias", torch::zeros({7}));
  network.insert("b.weight", torch::zeros({3, 7, 1, 1}));
  return network;
}

AdamStep adam_step(int number) {
  return {.beta1 = 0.9,
          .beta2 = 0.99,
          .correction1 = 1 - std::pow(0.9, number),
          .correction2 = 1 - std::pow(0.99, number)};
}

double largest(const at::Tensor& values) {
  return values.abs().max().item<double>();
}

TEST(Soap, IsAdamUntilItHasBases) {
  const SeededScope seeded(1);
  const SoapPlaces places = soap_places(some_network());
  ASSERT_EQ(places.parameters, 7 * 5 + 7 + 3 * 7);
  ASSERT_EQ(places.matrices.size(), 2);
  EXPECT_EQ(places.matrices[1].columns, 7);
  Soap soap(places, 100, kDecay, kCpu);
  at::Tensor moments1 = torch::zeros({places.parameters}), moments2 = moments1.clone();
  at::Tensor mean = moments1.clone(), square = moments1.clone();
  for (int number = 1; number <= 3; ++number) {
    const at::Tensor gradient = torch::randn({places.parameters});
    const AdamStep step = adam_step(number);
    const at::Tensor way = soap.directions(gradient, moments1, moments2, step);
    mean = 0.9 * mean + 0.1 * gradient;
    square = 0.99 * square + 0.01 * gradient.square();
    const at::Tensor adam = mean / step.correction1 / ((square / step.correction2).sqrt() + 1e-8);
    EXPECT_LT(largest(way - adam), 1e-5) << number;
  }
}

TEST(Soap, BasesAreTheEigenvectorsOfStatistics) {
  const SeededScope seeded(2);
  const SoapPlaces places = soap_places(some_network());
  at::Tensor statistics = torch::zeros({places.size});
  for (const SoapMatrix& matrix : places.matrices) {
    const at::Tensor gradient = torch::randn({matrix.rows, matrix.columns});
    SoapPlaces::left(statistics, matrix).copy_(gradient.mm(gradient.t()));
    SoapPlaces::right(statistics, matrix).copy_(gradient.t().mm(gradient));
  }
  const at::Tensor bases = eigenbases(places, statistics, first_bases(places));
  for (const SoapMatrix& matrix : places.matrices) {
    for (const auto& side : {&SoapPlaces::left, &SoapPlaces::right}) {
      const at::Tensor basis = side(bases, matrix);
      EXPECT_LT(largest(basis.t().mm(basis) - torch::eye(basis.size(0))), 1e-5);
      const at::Tensor turned = basis.t().mm(side(statistics, matrix)).mm(basis);
      EXPECT_LT(largest(turned - turned.diagonal().diag()), 1e-4);
    }
  }
  statistics[0] = std::nan("");
  EXPECT_TRUE(eigenbases(places, statistics, bases).equal(bases)) << "what is no number changes nothing";
}

/// Squares of orthogonal matrices have rows and columns that add up to 1.
TEST(Soap, MomentsThatAreTurnedKeepTheirSum) {
  const SeededScope seeded(3);
  const SoapPlaces places = soap_places(some_network());
  const auto random_bases = [&] {
    at::Tensor statistics = torch::zeros({places.size});
    for (const SoapMatrix& matrix : places.matrices) {
      for (const auto& side : {&SoapPlaces::left, &SoapPlaces::right}) {
        const at::Tensor values = side(statistics, matrix);
        const at::Tensor random = torch::randn_like(values);
        values.copy_(random.mm(random.t()));
      }
    }
    return eigenbases(places, statistics, first_bases(places));
  };
  const at::Tensor from = random_bases(), to = random_bases();
  at::Tensor moments2 = torch::rand({places.parameters});
  const at::Tensor before = moments2.clone();
  turn_moments(places, from, to, moments2);
  EXPECT_GE(moments2.min().item<float>(), 0);
  for (const SoapMatrix& matrix : places.matrices) {
    const auto sum = [&](const at::Tensor& all) {
      return all.narrow(0, matrix.offset, matrix.rows * matrix.columns).sum().item<double>();
    };
    EXPECT_NEAR(sum(moments2), sum(before), 1e-3);
  }
  EXPECT_TRUE(moments2.narrow(0, 35, 7).equal(before.narrow(0, 35, 7))) << "vectors have no bases";
  turn_moments(places, to, to, moments2);
  EXPECT_NEAR(moments2.sum().item<double>(), before.sum().item<double>(), 1e-3);
}

/// What SOAP is for: whichever way the axes of rows and columns are turned, its steps are the same ones,
/// turned.
TEST(Soap, TakesTheSameStepsWhicheverWayAxesAreTurned) {
  const SeededScope seeded(4);
  constexpr int kRows = 6, kColumns = 4;
  const auto turn = [](int side) { return std::get<0>(torch::linalg_qr(torch::randn({side, side}))); };
  const at::Tensor of_rows = turn(kRows), of_columns = turn(kColumns);
  const auto turned = [&](const at::Tensor& gradient) { return of_rows.mm(gradient).mm(of_columns.t()); };
  StateDict network;
  network.insert("weight", torch::zeros({kRows, kColumns}));
  const SoapPlaces places = soap_places(network);
  const at::Tensor some = torch::randn({kRows, 9}), others = torch::randn({kColumns, 9});
  const auto begin = [&](Soap& soap, const at::Tensor& rows, const at::Tensor& columns) {
    at::Tensor statistics = torch::zeros({places.size});
    SoapPlaces::left(statistics, places.matrices[0]).copy_(rows.mm(rows.t()));
    SoapPlaces::right(statistics, places.matrices[0]).copy_(columns.mm(columns.t()));
    StateDict state;
    state.insert("bases", eigenbases(places, statistics, first_bases(places)));
    state.insert("statistics", statistics);
    soap.restore(state);
  };
  Soap soap(places, 1, kDecay, kCpu), other(places, 1, kDecay, kCpu);
  begin(soap, some, others);
  begin(other, of_rows.mm(some), of_columns.mm(others));
  at::Tensor moments1 = torch::zeros({places.parameters}), moments2 = moments1.clone();
  at::Tensor other1 = moments1.clone(), other2 = moments1.clone();
  for (int number = 1; number <= 4; ++number) {
    const at::Tensor gradient = torch::randn({kRows, kColumns});
    const AdamStep step = adam_step(number);
    const at::Tensor way = soap.directions(gradient.flatten(), moments1, moments2, step);
    const at::Tensor other_way = other.directions(turned(gradient).flatten(), other1, other2, step);
    EXPECT_LT(largest(turned(way.view({kRows, kColumns})) - other_way.view({kRows, kColumns})), 1e-3)
        << number;
  }
}

TEST(Soap, GoesOnFromItsState) {
  const SeededScope seeded(5);
  const SoapPlaces places = soap_places(some_network());
  Soap soap(places, 2, kDecay, kCpu), other(places, 2, kDecay, kCpu);
  at::Tensor moments1 = torch::zeros({places.parameters}), moments2 = moments1.clone();
  for (int number = 1; number <= 3; ++number) {
    soap.directions(torch::randn({places.parameters}), moments1, moments2, adam_step(number));
  }
  other.restore(soap.state());
  at::Tensor other1 = moments1.clone(), other2 = moments2.clone();
  for (int number = 4; number <= 6; ++number) {
    const at::Tensor gradient = torch::randn({places.parameters});
    const at::Tensor way = soap.directions(gradient, moments1, moments2, adam_step(number));
    EXPECT_TRUE(way.equal(other.directions(gradient, other1, other2, adam_step(number)))) << number;
  }
}

}  // namespace
}  // namespace tha4
