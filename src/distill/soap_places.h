#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// A matrix of weights whose gradient has bases (soap.h).
struct SoapMatrix {
  std::int64_t offset;  ///< in the network's parameters, one after the other
  std::int64_t rows, columns;
  std::int64_t left, right;  ///< of [rows, rows] and [columns, columns], in bases and statistics

  std::int64_t size() const { return rows * columns; }

  /// Both bases, or statistics, of which the left one comes first.
  std::int64_t bases_size() const { return rows * rows + columns * columns; }

  /// Multiplications of a step, but for a factor that all matrices have.
  std::int64_t work() const { return size() * (rows + columns); }
};

/// Where all bases of a network lie, one after the other.
struct SoapPlaces {
  std::vector<SoapMatrix> matrices;
  std::int64_t size = 0;        ///< of all bases
  std::int64_t parameters = 0;  ///< of the network

  /// A matrix's bases within all of them, or its statistics: [rows, rows] and [columns, columns], sharing
  /// memory.
  static at::Tensor left(const at::Tensor& all, const SoapMatrix& matrix);
  static at::Tensor right(const at::Tensor& all, const SoapMatrix& matrix);
};

/// Of a network's matrices, 1x1 convolutions among them.
SoapPlaces soap_places(const StateDict& network);

/// Some of the matrices for each of several processes, so that their work is as even as can be without
/// dividing one; where they lie stays the same.
std::vector<SoapPlaces> shared_places(const SoapPlaces& places, int processes);

}  // namespace tha4
