#pragma once

#include <stop_token>
#include <string_view>

#include "tha4/base/context.h"

// What a program that is started in a terminal makes its Context of.

namespace tha4 {

struct TerminalOptions {
  std::string_view log_level = "info";  ///< trace, debug, info, warning, error or off
  bool shows_progress = true;
};

/// A context that writes to the standard error stream and stops on the signals of stop_on_signals().
/// - Progress is one line. On a terminal it is rewritten in place several times a second; elsewhere a plain
///   line is written every ten seconds and at the end.
/// - Its logger becomes spdlog's default logger, too.
///
/// Throws ValueError for a level that is none.
Context terminal_context(const TerminalOptions& options = {});

/// From now on, the first SIGINT, SIGTERM or SIGHUP (unless that was ignored) of the process requests a stop
/// of the token, so that long work can save its state. Others within half a second count as the same; one
/// after that ends the process at once. Every call gives the same token.
std::stop_token stop_on_signals();

}  // namespace tha4
