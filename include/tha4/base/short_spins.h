#pragma once

namespace tha4 {

/// Lets the threads of LibTorch's OpenMP wait for each other by sleeping, after a few microseconds of
/// spinning, for as long as other threads want the cores that they run on. GCC's libgomp spins a thousand
/// times longer. On a machine of one's own that is right, since threads that are woken up make small
/// operations take up to twice as long; where another program wants the same cores, it lets every frame wait
/// for threads that are not running. Which of the two it is, a thread of its own looks five times a second;
/// where the kernel does not tell, they always sleep. Commands, and everything here that makes or reads
/// networks, call it; later calls do nothing. A user's own OMP_WAIT_POLICY or GOMP_SPINCOUNT is left alone.
void shorten_spins_on_shared_cores();

/// Begins the program again, with \p arguments (main()'s argv), so that libgomp spins for a tenth of a
/// millisecond whatever else runs: nothing is lost on a machine of one's own, not even where other threads of
/// the same program want the cores, OpenGL's in software for example, and little on a shared one. libgomp
/// reads that while it is loaded, which takes a third of a second: for programs that compute for long, before
/// they have done anything. Returns where a user's own setting is there, in the program that was begun again
/// too, and where it cannot be begun again.
void restart_with_short_spins(char** arguments);

}  // namespace tha4
