#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "soap_places.h"
#include <ATen/core/Tensor.h>

#include "tha4/distributed/batch_share.h"

namespace tha4 {

/// Several processes that take the same steps of SOAP: each of them keeps the statistics, the bases and the
/// second moments of its own matrices, and finds which way these go; what it has of the others' matrices is
/// of no meaning. Members that exchange something are collective, and do nothing for one process alone.
class SoapShare {
 public:
  SoapShare(SoapPlaces places, BatchShare share);

  bool is_shared() const { return share_.processes() > 1; }
  const SoapPlaces& all() const { return all_; }
  const SoapPlaces& own() const { return shares_[static_cast<std::size_t>(share_.rank())]; }

  /// Room for the ways of all matrices: [processes, as many numbers as the one has whose matrices are
  /// largest].
  at::Tensor room_for_ways(c10::Device device) const;

  /// Where parameters have theirs in that, int32 [parameters]; -1: they are of no matrix.
  at::Tensor way_places() const;

  /// Gives \p ways, of which this process' row is known, those of all others; queued as BatchShare::sum().
  void exchange_ways(const at::Tensor& ways) const { share_.exchange(ways); }

  /// Gives \p directions, float [parameters], those of the others' matrices.
  void exchange_directions(const at::Tensor& directions) const;

  /// What all processes together have of bases or statistics, float [all().size] on any device, and of second
  /// moments [all().parameters].
  at::Tensor whole_bases(const at::Tensor& own) const;
  at::Tensor whole_moments(const at::Tensor& own) const;

 private:
  /// A matrix of the process \p owner, and where its ways begin in that one's row.
  struct Owned {
    std::size_t owner;
    const SoapMatrix& matrix;
    std::int64_t at;
  };

  void each_owned(const std::function<void(const Owned&)>& take) const;
  std::int64_t row_size() const;

  SoapPlaces all_;
  BatchShare share_;
  std::vector<SoapPlaces> shares_;  ///< of each process
};

}  // namespace tha4
