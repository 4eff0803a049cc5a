#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <stop_token>
#include <thread>

#include <sys/eventfd.h>
#include <unistd.h>

#include "tha4/base/error.h"
#include "tha4/base/terminal.h"

namespace tha4 {
namespace {

/// What a signal is told by: a handler may neither lock nor allocate, as requesting a stop does.
int event = -1;
/// When the first came, in nanoseconds of the monotonic clock; 0: none has.
std::atomic<std::int64_t> first_at = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{1'000'000'000} * time.tv_sec + time.tv_nsec;
}

extern "C" void tell_of_signal(int signal) {
  // timeout(1) sends its signal twice, to the process and to its group, and launchers pass on what a terminal
  // has sent already.
  constexpr std::int64_t kTogether = 500'000'000;
  const int before = errno;
  const std::int64_t at = now();
  std::int64_t first = 0;
  if (first_at.compare_exchange_strong(first, at)) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(event, &one, sizeof one);
  } else if (at - first > kTogether) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  errno = before;
}

void wait_for_signal(std::stop_source source) {
  std::uint64_t count = 0;
  while (::read(event, &count, sizeof count) < 0 && errno == EINTR) {
  }
  source.request_stop();
}

std::stop_token install_handlers() {
  event = ::eventfd(0, EFD_CLOEXEC);
  if (event < 0) throw Error(std::string("signals cannot be waited for: ") + std::strerror(errno));
  std::stop_source source;
  std::thread(wait_for_signal, source).detach();
  std::signal(SIGINT, tell_of_signal);
  std::signal(SIGTERM, tell_of_signal);
  // A terminal or a connection that closes; nohup says that nothing of that matters.
  if (std::signal(SIGHUP, tell_of_signal) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
  return source.get_token();
}

}  // namespace

std::stop_token stop_on_signals() {
  static const std::stop_token token = install_handlers();
  return token;
}

}  // namespace tha4
