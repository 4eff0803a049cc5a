#include "tha4/base/interrupt.h"

#include <csignal>

namespace tha4 {
namespace {

volatile std::sig_atomic_t requested = 0;

extern "C" void remember_signal(int signal) {
  requested = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void install_interrupt_handler() {
  requested = 0;
  std::signal(SIGINT, remember_signal);
  std::signal(SIGTERM, remember_signal);
}

bool interrupt_requested() {
  return requested != 0;
}

}  // namespace tha4
