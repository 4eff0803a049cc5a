#pragma once

namespace tha4 {

/// Lets the threads of LibTorch's OpenMP wait for each other by sleeping, after a few microseconds of
/// spinning, for as long as other programs want the cores that they run on. GCC's libgomp spins a thousand
/// times longer. On a machine of one's own that is right, since threads that are woken up make small
/// operations take up to twice as long; where another program wants the same cores, it lets every frame wait
/// for threads that are not running. Which of the two it is, a thread of its own looks five times a second;
/// where the kernel does not tell, they always sleep. Commands, and everything here that makes or reads
/// networks, call it; later calls do nothing. A user's own OMP_WAIT_POLICY or GOMP_SPINCOUNT is left alone.
void shorten_spins_on_shared_cores();

}  // namespace tha4
