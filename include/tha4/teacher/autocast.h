#pragma once

#include <c10/core/Device.h>

#include "tha4/base/device.h"

namespace tha4 {

/// While one of these lives, this thread's convolutions and matrix products on \p device are computed in a
/// 16-bit type, and all else, such as normalisation, in 32 bits (PyTorch's autocast). fp32 changes nothing.
class Autocast {
 public:
  Autocast(c10::Device device, Precision precision);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  c10::DeviceType device_;
  bool is_on_;
};

}  // namespace tha4
