#pragma once

namespace tha4 {

/// Lets the threads of LibTorch's OpenMP wait for each other by sleeping, after a few microseconds of
/// spinning. GCC's libgomp spins a hundred times longer, which costs nothing on a machine of one's own; where
/// another program wants the same cores, it lets every frame wait for threads that are not running. Commands,
/// and everything here that makes or reads networks, call it; later calls do nothing. A user's own
/// OMP_WAIT_POLICY or GOMP_SPINCOUNT is left alone.
void shorten_spins();

}  // namespace tha4
