#include "failure_watch.h"

#include <algorithm>
#include <cstdlib>
#include <exception>

#include <spdlog/spdlog.h>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace tha4 {
namespace {

using namespace std::chrono_literals;
constexpr auto kBeat = 500ms;
/// A process that shows no sign while another one asks who has failed is taken for dead.
constexpr auto kSilence = 3s;
/// Longer than the load of a machine keeps any process from showing a sign.
constexpr std::chrono::milliseconds kLongestSilence = 30s;
/// So long a process may take to notice by itself that another one has failed, before it is ended.
constexpr std::chrono::milliseconds kGrace = 15s;
constexpr const char* kFailureKey = "failure";
/// The sign of a process that has done its work.
constexpr const char* kLeft = "left";

std::string sign_key(int rank) {
  return "sign/" + std::to_string(rank);
}

std::string process_name(int rank) {
  return "rank " + std::to_string(rank);
}

std::string dead(int rank) {
  return process_name(rank) + " no longer answers: it was killed, or its machine is down";
}

}  // namespace

FailureWatch::FailureWatch(c10::intrusive_ptr<c10d::Store> store, int rank, int size,
                           std::chrono::milliseconds timeout)
    : rank_(rank),
      size_(size),
      longest_silence_(std::min(kLongestSilence, timeout / 2)),
      grace_(std::min(kGrace, timeout / 4)),
      store_(std::move(store)) {
  look();
  thread_ = std::thread([this] { watch(); });
}

FailureWatch::~FailureWatch() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
  thread_.join();
  try {
    if (heard_.empty()) store_->set(sign_key(rank_), kLeft);
  } catch (const std::exception& error) {
    spdlog::debug("{}: {}", process_name(rank_), error.what());
  }
}

void FailureWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kBeat, [this] { return stops_; })) {
    lock.unlock();
    look();
    lock.lock();
    if (!heard_.empty() && !is_failing_ && Clock::now() - heard_at_ > grace_) {
      // The main thread waits for a process that will not come; nothing that it holds is worth more waiting.
      if (tells_user_) spdlog::error("{}", heard_);
      // The first process may keep the meeting place: the others leave before it.
      if (rank_ == 0) std::this_thread::sleep_for(4 * kBeat);
      std::_Exit(1);
    }
  }
}

/// Shows a sign of life and looks whether another process has failed.
void FailureWatch::look() {
  std::string failure;
  bool tells_user = false;
  try {
    const std::lock_guard lock(store_mutex_);
    store_->set(sign_key(rank_), std::to_string(++beats_) + " " + std::to_string(exchanges_.load()));
    if (store_->check({kFailureKey})) failure = store_->get_to_str(kFailureKey);
    failure.resize(std::min(failure.size(), failure.find('\n')));  // behind it, the rank that said so
  } catch (const std::exception&) {
    tells_user = rank_ == 1;
    failure = dead(0);
  }
  if (failure.empty()) {
    look_after_next_process();
  } else {
    hear(failure, tells_user);
  }
}

/// Where all others wait on their GPUs for a process that has died, nobody else notices.
void FailureWatch::look_after_next_process() {
  const int next = (rank_ + 1) % size_;
  std::string sign;
  try {
    const std::lock_guard lock(store_mutex_);
    if (store_->check({sign_key(next)})) sign = store_->get_to_str(sign_key(next));
  } catch (const std::exception&) {
    return;  // the meeting place is lost, which is seen the next time
  }
  if (sign != next_sign_ || sign.empty() || sign == kLeft) {
    next_sign_ = sign;
    next_sign_at_ = Clock::now();
  } else if (Clock::now() - next_sign_at_ > longest_silence_) {
    hear(dead(next), tell(dead(next)));
  }
}

void FailureWatch::hear(const std::string& failure, bool tells_user) {
  const std::lock_guard lock(mutex_);
  if (!heard_.empty()) return;
  heard_ = failure;
  tells_user_ = tells_user;
  heard_at_ = Clock::now();
}

FailureWatch::Sign FailureWatch::sign_of(int rank) {
  const std::lock_guard lock(store_mutex_);
  Sign sign;
  sign.text = store_->get_to_str(sign_key(rank));
  sign.exchanges = std::atoll(sign.text.c_str() + sign.text.find(' ') + 1);
  return sign;
}

/// What was heard in the meantime, or a process that shows no sign of life.
std::optional<std::string> FailureWatch::find_silent_process() {
  std::vector<Sign> before;
  for (int rank = 0; rank < size_; ++rank) before.push_back(sign_of(rank));
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kSilence, [this] { return !heard_.empty(); });
    if (!heard_.empty()) return heard_;
  }
  for (int rank = 0; rank < size_; ++rank) {
    if (rank != rank_ && sign_of(rank).text == before[static_cast<std::size_t>(rank)].text) return dead(rank);
  }
  return std::nullopt;
}

std::optional<std::string> FailureWatch::find_failure() {
  {
    const std::lock_guard lock(mutex_);
    if (!heard_.empty()) return heard_;
  }
  try {
    return find_silent_process();
  } catch (const std::exception&) {
    return dead(0);
  }
}

std::optional<std::string> FailureWatch::find_latecomer() {
  try {
    int latest = rank_;
    std::int64_t min = exchanges_.load();
    for (int rank = 0; rank < size_; ++rank) {
      if (const std::int64_t exchanges = sign_of(rank).exchanges; exchanges < min) {
        latest = rank;
        min = exchanges;
      }
    }
    if (latest == rank_) return std::nullopt;
    return process_name(latest) + " did not come to exchange " + std::to_string(min + 1) + " in time";
  } catch (const std::exception&) {
    return dead(0);
  }
}

/// Leaves word of a failure for all. Returns whether no other process had done so.
bool FailureWatch::tell(const std::string& cause) {
  const std::string signature = "\n" + std::to_string(rank_);
  try {
    const std::lock_guard lock(store_mutex_);
    return store_->compareSet(kFailureKey, "", cause + signature).ends_with(signature);
  } catch (const std::exception&) {
    // Nobody can say who is first where the meeting place is gone: the one beside it speaks.
    return rank_ == 1;
  }
}

bool FailureWatch::announce(const std::string& cause) {
  {
    const std::lock_guard lock(mutex_);
    is_failing_ = true;
    // Nothing is left to tell, and the meeting place may be gone with who failed, of which c10d would warn.
    if (!heard_.empty()) return tells_user_;
  }
  return tell(cause);
}

}  // namespace tha4
