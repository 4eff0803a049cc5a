// Every network that the trainer knows, through all phases of its recipe, and what comes of them.

#include "command_runner.h"
#include "teacher_training.h"
#include <torch/types.h>

#include "tha4/base/config.h"
#include "tha4/image/image_io.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// Trains a network of the smoke presets, one example in each phase.
CommandResult train(const std::string& network, const std::string& step, const fs::path& out) {
  const fs::path config = fs::path(THA4_SOURCE_DIR) / "configs" / "teacher" / "smoke" / (network + ".json");
  std::vector<std::string> arguments = {
      "--config", config.string(), "--data",   training_dataset(step).string(),
      "--out",    out.string(),    "--device", "cpu"};
  std::vector<std::string> settings = {"batch=1",
                                       "learning_rate.warm_up_examples=0",
                                       "data.threads=1",
                                       "validation.images=1",
                                       "validation.times=1",
                                       "samples=1",
                                       "curve_points=1"};
  for (std::size_t phase = 0; phase < read_config_file(config)["phases"].size(); ++phase) {
    settings.push_back("phases." + std::to_string(phase) + ".examples=1");
  }
  for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  return run_command_line("tha4-train-teacher", arguments);
}

/// That the teacher in \p folder makes a frame.
void expect_plays(const fs::path& folder, const std::string& architecture) {
  const fs::path frame = folder / (architecture + ".png");
  const CommandResult result =
      run_command_line("tha4-pose", {"--teacher", folder.string(), "--arch", architecture, "--image",
                                     (small_character_folder() / "character.png").string(), "--poses",
                                     "random:1", "--out", frame.string(), "--device", "cpu"});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(read_image(frame).width, 512);
}

TEST(TeacherRecipes, EveryNetworkIsTrainedAndTheFolderPlays) {
  const OneThread one_thread;
  const fs::path out = fresh_folder("teacher_recipes") / "teacher";
  struct Recipe {
    const char* network;
    const char* step;
    bool completes_a_teacher;
  };
  for (const Recipe& recipe : {Recipe{"eyebrow_networks", "eyebrows", false},
                               {"face_morpher", "face", false},
                               {"half_resolution_rotator", "body", false},
                               {"editor", "body", true},
                               {"tha3_rotator", "body", false},
                               {"tha3_editor", "body", true}}) {
    const CommandResult result = train(recipe.network, recipe.step, out);
    ASSERT_EQ(result.status, 0) << recipe.network << ": " << result.errors;
    EXPECT_EQ(result.errors.find("still lacks") == std::string::npos, recipe.completes_a_teacher)
        << result.errors;
    EXPECT_FALSE(fs::is_empty(out / "runs" / recipe.network / "samples"));
  }
  // Zero until the third phase.
  EXPECT_GT(read_weights(out / "upscaler.pt")["coarse_image_conv.weight"].abs().max().item<double>(), 0);
  expect_plays(out, "tha4");
  expect_plays(out, "tha3");
}

}  // namespace
}  // namespace tha4
