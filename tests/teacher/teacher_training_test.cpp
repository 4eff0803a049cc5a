#include "tha4/teacher/teacher_training.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "data/random_triples.h"
#include "narrow_vgg16.h"
#include <gtest/gtest.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include "tha4/base/config.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

using nlohmann::json;

/// The rotator of the smoke preset, smaller still: both of its phases, two steps of two examples each.
json small_settings() {
  json settings =
      read_config_file(std::string(THA4_SOURCE_DIR) + "/configs/teacher/smoke/half_resolution_rotator.json");
  settings["batch"] = 2;
  settings["phases"][0]["examples"] = 4;
  settings["phases"][1]["examples"] = 4;
  settings["perceptual"]["backbone"] = "vgg16";
  settings["learning_rate"]["warm_up_examples"] = 0;
  return settings;
}

class TeacherTrainingTest : public ::testing::Test {
 protected:
  std::unique_ptr<TeacherTraining> make(const json& settings) {
    return make(settings, make_network_task(parse_teacher_config(settings, "small"), testing::TempDir()));
  }

  std::unique_ptr<TeacherTraining> make(const json& settings, std::unique_ptr<NetworkTask> task) {
    const TeacherTrainingConfig config = parse_teacher_config(settings, "small");
    TeacherTraining::Parts parts;
    parts.task = std::move(task);
    parts.source = std::make_unique<RandomTriples>(3);
    parts.perceptual.emplace(narrow_vgg16_backbone("teacher_training"), config.rgb_probability);
    return std::make_unique<TeacherTraining>(config, std::move(parts), alone_, torch::kCPU);
  }

  /// The weights after all steps from \p seen on.
  static StateDict trained(TeacherTraining& training, std::int64_t seen = 0, std::int64_t until = 1 << 20) {
    while (seen < std::min(until, training.total_examples())) seen += training.step(seen).examples;
    return copy_of(training.state().network);
  }

  static StateDict copy_of(const StateDict& state) {
    StateDict copy;
    for (const auto& item : state) copy.insert(item.key(), item.value().detach().clone());
    return copy;
  }

  static void expect_equal(const StateDict& a, const StateDict& b, double tolerance) {
    ASSERT_EQ(a.size(), b.size());
    for (const auto& item : a) {
      EXPECT_LE((item.value() - b[item.key()]).abs().max().item<double>(), tolerance) << item.key();
    }
  }

  ProcessGroup alone_;
};

TEST_F(TeacherTrainingTest, GoesOnFromItsStateAsIfItHadNeverStopped) {
  json settings = small_settings();
  settings["ema_decay"] = 0.5;
  const auto whole = make(settings);
  trained(*whole, 0, 6);  // into the second phase
  TrainingState state = whole->state();
  state.network = copy_of(state.network);
  state.optimizer = copy_of(state.optimizer);
  const auto resumed = make(settings);
  resumed->restore(state, "the checkpoint");
  expect_equal(trained(*resumed, 6), trained(*whole, 6), 0);
  expect_equal(resumed->exported_state(), whole->exported_state(), 0);
}

TEST_F(TeacherTrainingTest, GradientsOfPartsOfABatchAddUp) {
  json settings = small_settings();
  settings["phases"].erase(1);
  settings["phases"][0]["examples"] = 2;
  settings["learning_rate"]["value"] = 1e-30;  // steps too short to see: the moments are compared
  const auto whole = make(settings);
  settings["micro_batch"] = 1;
  const auto parts = make(settings);
  const TrainingStep one = whole->step(0), two = parts->step(0);
  for (std::size_t i = 0; i < one.losses.size(); ++i) {
    EXPECT_NEAR(one.losses[i].value.item<double>(), two.losses[i].value.item<double>(), 1e-6);
  }
  expect_equal(whole->state().optimizer, parts->state().optimizer, 1e-6);
}

TEST_F(TeacherTrainingTest, RecomputedActivationsGiveTheSameGradients) {
  json settings = small_settings();
  settings["learning_rate"]["value"] = 1e-30;
  const auto kept = make(settings);
  settings["activation_checkpointing"] = true;
  const auto recomputed = make(settings);
  kept->step(0);
  recomputed->step(0);
  expect_equal(recomputed->state().optimizer, kept->state().optimizer, 1e-6);
}

// Casts of weights that are made in backward must not be there any more when the weights have moved.
TEST_F(TeacherTrainingTest, RecomputedActivationsOfBfloat16FollowTheWeights) {
  json settings = small_settings();
  settings["precision"] = "bf16";
  settings["learning_rate"]["value"] = 1e-2;
  settings["batch"] = 1;
  const auto kept = make(settings);
  settings["activation_checkpointing"] = true;
  const auto recomputed = make(settings);
  for (std::int64_t seen = 0; seen < 2; ++seen) {
    const double expected = kept->step(seen).losses.front().value.item<double>();
    const double loss = recomputed->step(seen).losses.front().value.item<double>();
    EXPECT_NEAR(loss, expected, 1e-4 * expected) << seen;
  }
  expect_equal(recomputed->state().network, kept->state().network, 1e-3);
}

