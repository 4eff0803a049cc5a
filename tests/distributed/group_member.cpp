// One process of a group, for group_test.cpp: group_member SCENARIO OUT. The group is in the environment, as
// a launcher would leave it. Exit status and messages are those of a
// command, whose remedies are its own.

#include <cmath>
#include <csignal>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/terminal.h"
#include "tha4/distributed/gradient_reducer.h"
#include "tha4/train/training_loop.h"
#include "tha4/weights/safetensors.h"

namespace {

using namespace tha4;

constexpr int kSteps = 5;
constexpr int kGlobalBatch = 8;

/// What goes wrong in the last backward of the third step of rank 1, where gradients are being sent.
void spoil_backward(const std::string& scenario) {
  if (scenario == "backward_fails") throw std::runtime_error("its card is broken");
  if (scenario == "backward_lacks_memory") TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory");
}

/// Plain gradient descent on a small network, each process on its share of every batch in two parts.
void train(ProcessGroup& group, const std::string& scenario, const std::string& out) {
  torch::manual_seed(group.rank());  // the first one's weights must win
  torch::nn::Sequential network(torch::nn::Linear(6, 300), torch::nn::Tanh(), torch::nn::Linear(300, 3));
  // Of what one does at once, the other one does afterwards.
  std::optional<GradientReducer> reducer;
  if (scenario == "train_averaging") {
    const torch::NoGradGuard no_grad;
    group.broadcast(network->parameters());
  } else {
    reducer.emplace(group, network->parameters(), network->buffers(), 1 << 10);
  }
  const int share = kGlobalBatch / group.size();
  for (int step = 0; step < kSteps; ++step) {
    torch::manual_seed(100 + step);
    const auto inputs = torch::randn({kGlobalBatch, 6}).narrow(0, group.rank() * share, share);
    const bool is_spoiled = group.rank() == 1 && step == 2;
    if (is_spoiled && scenario == "bad_data") throw Error("its data is bad");
    network->zero_grad();
    for (const auto& part : inputs.chunk(2)) {
      const bool is_last = part.data_ptr() != inputs.data_ptr();
      const auto result = network->forward(part);
      if (is_spoiled && is_last) result.register_hook([&](const at::Tensor&) { spoil_backward(scenario); });
      const at::Tensor loss = result.square().mean() / 2;
      if (reducer) {
        reducer->backward(loss, is_last);
      } else {
        loss.backward();
      }
    }
    if (!reducer) average_gradients(group, network->parameters());
    const torch::NoGradGuard no_grad;
    for (auto& parameter : network->parameters()) parameter -= 0.1 * parameter.grad();
  }
  check_equal_everywhere(group, network->parameters());
  StateDict state;
  for (const auto& item : network->named_parameters()) state.insert(item.key(), item.value());
  if (group.is_first()) write_safetensors(out, state);
}

/// How many steps pass until all processes know that the last one wants to stop.
void stop_together(ProcessGroup& group) {
  int step = 0;
  while (group.highest_before(group.rank() == group.size() - 1 && step >= 3 ? 2 : 0) != 2) ++step;
  for (const std::string& other : group.gather(std::to_string(step))) {
    if (other != std::to_string(step))
      throw Error("processes stop at steps " + other + " and " + std::to_string(step));
  }
}

void exchange_texts(ProcessGroup& group) {
  const auto texts = group.gather(std::string(static_cast<std::size_t>(group.rank()) * 5, 'x'));
  for (std::size_t rank = 0; rank < texts.size(); ++rank) {
    if (texts[rank] != std::string(rank * 5, 'x')) throw Error("wrong text of rank " + std::to_string(rank));
  }
  if (group.broadcast(group.is_first() ? "first" : "other") != "first") throw Error("wrong broadcast");
}

/// Learns nothing, and from its third step on the loss of rank 1 is not a number.
class DivergingTraining final : public Training {
 public:
  explicit DivergingTraining(int rank) : rank_(rank) {}
  std::string name() const override { return "diverging"; }
  std::int64_t total_examples() const override { return 8; }
  TrainingStep step(std::int64_t examples_seen) override {
    const bool diverges = rank_ == 1 && examples_seen >= 2;
    return {1, {{"loss", torch::tensor(diverges ? std::nan("") : 1.0)}}};
  }
  TrainingState state() const override { return TrainingState(); }
  void restore(const TrainingState&, const std::string&) override {}

 private:
  int rank_;
};

void diverge(ProcessGroup& group, const std::filesystem::path& out) {
  std::optional<RunFolder> run;
  if (group.is_first()) run.emplace(out, nlohmann::json{{"diverges", true}}, RunStart::fresh);
  DivergingTraining training(group.rank());
  TrainingLoop loop(run ? &*run : nullptr, out, {.curve_points = 2}, false, group);
  loop.run(training);
}

int play(ProcessGroup& group, const std::string& scenario, const std::string& out) {
  if (scenario.starts_with("train") || scenario == "bad_data" || scenario.starts_with("backward_")) {
    train(group, scenario, out);
  }
  if (scenario == "stop") stop_together(group);
  if (scenario == "diverge") diverge(group, out);
  if (scenario == "texts") exchange_texts(group);
  if (scenario == "differ") check_equal_everywhere(group, {torch::full({3}, group.rank())});
  if (scenario == "blocked") {
    if (group.rank() == 1) std::raise(SIGKILL);
    while (true) std::this_thread::yield();  // as a process that waits for its GPU
  }
  if (scenario == "killed") {
    if (group.rank() == 1) std::raise(SIGKILL);
    train(group, scenario, out);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  terminal_context({.log_level = "error", .shows_progress = false});
  try {
    ProcessGroup group(process_rank_from_environment(), c10::Device(c10::kCPU),
                       std::chrono::seconds(std::string(argv[1]) == "blocked" ? 6 : 20));
    return run_together(group, [&] { return play(group, argv[1], argv[2]); });
  } catch (const Error& error) {
    const bool can_learn_slower = error.remedy().kind == Remedy::lower_learning_rate;
    std::cerr << error.what() << (can_learn_slower ? "; it can learn slower\n" : "\n");
    return error.exit_code();
  }
}
