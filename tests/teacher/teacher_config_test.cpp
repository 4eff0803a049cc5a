#include "tha4/teacher/teacher_config.h"

#include <filesystem>

#include "input_error_message.h"
#include <gtest/gtest.h>

#include "tha4/base/config.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json settings_of(const std::string& name) {
  return read_config_file(fs::path(THA4_SOURCE_DIR) / "configs" / "teacher" / (name + ".json"));
}

TeacherTrainingConfig config_of(const std::string& name) {
  return parse_teacher_config(settings_of(name), name);
}

void expect_refused(const json& settings, const std::vector<std::string>& words) {
  const std::string message = input_error_message([&] { parse_teacher_config(settings, "rotator.json"); });
  for (const std::string& word : words) EXPECT_NE(message.find(word), std::string::npos) << message;
}

TEST(TeacherConfig, EveryPresetIsRead) {
  int read = 0;
  for (const char* scale : {"paper", "small", "smoke", "compact"}) {
    for (const fs::directory_entry& file :
         fs::directory_iterator(fs::path(THA4_SOURCE_DIR) / "configs" / "teacher" / scale)) {
      const std::string network = file.path().stem().string();
      EXPECT_EQ(trained_network_name(config_of(std::string(scale) + "/" + network).network), network);
      ++read;
    }
  }
  EXPECT_EQ(read, 21);
}

TEST(TeacherConfig, EveryPresetIsWrittenAsItIsRead) {
  for (const auto& file :
       fs::recursive_directory_iterator(fs::path(THA4_SOURCE_DIR) / "configs" / "teacher")) {
    if (!file.is_regular_file()) continue;
    json settings = read_config_file(file.path());
    const json written = to_json(parse_teacher_config(settings, "x"));
    EXPECT_EQ(to_json(parse_teacher_config(written, "x")), written);
    // Without a backbone, perceptual losses have no weight, whatever the preset says.
    if (settings["perceptual"]["backbone"] == "none") {
      for (json& phase : settings["phases"]) {
        if (phase.contains("perceptual")) phase["perceptual"]["weight"] = 0;
      }
    }
    // Beside what the preset says, only defaults are written.
    json phases = settings["phases"];
    for (std::size_t i = 0; i < phases.size(); ++i) {
      json with_defaults = written["phases"][i];
      with_defaults.merge_patch(phases[i]);
      EXPECT_EQ(with_defaults, written["phases"][i]) << file.path();
    }
    settings["phases"] = written["phases"];
    json with_defaults = written;
    with_defaults.merge_patch(settings);
    EXPECT_EQ(with_defaults, written) << file.path();
  }
}

