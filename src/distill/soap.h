#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/weights/state_dict.h"

// SOAP (Vyas et al., "SOAP: Improving and Stabilizing Shampoo using Adam", 2024), what all devices share. Of
// each matrix of weights, averages of G Gᵀ and Gᵀ G are kept, G being its gradient; Adam's second moments are
// those of the gradient in the bases of their eigenvectors, where it takes its step. Vectors take Adam's.

namespace tha4 {

/// A matrix of weights whose gradient has bases.
struct SoapMatrix {
  std::int64_t offset;  ///< in the network's parameters, one after the other
  std::int64_t rows, columns;
  std::int64_t left, right;  ///< of [rows, rows] and [columns, columns], in bases and statistics
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

/// Bases in which SOAP is Adam, float [size].
at::Tensor first_bases(const SoapPlaces& places);

/// The eigenvectors of statistics, as columns; \p present where statistics are no numbers.
/// \param statistics  float [size], on the CPU, as is \p present
at::Tensor eigenbases(const SoapPlaces& places, const at::Tensor& statistics, const at::Tensor& present);

/// Carries second moments over from bases to others, as if the gradient's entries were independent of each
/// other.
/// \param moments2  float [parameters], written; on the device of the bases
void turn_moments(const SoapPlaces& places, const at::Tensor& from, const at::Tensor& to,
                  const at::Tensor& moments2);

/// What SOAP remembers of a network besides Adam's moments.
struct SoapMemory {
  /// Of a network about which nothing is known yet.
  SoapMemory(const SoapPlaces& places, c10::Device device);

  at::Tensor bases, statistics;  ///< float [places.size], on the device
  int since = 0;                 ///< steps since bases were looked for

  /// All three on the CPU, in memory of their own; and back to that, or to the beginning where \p state is
  /// empty.
  StateDict state() const;
  void restore(const SoapPlaces& places, const StateDict& state);
};

/// The numbers of a step of Adam besides its rate.
struct AdamStep {
  double beta1, beta2;
  double correction1, correction2;  ///< of the moments: 1 - beta^step
};

/// SOAP by LibTorch's operations, on any device. Bases are found anew within a step.
class Soap {
 public:
  /// \param steps  after which bases are found anew
  /// \param decay  of the statistics, a step
  Soap(SoapPlaces places, int steps, double decay, c10::Device device);

  /// Which way a step goes, to be multiplied by the learning rate and subtracted: float [parameters], as are
  /// the gradient and the moments, which are updated.
  at::Tensor directions(const at::Tensor& gradient, const at::Tensor& moments1, const at::Tensor& moments2,
                        const AdamStep& step);

  /// Its memory, and back to that.
  StateDict state() const { return memory_.state(); }
  void restore(const StateDict& state) { memory_.restore(places_, state); }

 private:
  void find_bases(const at::Tensor& moments2);

  SoapPlaces places_;
  int steps_;
  double decay_;
  SoapMemory memory_;
};

}  // namespace tha4
