#include "tha4/distill/distill_config.h"

#include <fstream>

#include "input_error_message.h"
#include <gtest/gtest.h>

#include "tha4/base/config.h"
#include "tha4/distill/siren_training.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

nlohmann::json preset(const std::string& name) {
  return read_config_file(fs::path(THA4_SOURCE_DIR) / "configs" / "distill" / (name + ".json"));
}

DistillConfig parse(const nlohmann::json& json) {
  return parse_distill_config(json, "test.json");
}

std::string message_of(const nlohmann::json& json) {
  return input_error_message([&] { parse(json); });
}

TEST(DistillConfig, PaperIsThePapersSchedule) {
  const DistillConfig config = parse(preset("paper"));
  const auto& face = std::get<SirenFaceConfig>(config.face_morpher);
  EXPECT_EQ(face.examples, 1'000'000);
  EXPECT_EQ(face.batch, 8);
  EXPECT_EQ(face.mask_weight, 20);
  EXPECT_EQ(face.adam.beta1, 0.9);
  EXPECT_EQ(face.adam.beta2, 0.999);
  EXPECT_EQ(face.adam.weight_decay, 0);
  // Section 5.2.1.
  EXPECT_EQ(learning_rate_at(face.learning_rate, 0), 1e-4);
  EXPECT_EQ(learning_rate_at(face.learning_rate, 199'999), 1e-4);
  EXPECT_EQ(learning_rate_at(face.learning_rate, 200'000), 3.33e-5);
  EXPECT_EQ(learning_rate_at(face.learning_rate, 500'000), 1e-5);
  EXPECT_EQ(learning_rate_at(face.learning_rate, 800'000), 3.33e-6);
  EXPECT_EQ(learning_rate_at(face.learning_rate, 2'000'000), 3.33e-6);

  const auto& body = std::get<SirenBodyConfig>(config.body_rotator);
  EXPECT_EQ(body.kind, BodyRotatorKind::siren);
  EXPECT_EQ(body.examples, 1'500'000);
  EXPECT_EQ(body.batch, 8);
  EXPECT_EQ(body.window, 512);
  EXPECT_EQ(body.direct_target, DirectTarget::direct);
  // Section 5.2.2.
  EXPECT_EQ(learning_rate_at(body.learning_rate, 0), 1e-4);
  EXPECT_EQ(learning_rate_at(body.learning_rate, 200'000), 3e-5);
  EXPECT_EQ(learning_rate_at(body.learning_rate, 600'000), 1e-5);
  EXPECT_EQ(learning_rate_at(body.learning_rate, 1'300'000), 3e-6);
  // Table 3.
  const auto weights = [&](std::int64_t seen) {
    const BodyLossPhase& phase = phase_at(body.loss_phases, seen);
    return std::vector<double>{phase.flow, phase.warped, phase.direct, phase.final};
  };
  EXPECT_EQ(weights(399'999), (std::vector<double>{0.5, 0.25, 2.0, 0.25}));
  EXPECT_EQ(weights(400'000), (std::vector<double>{5.0, 2.5, 1.0, 1.0}));
  EXPECT_EQ(weights(800'000), (std::vector<double>{1.0, 1.0, 1.0, 10.0}));
  // The published sizes.
  const SirenOptions published_face;
  EXPECT_EQ(face.network.width, published_face.width);
  EXPECT_EQ(face.network.sine_layers, published_face.sine_layers);
  const SirenBodyRotatorOptions published_body;
  ASSERT_EQ(body.network.levels.size(), published_body.levels.size());
  for (std::size_t i = 0; i < published_body.levels.size(); ++i) {
    EXPECT_EQ(body.network.levels[i].size, published_body.levels[i].size);
    EXPECT_EQ(body.network.levels[i].width, published_body.levels[i].width);
  }
  EXPECT_EQ(config.held_out_poses, 1000);  // section 5.3
}

TEST(DistillConfig, AllPresetsAreWhole) {
  EXPECT_TRUE(parse(preset("fast")).preview);
  EXPECT_FALSE(parse(preset("smoke")).preview);
  EXPECT_TRUE(std::holds_alternative<BlendshapeBodyConfig>(parse(preset("quick")).body_rotator));
}

/// \p settings, and what \p all has beside them, also within lists.
nlohmann::json laid_over(const nlohmann::json& all, const nlohmann::json& settings) {
  const bool is_list = all.is_array() && settings.is_array() && all.size() == settings.size();
  if (!is_list && !(all.is_object() && settings.is_object())) return settings;
  nlohmann::json laid = all;
  if (is_list) {
    for (std::size_t i = 0; i < all.size(); ++i) laid[i] = laid_over(all[i], settings[i]);
  } else {
    for (const auto& [key, value] : settings.items()) {
      laid[key] = all.contains(key) ? laid_over(all[key], value) : value;
    }
  }
  return laid;
}

TEST(DistillConfig, EveryPresetIsWrittenAsItIsRead) {
  for (const auto& file : fs::directory_iterator(fs::path(THA4_SOURCE_DIR) / "configs" / "distill")) {
    const nlohmann::json settings = read_config_file(file.path());
    EXPECT_FALSE(settings.contains("base"));
    const nlohmann::json written = to_json(parse(settings));
    EXPECT_EQ(to_json(parse(written)), written);
    // Beside what the preset says, only defaults are written.
    EXPECT_EQ(laid_over(written, settings), written) << file.path();
  }
}

TEST(DistillConfig, KindsOfThePapersTable6AreWrittenAsTheyAreRead) {
  nlohmann::json json = preset("paper");
  for (nlohmann::json& level : json["body_rotator"]["levels"]) level["size"] = 512;
  json["body_rotator"]["kind"] = "siren_single_resolution";
  EXPECT_EQ(to_json(parse(json))["body_rotator"]["kind"], "siren_single_resolution");
  EXPECT_EQ(to_json(parse(json))["body_rotator"]["levels"], json["body_rotator"]["levels"]);
  json["body_rotator"]["kind"] = "vanilla_siren";
  EXPECT_EQ(message_of(json), "test.json: body_rotator.width is missing");
  json["body_rotator"].update({{"width", 192}, {"sine_layers", 9}});
  EXPECT_NE(message_of(json).find("levels is not a key that is known here"), std::string::npos);
  json["body_rotator"].erase("levels");
  json["body_rotator"].erase("sine_layers_per_level");
  const auto body = std::get<SirenBodyConfig>(parse(json).body_rotator);
  EXPECT_EQ(body.vanilla_network.pose_size, kPoseSize);
  EXPECT_EQ(body.vanilla_network.width, 192);
  const nlohmann::json written = to_json(parse(json));
  EXPECT_EQ(written["body_rotator"]["sine_layers"], 9);
  EXPECT_EQ(to_json(parse(written)), written);
}

TEST(DistillConfig, OfARigThereMayBeMoreCropsEachSeenAsOften) {
  DistillConfig config = parse(preset("quick"));
  auto& face = std::get<BlendshapeFaceConfig>(config.face_morpher);
  face.crops = 100;
  face.rig_crops = 250;
  face.regression.examples = 4000;
  take_rig_crops(config);
  EXPECT_EQ(face.crops, 250);
  EXPECT_EQ(face.regression.examples, 10000);
  take_rig_crops(config);
  EXPECT_EQ(face.regression.examples, 10000);
  face.rig_crops = 0;
  take_rig_crops(config);
  EXPECT_EQ(face.crops, 250);
}

TEST(DistillConfig, RefusesWhatCannotBeMeant) {
  auto json = preset("paper");
  json["face_morpher"]["bach"] = 4;
  EXPECT_EQ(message_of(json),
            "test.json: face_morpher.bach is not a key that is known here; did you mean 'batch'?");
  json = preset("paper");
  json["body_rotator"]["examples"] = 5;
  EXPECT_EQ(message_of(json),
            "test.json: body_rotator.learning_rate must end at until_examples = examples = 5");
  json = preset("paper");
  json["body_rotator"]["loss_phases"][1]["until_examples"] = 400000;
  EXPECT_EQ(message_of(json),
            "test.json: body_rotator.loss_phases must have rising values of until_examples");
  json = preset("quick");
  json["body_rotator"]["tile_size"] = 33;
  EXPECT_EQ(message_of(json), "test.json: body_rotator.tile_size must divide map_size");
  json = preset("quick");
  json["body_rotator"]["appearance_tile_size"] = 33;
  EXPECT_EQ(message_of(json),
            "test.json: body_rotator.appearance_tile_size must divide the appearance's map size");
  json["body_rotator"]["appearance_map_size"] = json["body_rotator"]["appearance_tile_size"] = 1;
  EXPECT_EQ(message_of(json), "test.json: body_rotator.appearance_map_size must be at least 2");
  json = preset("quick");
  json["body_rotator"]["motion_basis_size"] = 0;
  EXPECT_EQ(message_of(json),
            "test.json: body_rotator.motion_basis_size must be at least 1 where there is a motion_size");
  json = preset("paper");
  json["body_rotator"]["levels"][0]["size"] = 64;
  EXPECT_EQ(message_of(json),
            "test.json: body_rotator.levels must have the size 128 at level 1 of 3 for the kind siren");
  json = preset("quick");
  json["body_rotator"]["kind"] = "sirens";
  EXPECT_EQ(message_of(json),
            "test.json: body_rotator.kind is wrong: 'sirens' is not a kind of body rotator; did you mean "
            "'siren'?");
  json = preset("paper");
  json["face_morpher"]["kind"] = "blend";
  EXPECT_EQ(message_of(json).find("test.json: face_morpher.kind is wrong: 'blend'"), 0U) << message_of(json);
  json = preset("paper");
  json["body_rotator"]["seed"] = -1;
  EXPECT_EQ(message_of(json),
            "test.json: body_rotator.seed is -1; it must be a whole number that is not negative");
}

TEST(DistillConfig, RefusesToBeMeasuredWithThePosesOfTheTraining) {
  auto json = preset("quick");
  json["poses"]["seed"] = json["held_out"]["seed"] = 77;
  EXPECT_EQ(message_of(json),
            "test.json: held_out.seed is 77 like poses.seed, so that the result would be measured with poses "
            "that it was trained on; set one of them to another number");
  json["poses"]["seed"] = 78;
  json["face_morpher"]["poses"]["seed"] = 77;
  EXPECT_NE(message_of(json).find("like face_morpher.poses.seed"), std::string::npos) << message_of(json);
  json["face_morpher"]["poses"]["seed"] = 79;
  json["poses"] = {{"distribution", "uniform"}, {"seed", 77}};
  EXPECT_EQ(message_of(json), "no error") << "poses of another distribution are other poses";
}

TEST(DistillConfig, RefusesNetworksThatCouldNotBeLoaded) {
  auto json = preset("paper");
  json["face_morpher"]["width"] = 2049;
  EXPECT_NE(message_of(json).find("face_morpher.width is 2049"), std::string::npos) << message_of(json);
  json = preset("paper");
  json["body_rotator"]["sine_layers_per_level"] = 33;
  EXPECT_NE(message_of(json).find("sine_layers_per_level is 33"), std::string::npos) << message_of(json);
  json = preset("quick");
  json["face_morpher"]["hidden_layers"] = 32;
  EXPECT_NE(message_of(json).find("hidden_layers is 32"), std::string::npos) << message_of(json);
  json = preset("quick");
  json["body_rotator"]["flow_basis_size"] = 2000;
  EXPECT_EQ(
      message_of(json),
      "test.json: body_rotator.flow_basis_size is 2000, for 256 tiles; together they must not have more "
      "than 65536 images");
}

TEST(DistillConfig, ReadsTheOfficialConfig) {
  const fs::path file = fs::path(testing::TempDir()) / "config.yaml";
  std::ofstream(file) << "prefix: data/example\n"
                         "character_image_file_name: data/images/me.png\n"
                         "face_mask_image_file_name: data/images/me_mask.png\n"
                         "face_morpher_random_seed_0: 12771885812175595441\n"
                         "body_morpher_batch_size: 4\n"
                         "num_gpus: 1\n";
  const OfficialDistillConfig config = read_official_distill_config(file);
  EXPECT_EQ(config.character_image, "data/images/me.png");
  EXPECT_EQ(config.face_mask, "data/images/me_mask.png");
  EXPECT_EQ(config.prefix, "data/example");
  EXPECT_EQ(config.face_seed, 12771885812175595441ULL);
  EXPECT_EQ(config.face_batch, 8);
  EXPECT_EQ(config.body_batch, 4);

  std::ofstream(file) << "prefix: x\ncharacter_image_file_name: a\nface_mask_image_file_name: b\n"
                         "body_morpher_batch_size: 5000\n";
  EXPECT_EQ(input_error_message([&] { read_official_distill_config(file); }),
            file.string() + ": body_morpher_batch_size is 5000, outside 1 to 4096");
  std::ofstream(file) << "prefix: x\n";
  EXPECT_THROW(read_official_distill_config(file), InputError);
  std::ofstream(file) << "prefix: [x\n";
  EXPECT_THROW(read_official_distill_config(file), InputError);
}

TEST(CosineLearningRate, RisesAndFalls) {
  const CosineLearningRate rate{.value = 2.0, .warm_up_examples = 10};
  EXPECT_NEAR(rate.at(0, 1000), 0.2, 1e-3);
  EXPECT_NEAR(rate.at(500, 1000), 1.0, 1e-9);
  EXPECT_NEAR(rate.at(1000, 1000), 0.0, 1e-9);
}

}  // namespace
}  // namespace tha4
