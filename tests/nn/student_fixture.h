#pragma once

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// The folder with the published character lambda_00, which may not be copied into the project; empty if it
/// is not there.
inline std::filesystem::path lambda_00_folder() {
  const char* given = std::getenv("THA4_REFERENCE_DIR");
  const std::filesystem::path folder =
      (given != nullptr ? std::filesystem::path(given)
                        : std::filesystem::path(THA4_SOURCE_DIR) / ".." / "shared" / "reference") /
      "lambda_00";
  return std::filesystem::exists(folder / "character.png") ? folder : std::filesystem::path();
}

/// Every k-th pixel in both directions, from the first.
inline torch::Tensor strided(const torch::Tensor& tensor, int step) {
  using torch::indexing::Slice;
  return tensor.index({"...", Slice(torch::indexing::None, torch::indexing::None, step),
                       Slice(torch::indexing::None, torch::indexing::None, step)});
}

inline double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

}  // namespace tha4
