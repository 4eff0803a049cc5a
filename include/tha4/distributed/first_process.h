#pragma once

#include <functional>

#include "tha4/distributed/process_group.h"

namespace tha4 {

/// Runs \p work in the first process of \p group, for which the others wait. Where it is interrupted, all
/// processes are: they throw InterruptedError. Collective.
void do_first(ProcessGroup& group, const std::function<void()>& work);

}  // namespace tha4
