#pragma once

namespace tha4 {

/// Lets the threads of LibTorch's OpenMP wait for each other by sleeping, after a few microseconds of
/// spinning. GCC's libgomp spins a hundred times longer, which costs nothing on a machine of one's own; where
/// another program wants the same cores, it lets every frame wait for threads that are not running. Commands,
/// and everything here that makes or reads networks, call it; later calls do nothing. A user's own
/// OMP_WAIT_POLICY or GOMP_SPINCOUNT is left alone.
void shorten_spins();

/// Begins the program again, with \p arguments (main()'s argv), so that libgomp spins for a tenth of a
/// millisecond: long enough that a machine of one's own does not suffer, where shorten_spins() makes many
/// small operations take up to twice as long, and short enough for a shared one. libgomp reads that while it
/// is loaded, which takes a third of a second: for programs that compute for long, before they have done
/// anything. Returns where a user's own setting is there, in the program that was begun again too, and where
/// it cannot be begun again.
void restart_with_short_spins(char** arguments);

}  // namespace tha4
