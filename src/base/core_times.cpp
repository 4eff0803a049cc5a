#include "core_times.h"

#include <array>
#include <cstdio>
#include <cstring>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace tha4 {
namespace {

/// As much of a file as there is room for, with a zero behind it; nothing where it cannot be read. C++'s
/// streams and paths would take memory.
template <std::size_t size>
bool read_text(int folder, const char* name, std::array<char, size>& text) {
  const int file = ::openat(folder, name, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  std::size_t used = 0;
  ssize_t more = 0;
  while (used + 1 < size && (more = ::read(file, text.data() + used, size - 1 - used)) > 0) {
    used += static_cast<std::size_t>(more);
  }
  ::close(file);
  text[used] = '\0';
  return used > 0;
}

/// How long the thread whose folder below \p tasks has that name has waited; nothing where it has ended
/// since.
std::optional<double> waiting_of(int tasks, const char* thread) {
  std::array<char, sizeof(dirent::d_name) + sizeof("/schedstat")> name{};
  std::snprintf(name.data(), name.size(), "%s/schedstat", thread);
  std::array<char, 128> text{};
  unsigned long long running = 0, waiting = 0;
  if (!read_text(tasks, name.data(), text)) return std::nullopt;
  if (std::sscanf(text.data(), "%llu %llu", &running, &waiting) != 2) return std::nullopt;
  return static_cast<double>(waiting) * 1e-9;
}

std::optional<double> waiting_of_threads() {
  DIR* const tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) return std::nullopt;
  std::optional<double> sum;
  while (const dirent* const thread = ::readdir(tasks)) {
    if (thread->d_name[0] == '.') continue;
    if (const std::optional<double> waiting = waiting_of(::dirfd(tasks), thread->d_name)) {
      sum = sum.value_or(0) + *waiting;
    }
  }
  ::closedir(tasks);
  return sum;
}

double running_of_process() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Of a line of /proc/stat about one core, the ticks in which it did something.
unsigned long long busy_ticks(const char* numbers) {
  unsigned long long user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, soft = 0;
  std::sscanf(numbers, "%llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle, &waiting,
              &interrupts, &soft);
  return user + nice + system + interrupts + soft;
}

double busy_of_cores() {
  cpu_set_t mine;
  CPU_ZERO(&mine);
  static std::array<char, 1 << 16> text;  // the cores' lines come first
  if (::sched_getaffinity(::getpid(), sizeof mine, &mine) != 0 || !read_text(AT_FDCWD, "/proc/stat", text)) {
    return 0;
  }
  unsigned long long ticks = 0;
  for (const char* line = text.data(); std::strncmp(line, "cpu", 3) == 0;) {
    unsigned core = 0;
    int length = 0;
    if (std::sscanf(line, "cpu%u%n", &core, &length) == 1 && core < CPU_SETSIZE && CPU_ISSET(core, &mine)) {
      ticks += busy_ticks(line + length);
    }
    const char* const end = std::strchr(line, '\n');
    if (end == nullptr) break;
    line = end + 1;
  }
  return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

std::optional<CoreTimes> core_times() {
  const std::optional<double> waiting = waiting_of_threads();
  if (!waiting) return std::nullopt;
  return CoreTimes{.running = running_of_process(), .waiting = *waiting, .busy = busy_of_cores()};
}

}  // namespace tha4
