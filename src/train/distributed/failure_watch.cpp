#include "failure_watch.h"

#include <algorithm>
#include <cstdlib>
#include <exception>

#include <spdlog/spdlog.h>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace tha4 {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kBeat = 500ms;
/// A process that shows no sign for so long is taken for dead.
constexpr auto kSilence = 3s;
/// So long a process may take to notice by itself that another one has failed, before it is ended.
constexpr auto kGrace = 15s;
constexpr const char* kFailureKey = "failure";

std::string sign_key(int rank) {
  return "sign/" + std::to_string(rank);
}

std::string process_name(int rank) {
  return "rank " + std::to_string(rank);
}

}  // namespace

FailureWatch::FailureWatch(c10::intrusive_ptr<c10d::Store> store, int rank, int size)
    : rank_(rank), size_(size), store_(std::move(store)) {
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
}

void FailureWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kBeat, [this] { return stops_; })) {
    lock.unlock();
    look();
    lock.lock();
    if (!heard_.empty() && !is_failing_ && Clock::now() - heard_at_ > kGrace) {
      // The main thread waits for a process that will not come; nothing that it holds is worth more waiting.
      spdlog::debug("ending: {}", heard_);
      std::_Exit(1);
    }
  }
}

/// Shows a sign of life and looks whether another process has failed.
void FailureWatch::look() {
  std::string failure;
  bool is_lost = false;
  try {
    const std::lock_guard lock(store_mutex_);
    store_->set(sign_key(rank_), std::to_string(++beats_) + " " + std::to_string(exchanges_.load()));
    if (store_->check({kFailureKey})) failure = store_->get_to_str(kFailureKey);
    failure.resize(std::min(failure.size(), failure.find('\n')));  // behind it, the rank that said so
  } catch (const std::exception&) {
    is_lost = true;
  }
  const std::lock_guard lock(mutex_);
  if (!heard_.empty()) return;
  if (is_lost) {
    is_meeting_place_lost_ = true;
    failure = process_name(0) + " no longer answers: it was killed, or its machine is down";
  }
  if (failure.empty()) return;
  heard_ = failure;
  heard_at_ = Clock::now();
}

FailureWatch::Sign FailureWatch::sign_of(int rank) {
  const std::lock_guard lock(store_mutex_);
  Sign sign;
  sign.text = store_->get_to_str(sign_key(rank));
  sign.exchanges = std::atoll(sign.text.c_str() + sign.text.find(' ') + 1);
  return sign;
}

/// Names a process that shows no sign of life, or else the one that is behind the others.
std::string FailureWatch::find_silent_process() {
  std::vector<Sign> before;
  for (int rank = 0; rank < size_; ++rank) before.push_back(sign_of(rank));
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kSilence, [this] { return !heard_.empty(); });
    if (!heard_.empty()) return heard_;
  }
  int behind = 0;
  std::int64_t fewest = 0;
  for (int rank = 0; rank < size_; ++rank) {
    const Sign now = sign_of(rank);
    if (rank != rank_ && now.text == before[static_cast<std::size_t>(rank)].text) {
      return process_name(rank) + " no longer answers: it was killed, or its machine is down";
    }
    if (rank == 0 || now.exchanges < fewest) {
      behind = rank;
      fewest = now.exchanges;
    }
  }
  return process_name(behind) + " did not come to exchange " + std::to_string(fewest + 1) + " in time";
}

std::string FailureWatch::find_cause() {
  {
    const std::lock_guard lock(mutex_);
    if (!heard_.empty()) return heard_;
  }
  try {
    return find_silent_process();
  } catch (const std::exception&) {
    return process_name(0) + " no longer answers: it was killed, or its machine is down";
  }
}

bool FailureWatch::announce(const std::string& cause) {
  {
    const std::lock_guard lock(mutex_);
    is_failing_ = true;
    // Nobody can say who is first where the meeting place is gone: the one beside it speaks.
    if (is_meeting_place_lost_) return rank_ == 1;
  }
  try {
    const std::lock_guard lock(store_mutex_);
    const std::string own = cause + '\n' + std::to_string(rank_);
    return store_->compareSet(kFailureKey, "", own) == own;
  } catch (const std::exception&) {
    return rank_ == 1;
  }
}

}  // namespace tha4
