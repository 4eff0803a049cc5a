#pragma once

namespace tha4 {

/// Makes the process keep the large blocks that it frees, and use them again, instead of giving them back to
/// the system: batches of frames are megabytes each, and getting fresh pages for every one of them costs a
/// fifth of the time of CPU work. Does nothing where the C library has no such setting. Call it before other
/// threads are started.
void keep_freed_memory();

}  // namespace tha4
