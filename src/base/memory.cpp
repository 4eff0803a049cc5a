#include "tha4/base/memory.h"

#if defined(__GLIBC__)
#include <climits>

#include <malloc.h>
#endif

namespace tha4 {

void keep_freed_memory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

}  // namespace tha4