// Appendix B.1: 1 epoch of 500K examples, 18 epochs, batch 16, Adam 0.5 and 0.999, 1e-4 after 5,000 examples.
TEST(TeacherConfig, RotatorOfThePaper) {
  const TeacherTrainingConfig config = config_of("paper/half_resolution_rotator");
  ASSERT_EQ(config.phases.size(), 2U);
  EXPECT_EQ(config.total_examples(), 19 * 500'000);
  EXPECT_EQ(config.phases[0].examples, 500'000);
  EXPECT_EQ(config.phases[0].perceptual_weight, 0);
  EXPECT_EQ(config.phases[1].perceptual_weight, 0.2);
  EXPECT_EQ(config.phases[1].l1.weight, 1);
  EXPECT_EQ(config.batch, 16);
  EXPECT_EQ(config.adam.beta1, 0.5);
  EXPECT_EQ(config.adam.beta2, 0.999);
  EXPECT_EQ(config.rgb_probability, 0.75);
  EXPECT_EQ(teacher_learning_rate(config, 0), 0);
  EXPECT_DOUBLE_EQ(teacher_learning_rate(config, 2500), 0.5e-4);
  EXPECT_DOUBLE_EQ(teacher_learning_rate(config, 5000), 1e-4);
  EXPECT_DOUBLE_EQ(teacher_learning_rate(config, 500'000), 1e-4);
}

// Appendix B.2: the same, then 18 epochs with the coarse inputs and Φ at half size and of quadrants.
TEST(TeacherConfig, EditorOfThePaper) {
  const TeacherTrainingConfig config = config_of("paper/editor");
  ASSERT_EQ(config.phases.size(), 3U);
  EXPECT_EQ(config.total_examples(), 37 * 500'000);
  const TrainingPhase& last = config.phases[2];
  EXPECT_TRUE(last.coarse_inputs);
  EXPECT_TRUE(last.perceptual_images.empty());
  EXPECT_EQ(last.perceptual_half_images, (std::vector<std::string>{"direct", "blended"}));
  EXPECT_EQ(last.perceptual_quadrant_images, (std::vector<std::string>{"direct", "blended"}));
  // With its new optimiser, the learning rate rises again.
  EXPECT_EQ(teacher_learning_rate(config, 9'500'000), 0);
  EXPECT_DOUBLE_EQ(teacher_learning_rate(config, 9'502'500), 0.5e-4);
}

TEST(TeacherConfig, PhasesFollowEachOther) {
  const TeacherTrainingConfig config = config_of("paper/editor");
  EXPECT_EQ(phase_position(config, 499'999).phase, 0U);
  EXPECT_EQ(phase_position(config, 500'000).phase, 1U);
  EXPECT_EQ(phase_position(config, 500'000).examples_seen, 0);
  EXPECT_EQ(phase_position(config, 9'500'016).phase, 2U);
  EXPECT_EQ(phase_position(config, 9'500'016).examples_seen, 16);
}

TEST(TeacherConfig, LearningRateFallsAtTheEnd) {
  json settings = settings_of("compact/half_resolution_rotator");
  settings["learning_rate"] = {{"value", 1.0}, {"warm_up_examples", 0}, {"decay_fraction", 0.5}};
  const TeacherTrainingConfig config = parse_teacher_config(settings, "x");
  const std::int64_t total = config.total_examples();
  EXPECT_EQ(teacher_learning_rate(config, total / 2), 1);
  EXPECT_NEAR(teacher_learning_rate(config, total / 4 * 3), 0.5, 1e-9);
  EXPECT_NEAR(teacher_learning_rate(config, total), 0, 1e-9);
  // A run that ends by the clock is further on than its examples say.
  EXPECT_NEAR(teacher_learning_rate(config, 0, 0.75), 0.5, 1e-9);
  EXPECT_NEAR(teacher_learning_rate(config, total / 4 * 3, 0.1), 0.5, 1e-9);
  EXPECT_NEAR(teacher_learning_rate(config, total / 2, 1.5), 0, 1e-9);
}

TEST(TeacherConfig, WithoutBackboneNoPhaseNeedsIt) {
  json settings = settings_of("paper/half_resolution_rotator");
  EXPECT_TRUE(parse_teacher_config(settings, "x").needs_backbone());
  settings["perceptual"]["backbone"] = "none";
  EXPECT_FALSE(parse_teacher_config(settings, "x").needs_backbone());
}

TEST(TeacherConfig, WrongSettingsAreNamed) {
  const json right = settings_of("smoke/half_resolution_rotator");
  const auto with = [&](const char* pointer, const json& value) {
    json settings = right;
    settings[json::json_pointer(pointer)] = value;
    return settings;
  };
  expect_refused(with("/network", "rotator"), {"rotator.json: network", "half_resolution_rotator"});
  expect_refused(with("/phases/0/l1/images", {"blend"}), {"phases.0.l1.images", "'blend'", "blended"});
  expect_refused(with("/phases/0/examples", 6), {"phases", "batch"});
  expect_refused(with("/phases/0/coarse_inputs", true), {"coarse_inputs", "editor"});
  expect_refused(with("/precision", "fp8"), {"precision", "bf16"});
  expect_refused(with("/perceptual/backbone", "vgg19"), {"backbone", "vgg16"});
  expect_refused(with("/sizes/level_channels", {0}), {"level_channels"});
  expect_refused(with("/batch_size", 4), {"batch_size"});
  expect_refused(with("/phases", json::array()), {"phases"});
  expect_refused(with("/phases/1/l1/images", json::array()), {"phases.1.l1", "nothing to learn", "backbone"});
  expect_refused(with("/phases/0/l1/weight", 0), {"phases.0.l1", "nothing to learn"});
  expect_refused(with("/data/replay", {{"capacity", 10}, {"min", 11}}), {"data.replay.min", "10"});
  expect_refused(with("/data/poses", {{"distribution", "natural"}, {"brow", 1}}),
                 {"data.poses.brow", "brows"});
  expect_refused(with("/augmentation", {{"mirrors", 1}}), {"augmentation.mirrors", "mirror"});
  expect_refused(
      with("/micro_batch", 1).patch(json::parse(R"([{"op": "add", "path": "/cuda_graph", "value": true}])")),
      {"cuda_graph", "micro_batch"});
}

TEST(TeacherConfig, LossesOfSharpnessAreReadAndWritten) {
  json settings = settings_of("compact/unet_face_morpher");
  EXPECT_EQ(parse_teacher_config(settings, "x").phases[0].ms_ssim.on.weight, 0);
  settings["phases"][0]["gradient"] = {{"weight", 0.5}, {"images", {"blended"}}};
  settings["phases"][0]["ms_ssim"] = {{"weight", 0.1}, {"images", {"direct", "blended"}}, {"levels", 3}};
  const TeacherTrainingConfig config = parse_teacher_config(settings, "x");
  EXPECT_EQ(config.phases[0].gradient.weight, 0.5);
  EXPECT_EQ(config.phases[0].ms_ssim.levels, 3);
  const json written = to_json(config)["phases"][0];
  EXPECT_EQ(written["gradient"], settings["phases"][0]["gradient"]);
  EXPECT_EQ(written["ms_ssim"], settings["phases"][0]["ms_ssim"]);
  settings["phases"][0]["ms_ssim"]["levels"] = 5;
  expect_refused(settings, {"phases.0.ms_ssim.levels", "4"});
  settings["phases"][0]["ms_ssim"] = {{"weight", 0.1}, {"images", {"blend"}}, {"levels", 3}};
  expect_refused(settings, {"phases.0.ms_ssim.images", "'blend'"});
}

TEST(TeacherConfig, LossesOfMotionAreForRotatorsAndEditors) {
  for (const char* network : {"half_resolution_rotator", "residual_editor"}) {
    json settings = settings_of("compact/" + std::string(network));
    EXPECT_FALSE(parse_teacher_config(settings, "x").needs_motion());
    EXPECT_FALSE(to_json(parse_teacher_config(settings, "x"))["phases"][0].contains("flow"));
    settings["phases"][0]["flow"] = {{"weight", 0.01}};
    settings["phases"][0]["disocclusion"] = {{"weight", 0.02}};
    const TeacherTrainingConfig config = parse_teacher_config(settings, "x");
    EXPECT_TRUE(config.needs_motion());
    EXPECT_EQ(config.phases[0].disocclusion_weight, 0.02);
    EXPECT_EQ(to_json(config)["phases"][0]["flow"], settings["phases"][0]["flow"]);
    settings["augmentation"]["strands"] = 3;
    expect_refused(settings, {"augmentation.strands", "flow"});
  }
  for (const char* network : {"compact/unet_face_morpher", "small/eyebrow_networks", "small/face_morpher"}) {
    json settings = settings_of(network);
    settings["phases"][0]["flow"] = {{"weight", 0.01}};
    expect_refused(settings, {"rotator.json: phases.0.flow", "rotators and editors"});
  }
  json settings = settings_of("small/tha3_rotator");
  settings["phases"][0]["flow"] = {{"weight", 0.01}};
  EXPECT_TRUE(parse_teacher_config(settings, "x").needs_motion());
  settings["phases"][0]["disocclusion"] = {{"weight", 0.01}};
  expect_refused(settings, {"phases.0.disocclusion", "alpha", "tha3_rotator"});
}

TEST(TeacherConfig, PerceptualLossAloneIsEnough) {
  json settings = settings_of("paper/half_resolution_rotator");
  settings["phases"][1]["l1"]["images"] = json::array();
  EXPECT_EQ(parse_teacher_config(settings, "x").phases[1].perceptual_weight, 0.2);
}

TEST(TeacherConfig, ActivationCheckpointingIsRefusedWhereItWouldDoNothing) {
  for (const char* network : {"half_resolution_rotator", "editor"}) {
    json settings = settings_of("small/" + std::string(network));
    settings["activation_checkpointing"] = true;
    EXPECT_TRUE(parse_teacher_config(settings, "x").activation_checkpointing) << network;
  }
  for (const char* network : {"eyebrow_networks", "face_morpher", "tha3_rotator", "tha3_editor"}) {
    json settings = settings_of("small/" + std::string(network));
    settings["activation_checkpointing"] = true;
    expect_refused(settings, {"rotator.json: activation_checkpointing", "editor", "micro_batch"});
  }
}

}  // namespace
}  // namespace tha4