TEST_F(TeacherTrainingTest, AverageOfTheWeightsIsExported) {
  json settings = small_settings();
  settings["ema_decay"] = 0.25;
  const auto training = make(settings);
  const StateDict before = copy_of(training->state().network);
  trained(*training, 0, 2);
  const StateDict after = copy_of(training->state().network);
  for (const auto& item : training->exported_state()) {
    // The first step counts for nine tenths, however slow the average is later.
    const at::Tensor expected = 0.1 * before[item.key()] + 0.9 * after[item.key()];
    EXPECT_LE((item.value() - expected).abs().max().item<double>(), 1e-6) << item.key();
  }
}

TEST_F(TeacherTrainingTest, Bfloat16StaysNearFloat32) {
  json settings = small_settings();
  const double exact = make(settings)->step(0).losses.front().value.item<double>();
  settings["precision"] = "bf16";
  settings["channels_last"] = true;
  EXPECT_NEAR(make(settings)->step(0).losses.front().value.item<double>(), exact, 0.02 * exact);
}

// A step whose gradients overflow is left out, halves the scale and does not spoil the measures.
TEST_F(TeacherTrainingTest, Float16ScalesItsLoss) {
  json settings = small_settings();
  settings["batch"] = 1;
  const double exact = make(settings)->step(0).losses.front().value.item<double>();
  settings["precision"] = "fp16";
  const auto training = make(settings);
  const double first_scale = training->state().optimizer["adam.loss_scale"].item<double>();
  EXPECT_NEAR(training->step(0).losses.front().value.item<double>(), exact, 0.02 * exact);
  training->step(1);
  const StateDict state = training->state().optimizer;
  const double left_out = std::log2(first_scale / state["adam.loss_scale"].item<double>());
  EXPECT_EQ(state["adam.0.step"].item<double>(), 2 - left_out);
  for (const Measure& measure : training->measures())
    EXPECT_TRUE(std::isfinite(measure.value)) << measure.name;
  for (const auto& item : training->state().network) {
    EXPECT_TRUE(item.value().isfinite().all().item<bool>()) << item.key();
  }
}

/// How often each parameter has been stepped.
std::vector<double> step_counts(const TeacherTraining& training) {
  std::vector<double> counts;
  for (const auto& item : training.state().optimizer) {
    if (item.key().ends_with(".step")) counts.push_back(item.value().item<double>());
  }
  return counts;
}

// Appendix B.2: the submodule for coarse inputs comes with the third phase, whose optimiser begins anew.
TEST_F(TeacherTrainingTest, EditorsThirdPhaseBringsItsCoarseInputs) {
  const auto smoke = [](const std::string& network) {
    return read_config_file(std::string(THA4_SOURCE_DIR) + "/configs/teacher/smoke/" + network + ".json");
  };
  const auto folder = std::filesystem::path(testing::TempDir()) / "editor_phases";
  std::filesystem::create_directories(folder);
  const auto rotator =
      make_network_task(parse_teacher_config(smoke("half_resolution_rotator"), "rotator"), folder);
  write_weights(folder / "body_morpher.pt", state_dict_of(*rotator->networks().front().network));
  json settings = smoke("editor");
  settings["batch"] = 1;
  settings["learning_rate"]["warm_up_examples"] = 0;
  for (json& phase : settings["phases"]) phase["examples"] = 1;
  const auto training = make(settings, make_network_task(parse_teacher_config(settings, "editor"), folder));
  const auto coarse_weight = [&] {
    return training->state().network["upscaler.coarse_image_conv.weight"].abs().max().item<double>();
  };

  trained(*training, 0, 2);
  EXPECT_EQ(coarse_weight(), 0);
  const auto before = step_counts(*training);
  const auto untouched = std::count(before.begin(), before.end(), 0.0);
  EXPECT_GT(untouched, 0);
  EXPECT_EQ(std::count(before.begin(), before.end(), 2.0) + untouched, std::ssize(before));

  trained(*training, 2);
  EXPECT_GT(coarse_weight(), 0);
  const auto after = step_counts(*training);
  EXPECT_EQ(std::count(after.begin(), after.end(), 1.0), std::ssize(before));
}

TEST_F(TeacherTrainingTest, MissingMemoryIsToldWithWhatTakesLess) {
  /// A task that finds no memory.
  class HungryTask final : public NetworkTask {
   public:
    std::vector<NamedNetwork> networks() const override { return {{"body_morpher", layer_.ptr()}}; }
    PoseStep step() const override { return PoseStep::body; }
    MadeImages run(const TripleBatch&, const TrainingPhase&) override {
      TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate 9 GiB");
    }

   private:
    torch::nn::Linear layer_{2, 2};
  };
  const auto training = make(small_settings(), std::make_unique<HungryTask>());
  try {
    training->step(0);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("not enough memory for 2 examples"), std::string::npos)
        << error.what();
    EXPECT_EQ(error.remedy().kind, Remedy::less_device_memory);
    EXPECT_EQ(error.remedy().details,
              (std::vector<std::string>{"micro_batch=1", "activation_checkpointing=true", "precision=bf16"}));
  }
}

TEST_F(TeacherTrainingTest, StateOfOtherSizesIsRefused) {
  json settings = small_settings();
  const auto training = make(settings);
  settings["sizes"]["condition_channels"] = 24;
  const auto other = make(settings);
  EXPECT_THROW(other->restore(training->state(), "x"), InputError);
}

}  // namespace
}  // namespace tha4
