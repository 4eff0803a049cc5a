#include "tha4/teacher/autocast.h"

#include <ATen/autocast_mode.h>

namespace tha4 {

Autocast::Autocast(c10::Device device, Precision precision)
    : device_(device.type()), is_on_(precision != Precision::fp32) {
  if (!is_on_) return;
  at::autocast::set_autocast_dtype(device_, scalar_type(precision));
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!is_on_) return;
  // Casts of weights are kept as long as the outermost one lives.
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, false);
}

}  // namespace tha4
