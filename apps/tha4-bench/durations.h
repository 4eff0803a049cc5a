#pragma once

#include <span>

namespace tha4::app {

/// Of at least one value.
double mean(std::span<const double> values);

/// The value below or at which the given fraction of the values lies; of at least one value.
double quantile(std::span<const double> values, double fraction);

}  // namespace tha4::app
