#pragma once

#include <span>

namespace tha4::app {

/// Of at least one value.
double mean(std::span<const double> values);

/// The value below or at which the share \p share of at least one value lies.
double quantile(std::span<const double> values, double share);

}  // namespace tha4::app
