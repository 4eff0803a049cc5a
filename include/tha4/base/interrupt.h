#pragma once

namespace tha4 {

/// From now on, the first SIGINT or SIGTERM is only remembered, so that long work can save its state and
/// stop; a second one ends the process at once.
void install_interrupt_handler();

/// Whether SIGINT or SIGTERM has arrived since install_interrupt_handler().
bool interrupt_requested();

}  // namespace tha4
