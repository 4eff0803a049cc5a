#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/data/triple.h"

namespace tha4 {

/// An image that a network makes, [N, 4, H, W], or a map of one or two channels that belongs to it.
struct NamedImage {
  std::string name;
  at::Tensor image;
};

/// What a network makes of a batch.
struct MadeImages {
  at::Tensor input;                ///< the picture that it was given, [N, 4, H, W]
  at::Tensor target;               ///< the picture that it should make, [N, 4, H, W]
  at::Tensor result;               ///< the picture that it goes by, [N, 4, H, W]
  std::vector<NamedImage> images;  ///< those that losses are taken of
  at::Tensor alpha;                ///< [N, 1 or 4, H, W], for sample pictures; undefined where there is none
  at::Tensor flow = {};  ///< [N, 2, H, W], that the picture is warped by; undefined where there is none
};

/// Makes images of a batch of whole pictures that is on the device of the network.
using ImageMaker = std::function<MadeImages(const TripleBatch& whole)>;

}  // namespace tha4
