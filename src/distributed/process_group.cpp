#include "tha4/distributed/process_group.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <thread>
#include <utility>

#include "failure_watch.h"
#include "nccl.h"
#include <c10/util/Exception.h>
#include <gloo/common/error.h>
#include <spdlog/spdlog.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/csrc/distributed/c10d/comm.hpp>
#include <torch/types.h>

namespace tha4 {
namespace {

using Store = c10::intrusive_ptr<c10d::Store>;

bool is_this_machine(const std::string& address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

Store open_store(const ProcessRank& process, std::chrono::milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(process.port);
  options.isServer = process.rank == 0 && !process.has_agent;
  options.timeout = timeout;
  options.waitWorkers = false;
  auto store = c10::make_intrusive<c10d::TCPStore>(process.address, options);
  // What a restarted group finds of its forerunner must not be taken for its own.
  return c10::make_intrusive<c10d::PrefixStore>("tha4/attempt_" + std::to_string(process.attempt), store);
}

c10::intrusive_ptr<c10d::ProcessGroupGloo> make_gloo(const Store& store, const ProcessRank& process,
                                                     std::chrono::milliseconds timeout) {
  auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  if (interface != nullptr && *interface != '\0') {
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForInterface(interface));
  } else if (is_this_machine(process.address)) {
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
  } else {
    options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
  }
  return c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>("gloo", store),
                                                     process.rank, process.world_size, options);
}

at::Tensor bytes_of(const std::string& text) {
  at::Tensor bytes = torch::empty({static_cast<std::int64_t>(text.size())}, torch::kUInt8);
  std::copy(text.begin(), text.end(), bytes.data_ptr<std::uint8_t>());
  return bytes;
}

/// Whether \p error says that what was sent has not arrived, be it this process' fault or another's.
bool is_of_transport(const std::exception& error) {
  return dynamic_cast<const c10::DistError*>(&error) != nullptr ||
         dynamic_cast<const gloo::Exception*>(&error) != nullptr;
}

std::string text_of(const at::Tensor& bytes, std::int64_t size) {
  const auto* begin = bytes.data_ptr<std::uint8_t>();
  return {begin, begin + size};
}

}  // namespace

/// All that a group of several processes is made of.
class ProcessGroup::Members {
 public:
  Members(const ProcessRank& process, c10::Device device, std::chrono::milliseconds timeout)
      : rank(process.rank), size(process.world_size), store(open_store(process, timeout)) {
    gloo = make_gloo(store, process, timeout);
    watch.emplace(c10::make_intrusive<c10d::PrefixStore>("watch", store->clone()), rank, size, timeout);
    gradients = c10::make_intrusive<c10d::ProcessGroup>(store, rank, size);
    if (device.is_cuda()) {
      gradients->setBackend(
          c10::kCUDA, c10d::ProcessGroup::BackendType::NCCL,
          make_nccl(c10::make_intrusive<c10d::PrefixStore>("nccl", store), rank, size, device, timeout));
      gradients->setDefaultBackend(c10d::ProcessGroup::BackendType::NCCL);
    }
    gradients->setBackend(c10::kCPU, c10d::ProcessGroup::BackendType::GLOO, gloo);
    if (!device.is_cuda()) gradients->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
  }

  ~Members() {
    try {
      // NCCL may wait for the others here, for ever if one has died: the watch must still be there.
      if (!is_failing) gradients->shutdown();
      watch.reset();
      if (!is_failing) leave();
    } catch (const std::exception& error) {
      spdlog::debug("rank {}: {}", rank, error.what());
    }
  }

  /// The first process may keep the meeting place: it must be the last to leave.
  void leave() {
    constexpr auto kLongestWait = std::chrono::seconds(10);
    const auto start = std::chrono::steady_clock::now();
    auto left = store->add("left", 1);
    while (rank == 0 && left < size && std::chrono::steady_clock::now() - start < kLongestWait) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      left = store->add("left", 0);
    }
  }

  int rank;
  int size;
  Store store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
  c10::intrusive_ptr<c10d::ProcessGroup> gradients;
  std::optional<FailureWatch> watch;
  c10::intrusive_ptr<c10d::Work> value_on_its_way;
  at::Tensor value;
  bool is_failing = false;
};

ProcessGroup::ProcessGroup() = default;

ProcessGroup::ProcessGroup(const ProcessRank& process, c10::Device device,
                           std::chrono::milliseconds timeout) {
  if (process.world_size == 1) return;
  try {
    members_ = std::make_unique<Members>(process, device, timeout);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    const std::string what = error.what();
    throw GroupError("rank " + std::to_string(process.rank) + " could not meet the other " +
                     std::to_string(process.world_size - 1) + " processes at " + process.address + ":" +
                     std::to_string(process.port) + " (" + what.substr(0, what.find('\n')) +
                     "); see that all of them are started and that the address can be reached");
  }
}

