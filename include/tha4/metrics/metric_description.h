#pragma once

#include <string>

namespace tha4 {

/// What a metric is called, and how it is read.
struct MetricDescription {
  std::string key;    ///< in files, for example "network_psnr"
  std::string label;  ///< for people, for example "network PSNR (dB)"
  bool higher_is_better = true;
  int decimals = 4;  ///< that are worth showing
};

}  // namespace tha4
