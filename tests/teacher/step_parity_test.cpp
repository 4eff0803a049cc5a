// Three training steps of each phase of the paper, compared with the same steps in PyTorch.

#include <cstdlib>
#include <filesystem>

#include "narrow_vgg16.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/teacher/network_task.h"
#include "tha4/teacher/phase_loss.h"
#include "tha4/train/adam.h"
#include "tha4/weights/safetensors.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kSteps = 3;

fs::path source_file(const std::string& name) {
  return fs::path(THA4_SOURCE_DIR) / name;
}

json sizes_of(int levels) {
  return {{"model_channels", 8},
          {"level_channels", std::vector<int>(static_cast<std::size_t>(levels), 8)},
          {"attention_levels", {levels - 1}},
          {"blocks_per_level", 1},
          {"middle_blocks", 2},
          {"condition_channels", 16}};
}

/// Phase \p phase of a network of the paper, for so many steps of one example each, at small widths.
json settings_of(const std::string& network, std::size_t phase, bool rgb) {
  json settings = read_config_file(source_file("configs/teacher/paper/" + network + ".json"));
  settings["sizes"] = sizes_of(network == "editor" ? 6 : 5);
  settings["batch"] = 1;
  settings["phases"] = json::array({settings["phases"][phase]});
  settings["phases"][0]["examples"] = kSteps;
  settings["learning_rate"]["warm_up_examples"] = 0;
  settings["perceptual"]["rgb_probability"] = rgb ? 1 : 0;
  return settings;
}

/// Weights off the zeros at which most gradients vanish.
void perturb(const NetworkTask& task) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(4);
  for (const NamedNetwork& named : task.networks()) {
    for (at::Tensor& parameter : named.network->parameters())
      parameter.add_(torch::randn_like(parameter) * 0.05);
  }
}

void add_all(StateDict& target, const std::string& prefix, const StateDict& source) {
  for (const auto& item : source) target.insert(prefix + item.key(), item.value().clone());
}

/// A network of the settings off its zeros, the same each time.
std::unique_ptr<NetworkTask> perturbed_task(const TeacherTrainingConfig& config, const fs::path& folder) {
  auto task = make_network_task(config, folder);
  perturb(*task);
  return task;
}

/// An example of random smooth pictures, small ones for speed: the networks take any size that halves often
/// enough.
TripleBatch random_example(int step) {
  torch::manual_seed(100 + step);
  constexpr int kSize = 64;
  const auto picture = [] {
    return torch::upsample_bicubic2d(torch::rand({1, 4, 8, 8}, torch::kDouble) * 2 - 1, {kSize, kSize},
                                     false);
  };
  return {.rest = picture(), .posed = picture(), .poses = torch::rand({1, kPoseSize}, torch::kDouble)};
}

/// The steps as a training takes them, but in float64, where no rounding is blown up. What they start from,
/// see and lead to is added to \p tensors.
void take_steps(const TeacherTrainingConfig& config, const fs::path& folder, StateDict& tensors) {
  const auto task = perturbed_task(config, folder);
  task->to(torch::kCPU, torch::kDouble);
  const PerceptualLoss perceptual(
      load_backbone(BackboneKind::vgg16, folder / "vgg.pt").to(torch::kCPU, torch::kDouble),
      config.rgb_probability);
  const TrainingPhase& phase = config.phases.front();
  torch::nn::Module& network = *task->networks().front().network;
  add_all(tensors, "before.", state_dict_of(network));
  Adam adam(network.parameters(), config.adam);
  for (int step = 0; step < kSteps; ++step) {
    const TripleBatch batch = random_example(step);
    const std::string number = std::to_string(step);
    tensors.insert("rest." + number, batch.rest);
    tensors.insert("posed." + number, batch.posed);
    tensors.insert("poses." + number, batch.poses);
    const auto losses = phase_loss(task->run(seen(batch, task->view()), phase), phase, &perceptual,
                                   step_seed(config.seed, step));
    adam.zero_grad();
    losses.front().value.backward();
    adam.step(teacher_learning_rate(config, step));
    for (const LossTerm& term : losses) {
      tensors.insert("loss." + number + "." + term.name, term.value.detach().clone());
    }
  }
  add_all(tensors, "after.", state_dict_of(network));
}

/// Takes the steps, writes all that PyTorch needs to take them, too, and lets it.
void compare(const std::string& name, const json& settings) {
  const fs::path folder = fs::path(testing::TempDir()) / "teacher_step_parity" / name;
  fs::create_directories(folder);
  const TeacherTrainingConfig config = parse_teacher_config(settings, name);
  const json facts = {{"network", settings["network"]},
                      {"sizes", settings["sizes"]},
                      {"rotator_sizes", sizes_of(5)},
                      {"phase", settings["phases"][0]},
                      {"part", config.rgb_probability == 1 ? "rgb" : "aaa"},
                      {"learning_rate", config.learning_rate},
                      {"beta1", config.adam.beta1},
                      {"beta2", config.adam.beta2},
                      {"steps", kSteps}};
  StateDict tensors;
  const StateDict vgg = narrow_vgg16();
  write_weights(folder / "vgg.pt", vgg);
  add_all(tensors, "vgg.", vgg);
  const auto rotator =
      perturbed_task(parse_teacher_config(settings_of("half_resolution_rotator", 0, true), name), folder);
  const StateDict state = state_dict_of(*rotator->networks().front().network);
  write_weights(folder / "body_morpher.pt", state);
  add_all(tensors, "rotator.", state);
  take_steps(config, folder, tensors);
  write_safetensors(folder / "case.safetensors", tensors);
  write_text_file(folder / "case.json", facts.dump(2));

  const char* const chosen = std::getenv("THA4_PYTHON");
  const std::string python = chosen != nullptr ? chosen : source_file(".venv/bin/python").string();
  const int status =
      std::system(("'" + python + "' '" + source_file("tests/teacher/step_parity.py").string() + "' '" +
                   folder.string() + "'")
                      .c_str());
  constexpr int kNoTorch = 77;
  if (WEXITSTATUS(status) == kNoTorch || WEXITSTATUS(status) == 127) {
    GTEST_SKIP() << python << " cannot import torch and safetensors; name one that can with THA4_PYTHON";
  }
  EXPECT_EQ(status, 0);
}

TEST(TeacherStep, OfTheRotatorsFirstPhaseIsPyTorchs) {
  compare("rotator_1", settings_of("half_resolution_rotator", 0, true));
}

TEST(TeacherStep, OfTheRotatorsSecondPhaseIsPyTorchs) {
  compare("rotator_2", settings_of("half_resolution_rotator", 1, true));
  compare("rotator_2_alpha", settings_of("half_resolution_rotator", 1, false));
}

TEST(TeacherStep, OfTheEditorsFirstPhaseIsPyTorchs) {
  compare("editor_1", settings_of("editor", 0, true));
}

TEST(TeacherStep, OfTheEditorsSecondPhaseIsPyTorchs) {
  compare("editor_2", settings_of("editor", 1, true));
}

TEST(TeacherStep, OfTheEditorsThirdPhaseIsPyTorchs) {
  compare("editor_3", settings_of("editor", 2, true));
}

}  // namespace
}  // namespace tha4