ProcessGroup::~ProcessGroup() = default;

int ProcessGroup::rank() const {
  return members_ ? members_->rank : 0;
}

int ProcessGroup::size() const {
  return members_ ? members_->size : 1;
}

const c10::intrusive_ptr<c10d::ProcessGroup>& ProcessGroup::gradients() const {
  static const c10::intrusive_ptr<c10d::ProcessGroup> none;
  return members_ ? members_->gradients : none;
}

void ProcessGroup::guard(const std::function<void()>& exchange) {
  if (!members_) return exchange();
  members_->watch->enter_exchange();
  try {
    exchange();
  } catch (const Error&) {
    throw;
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const std::exception& error) {
    spdlog::debug("rank {}: {}", rank(), error.what());
    if (const auto failure = members_->watch->find_failure()) throw GroupError(*failure);
    if (is_of_transport(error)) {
      if (const auto latecomer = members_->watch->find_latecomer()) throw GroupError(*latecomer);
    }
    throw;  // what went wrong is this process' own
  }
}

void ProcessGroup::broadcast(const std::vector<at::Tensor>& tensors) {
  constexpr std::size_t kBufferBytes = 64 << 20;
  if (!members_ || tensors.empty()) return;
  guard([&] { c10d::broadcast_coalesced(members_->gradients, tensors, kBufferBytes, 0); });
}

std::string ProcessGroup::broadcast(const std::string& text) {
  return gather(is_first() ? text : "").front();
}

std::vector<std::string> ProcessGroup::gather(const std::string& text) {
  if (!members_) return {text};
  std::vector<std::string> texts;
  guard([&] {
    const auto gather_tensors = [&](const at::Tensor& own) {
      std::vector<std::vector<at::Tensor>> all(1);
      for (int i = 0; i < members_->size; ++i) all.front().push_back(torch::empty_like(own));
      std::vector<at::Tensor> sent{own};
      members_->gloo->allgather(all, sent)->wait();
      return all.front();
    };
    const auto sizes = gather_tensors(torch::tensor({static_cast<std::int64_t>(text.size())}));
    std::int64_t longest = 1;
    for (const at::Tensor& size : sizes) longest = std::max(longest, size.item<std::int64_t>());
    std::string padded = text;
    padded.resize(static_cast<std::size_t>(longest));
    const auto bytes = gather_tensors(bytes_of(padded));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      texts.push_back(text_of(bytes[i], sizes[i].item<std::int64_t>()));
    }
  });
  return texts;
}

int ProcessGroup::highest_before(int value) {
  if (!members_) return value;
  int highest = 0;
  guard([&] {
    if (members_->value_on_its_way) {
      members_->value_on_its_way->wait();
      highest = members_->value.item<int>();
    }
    members_->value = torch::tensor({value}, torch::kInt32);
    std::vector<at::Tensor> sent{members_->value};
    c10d::AllreduceOptions options;
    options.reduceOp = c10d::ReduceOp::MAX;
    members_->value_on_its_way = members_->gloo->allreduce(sent, options);
  });
  return highest;
}

bool ProcessGroup::fail(const std::string& cause) {
  if (!members_) return true;
  members_->is_failing = true;
  const bool speaks = members_->watch->announce(cause);
  // Who keeps the meeting place stays a little, so that the others can hear why.
  constexpr auto kTimeToHear = std::chrono::seconds(2);
  if (is_first()) std::this_thread::sleep_for(kTimeToHear);
  return speaks;
}

int run_together(ProcessGroup& group, const std::function<int()>& work) {
  const auto cause_of = [&](const Error& error) {
    return (group.size() == 1 ? "" : "rank " + std::to_string(group.rank()) + ": ") + error.what();
  };
  try {
    return work();
  } catch (const InterruptedError& error) {
    if (group.is_first()) throw;
    return error.exit_code();
  } catch (const GroupError& error) {
    if (group.fail(error.what())) throw;
    return error.exit_code();
  } catch (const InputError& error) {
    if (group.fail(cause_of(error))) throw InputError(cause_of(error), error.remedy());
    return error.exit_code();
  } catch (const std::exception& failure) {
    const Error error = as_error(failure);
    if (group.fail(cause_of(error))) throw Error(cause_of(error), error.remedy());
    return 1;
  }
}

}  // namespace tha4
