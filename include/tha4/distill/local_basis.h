#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace tha4 {

/// An orthonormal basis for each of T places, and the weights that give the samples it was made from.
struct LocalBasis {
  at::Tensor basis;    ///< float32 [T, K, P], rows orthonormal, the most important first
  at::Tensor weights;  ///< float32 [T, N, K]
};

/// The first \p size principal components of the samples of each place (fewer when there are fewer samples),
/// by the eigenvectors in float64 of the Gram matrix of the samples or, where there are many, of a few
/// directions in which they vary most: the last components are then not quite the best ones.
/// \param samples  float32 [T, N, P], their mean subtracted
LocalBasis principal_components(const at::Tensor& samples, int size);

/// Splits face crops into the parts that move by themselves.
/// \param crops         [N, 4, 128, 128]
/// \param threshold     a pixel moves if the variance of its values exceeds this fraction of the largest one
/// \param dilation      pixels that moving parts are grown by
/// \param min_fraction  of all variance, that a part must hold to be a region of its own
/// \return int64 [P] each: row-major indices of the pixels of each region, the last one that of all others
std::vector<at::Tensor> find_moving_regions(const at::Tensor& crops, double threshold, int dilation,
                                            double min_fraction);

}  // namespace tha4
