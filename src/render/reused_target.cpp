#include "reused_target.h"

namespace tha4 {

const GlTarget& ReusedTarget::get(int width, int height, bool has_depth) {
  const bool fits = target_ && target_->width() == width && target_->height() == height &&
                    target_->has_depth() == has_depth;
  if (!fits) {
    target_.reset();
    target_.emplace(width, height, formats_, samples_, has_depth);
  }
  return *target_;
}

}  // namespace tha4
