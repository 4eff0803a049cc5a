#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <set>
#include <thread>

#include "command_group.h"
#include "command_runner.h"
#include "report/event_file_reader.h"
#include "teacher/narrow_vgg16.h"
#include "teacher_training.h"
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/image/image_io.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const std::string kRotator =
    std::string(THA4_SOURCE_DIR) + "/configs/teacher/smoke/half_resolution_rotator.json";

/// Four steps of two examples each, of a small rotator.
Words arguments_for(const fs::path& out, const Words& more = {}) {
  Words arguments = {"--config", kRotator,     "--data",   training_dataset("body").string(),
                     "--out",    out.string(), "--device", "cpu"};
  for (const char* setting : {"batch=2", "micro_batch=1", "phases.0.examples=4", "phases.1.examples=4",
                              "learning_rate.warm_up_examples=0", "data.threads=1", "validation.images=2",
                              "validation.times=1", "samples=1"}) {
    arguments.insert(arguments.end(), {"--set", setting});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

CommandResult train(const fs::path& out, const Words& more = {}) {
  const OneThread one_thread;
  return run_command_line("tha4-train-teacher", arguments_for(out, more));
}

fs::path run_of(const fs::path& out) {
  return out / "runs" / "half_resolution_rotator";
}

double largest_relative_difference(const fs::path& a, const fs::path& b) {
  const StateDict left = read_weights(a), right = read_weights(b);
  EXPECT_EQ(left.size(), right.size());
  double largest = 0;
  for (const auto& item : left) {
    const double scale = std::max(1e-3, item.value().abs().max().item<double>());
    const double difference = (item.value() - right[item.key()]).abs().max().item<double>();
    largest = std::max(largest, difference / scale);
  }
  return largest;
}

/// The names of all curves and pictures in the TensorBoard files of a run.
std::set<std::string> event_tags(const fs::path& run) {
  std::set<std::string> tags;
  for (const fs::directory_entry& file : fs::directory_iterator(run)) {
    if (!file.path().filename().string().starts_with("events.out.tfevents.")) continue;
    for (const std::string& record : read_records(read_text_file(file.path()))) {
      const WireMessage event = parse_message(record);
      if (event.count(5) == 0) continue;  // the version, not a summary
      tags.insert(only(parse_message(only(parse_message(only(event, 5).bytes), 1).bytes), 1).bytes);
    }
  }
  return tags;
}

void expect_failure(const CommandResult& result, int status, const Words& words) {
  EXPECT_EQ(result.status, status) << result.errors;
  for (const std::string& word : words) {
    EXPECT_NE(result.errors.find(word), std::string::npos) << result.errors;
  }
}

TEST(TrainTeacherCommand, BeginsWithTheWeightsOfAnotherTeacher) {
  const fs::path folder = fresh_folder("train_teacher_init");
  const Words no_step = {"--set", "learning_rate.value=1e-30"};
  ASSERT_EQ(train(folder / "a").status, 0);
  const Words init = {"--init", (folder / "a").string()};
  Words arguments = init;
  arguments.insert(arguments.end(), no_step.begin(), no_step.end());
  const CommandResult result = train(folder / "b", arguments);
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_LE(largest_relative_difference(folder / "b" / "body_morpher.pt", folder / "a" / "body_morpher.pt"),
            1e-6);
  fs::create_directories(folder / "empty");
  expect_failure(train(folder / "c", {"--init", (folder / "empty").string()}), 2,
                 {"--init", "body_morpher.pt"});
}

TEST(TrainTeacherCommand, WeightsThatSomethingElseMadeStay) {
  const fs::path folder = fresh_folder("train_teacher_kept");
  for (const char* name : {"body_morpher.pt", "body_morpher.safetensors"}) {
    const fs::path out = folder / name;
    write_text_file(out / name, "official");
    expect_failure(train(out), 2, {name, "is there already", "choose another --out"});
    EXPECT_EQ(read_text_file(out / name), "official");
  }
  const fs::path json = folder / "t" / "runs" / "half_resolution_rotator" / "config.json";
  expect_failure(train(folder / "t", {"--json", json.string()}), 2, {"is called as a file of --out is"});
  expect_failure(train(folder / "t", {"--init", (folder / "t").string()}), 2, {"no body_morpher.pt"});
}

TEST(TrainTeacherCommand, EndsByTheClockWithWhatItHas) {
  const fs::path out = fresh_folder("train_teacher_minutes") / "teacher";
  const fs::path json = out.parent_path() / "scores.json";
  const CommandResult result = train(out, {"--minutes", "0.0001", "--json", json.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("the time was over after 2 of 8 examples"), std::string::npos)
      << result.errors;
  EXPECT_TRUE(fs::exists(out / "body_morpher.pt"));
  EXPECT_EQ(read_json_file(json)["examples"], 2);
  EXPECT_GT(read_json_file(json)["validation"]["validation_psnr"].get<double>(), 5);
  const CommandResult rest = train(out, {"--resume"});
  ASSERT_EQ(rest.status, 0) << rest.errors;
  EXPECT_NE(rest.errors.find("continuing from"), std::string::npos) << rest.errors;
}

TEST(TrainTeacherCommand, LearnsFromAReplayOfChangedTriples) {
  const fs::path out = fresh_folder("train_teacher_replay") / "teacher";
  const CommandResult result = run_command_line(
      "tha4-train-teacher",
      {"--config", std::string(THA4_SOURCE_DIR) + "/configs/teacher/compact/unet_face_morpher.json",
       "--data",   training_dataset("expression").string(),
       "--out",    out.string(),
       "--device", "cpu",
       "--set",    "batch=2",
       "--set",    "phases.0.examples=4",
       "--set",    "data.replay.capacity=6",
       "--set",    "data.replay.min=3",
       "--set",    "data.threads=1",
       "--set",    "validation.images=2",
       "--set",    "validation.times=1",
       "--set",    "samples=1",
       "--set",    "sizes.level_channels=[16,16,16,16]",
       "--set",    "sizes.attention_levels=[3]",
       "--set",    "sizes.model_channels=16",
       "--set",    "precision=fp32"});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_TRUE(read_weights(out / "unet_face_morpher.pt").contains("body.first_conv.weight"));
  EXPECT_NE(result.errors.find("validation_moved_psnr"), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("still lacks body_morpher.pt, residual_editor.pt"), std::string::npos)
      << result.errors;
}

TEST(TrainTeacherCommand, WritesTheOfficialFileAndItsRun) {
  const fs::path out = fresh_folder("train_teacher") / "teacher";
  const CommandResult result =
      train(out, {"--set", "checkpoint_seconds=0", "--json", (out.parent_path() / "scores.json").string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_TRUE(read_weights(out / "body_morpher.pt").contains("body.first_conv.weight"));
  EXPECT_NE(result.errors.find("still lacks"), std::string::npos) << result.errors;
  const auto scores = read_json_file(out.parent_path() / "scores.json");
  EXPECT_GT(scores["validation"]["validation_rest_psnr"].get<double>(), 10);
  const auto settings = read_json_file(run_of(out) / "config.json");
  EXPECT_EQ(settings["batch"], 2);
  EXPECT_EQ(settings["network"], "half_resolution_rotator") << "which only the base of the preset says";
  EXPECT_FALSE(settings.contains("base"));
  const std::string log = read_text_file(run_of(out) / "log.txt");
  // How it goes is told at checkpoints, not only where test images are scored.
  const std::size_t begin = log.find("half_resolution_rotator after 2 examples, loss");
  ASSERT_NE(begin, std::string::npos) << log;
  const std::string line = log.substr(begin, log.find('\n', begin) - begin);
  for (const char* measure :
       {"learning_rate", "examples_per_second", "waiting_for_data", "most_memory_gib", "gradient_norm"}) {
    EXPECT_NE(line.find(measure), std::string::npos) << line;
  }
  EXPECT_NE(log.find("validation_psnr"), std::string::npos) << log;
  const std::set<std::string> tags = event_tags(run_of(out));
  for (const char* tag : {"loss", "l1_warped", "learning_rate", "gradient_norm", "waiting_for_data",
                          "validation_psnr", "validation_rest_psnr", "sample"}) {
    EXPECT_TRUE(tags.contains("half_resolution_rotator/" + std::string(tag))) << tag;
  }
  // rest, posed, warped, direct, alpha and blended of 256 pixels in a row
  const RgbaImage sample = read_image(run_of(out) / "samples" / "half_resolution_rotator_0000000008.png");
  EXPECT_GT(sample.width, 6 * 256);

  expect_failure(train(out), 2, {"already holds a run", "--resume"});
}

// Nothing is left to do, and what is there stays: the average of the weights, and its scores.
TEST(TrainTeacherCommand, FinishedRunThatIsResumedLeavesTheSame) {
  const fs::path folder = fresh_folder("train_teacher_finished"), out = folder / "teacher";
  const auto finish = [&](const Words& more) {
    Words arguments = {"--set", "ema_decay=0.5", "--json", (folder / "scores.json").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = train(out, arguments);
    EXPECT_EQ(result.status, 0) << result.errors;
    return std::pair(read_weights(out / "body_morpher.pt"), read_json_file(folder / "scores.json"));
  };
  const auto [weights, scores] = finish({});
  const auto [weights_again, scores_again] = finish({"--resume"});
  ASSERT_EQ(weights.size(), weights_again.size());
  for (const auto& item : weights) {
    EXPECT_TRUE(torch::equal(item.value(), weights_again[item.key()])) << item.key();
  }
  EXPECT_EQ(scores["validation"].size(), 6U);
  EXPECT_EQ(scores["validation"], scores_again["validation"]);
}

TEST(TrainTeacherCommand, TwoProcessesReachTheWeightsOfOne) {
  const fs::path folder = fresh_folder("train_teacher_two");
  ASSERT_EQ(train(folder / "one").status, 0);
  for (const CommandResult& result :
       run_command_group("tha4-train-teacher", arguments_for(folder / "two"), 2)) {
    ASSERT_EQ(result.status, 0) << result.errors;
  }
  EXPECT_LE(
      largest_relative_difference(folder / "one" / "body_morpher.pt", folder / "two" / "body_morpher.pt"),
      1e-6);
}

TEST(TrainTeacherCommand, InterruptedAndResumedItReachesTheSameWeights) {
  const fs::path folder = fresh_folder("train_teacher_resume");
  ASSERT_EQ(train(folder / "whole").status, 0);
  const fs::path out = folder / "parts", errors = folder / "errors";
  {
    const OneThread one_thread;
    RunningCommand running("tha4-train-teacher", arguments_for(out), errors);
    // Long before the last step: none has been taken when the run folder is made.
    while (running.is_running() && !fs::exists(run_of(out) / "config.json")) std::this_thread::yield();
    running.send(SIGTERM);
    ASSERT_EQ(running.wait(), 130) << read_text_file(errors);
  }
  EXPECT_TRUE(fs::exists(out / "body_morpher.pt")) << "what was learnt by then is a teacher's network";
  const auto two = run_command_group("tha4-train-teacher", arguments_for(out, {"--resume"}), 2);
  EXPECT_NE(two.front().status, 0);
  EXPECT_NE(errors_of(two).find("was written by 1 processes; resume it with as many"), std::string::npos)
      << errors_of(two);

  expect_failure(train(out, {"--resume", "--set", "learning_rate.value=0.5"}), 2, {"'learning_rate.value'"});

  // As a version has stored it that did not know these settings.
  nlohmann::json stored = read_json_file(run_of(out) / "config.json");
  EXPECT_EQ(stored.erase("cuda_graph") + stored["learning_rate"].erase("decay_fraction"), 2U);
  write_text_file(run_of(out) / "config.json", stored.dump());
  ASSERT_EQ(train(out, {"--resume"}).status, 0);
  EXPECT_EQ(largest_relative_difference(folder / "whole" / "body_morpher.pt", out / "body_morpher.pt"), 0);
}

TEST(TrainTeacherCommand, ProcessThatIsKilledIsRestartedFromTheCheckpoint) {
  const fs::path torchrun = fs::path(THA4_SOURCE_DIR) / ".venv" / "bin" / "torchrun";
  if (!fs::exists(torchrun)) GTEST_SKIP() << "torchrun is not in .venv";
  const fs::path folder = fresh_folder("train_teacher_killed");
  // The second process kills itself in its first life, as soon as there is a checkpoint.
  const fs::path out = folder / "teacher", script = folder / "member.sh";
  write_text_file(script,
                  "#!/bin/bash\n"
                  "if [[ $RANK == 1 && $TORCHELASTIC_RESTART_COUNT == 0 ]]; then\n"
                  "  (until compgen -G '" +
                      (run_of(out) / "checkpoints" / "*").string() +
                      "' >/dev/null; do :; done; kill -KILL $$) &\n"
                      "fi\n"
                      "exec '" +
                      std::string(THA4_BIN_DIR) + "/tha4-train-teacher' \"$@\"\n");
  fs::permissions(script, fs::perms::owner_all);
  std::string command = "OMP_NUM_THREADS=1 '" + torchrun.string() +
                        "' --no-python --standalone --nproc-per-node 2 --max-restarts 1 '" + script.string() +
                        "'";
  for (const std::string& argument :
       arguments_for(out, {"--set", "checkpoint_seconds=0", "--set", "phases.1.examples=28", "--resume"})) {
    command += " '" + argument + "'";
  }
  const fs::path errors = folder / "errors";
  const int status = std::system((command + " >'" + errors.string() + "' 2>&1").c_str());
  const std::string log = read_text_file(errors);
  EXPECT_EQ(status, 0) << log;
  EXPECT_NE(log.find("rank 1 no longer answers"), std::string::npos) << log;
  EXPECT_NE(log.find("continuing from"), std::string::npos) << log;
  EXPECT_TRUE(fs::exists(out / "body_morpher.pt"));
}

TEST(TrainTeacherCommand, BadInputIsNamedBeforeAnythingIsWritten) {
  const fs::path out = fresh_folder("train_teacher_bad") / "teacher";
  const std::string editor = std::string(THA4_SOURCE_DIR) + "/configs/teacher/smoke/editor.json";
  const std::string face = std::string(THA4_SOURCE_DIR) + "/configs/teacher/smoke/face_morpher.json";
  expect_failure(train(out, {"--set", "perceptual.backbone=vgg16"}), 2,
                 {"--vgg16", "vgg16-397923af.pth", "perceptual.backbone=none"});
  expect_failure(train(out, {"--set", "perceptual.backbone=vgg16", "--vgg16", "missing.pth"}), 2,
                 {"missing.pth"});
  expect_failure(train(out, {"--set", "batches=3"}), 2, {"batches", "batch"});
  const auto with_config = [&](const std::string& config,
                               const std::string& data = training_dataset("body").string()) {
    return run_command_line("tha4-train-teacher",
                            {"--config", config, "--data", data, "--out", out.string(), "--device", "cpu"});
  };
  expect_failure(with_config(editor), 2, {"half_resolution_rotator", "body_morpher.pt", "first"});
  expect_failure(with_config(face), 2, {"step 'body'", "--step face"});
  expect_failure(with_config("missing.json"), 2, {"missing.json"});
  expect_failure(with_config(kRotator, "nowhere"), 2, {"nowhere"});
  EXPECT_FALSE(fs::exists(out));
}

// What all processes would say is said once.
TEST(TrainTeacherCommand, ProblemOfAllProcessesIsToldOnce) {
  const fs::path out = fresh_folder("train_teacher_together") / "teacher";
  const auto expect_told_once = [&](const Words& more, int size, const std::string& words) {
    const auto results = run_command_group("tha4-train-teacher", arguments_for(out, more), size);
    const std::string errors = errors_of(results);
    for (const CommandResult& result : results) EXPECT_NE(result.status, 0);
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
    EXPECT_NE(errors.find(words), std::string::npos) << errors;
  };
  expect_told_once({"--set", "precision=fp8"}, 2, "precision must be fp32, fp16 or bf16");
  expect_told_once({}, 3, "cannot be shared equally by 3 processes");
  EXPECT_FALSE(fs::exists(out));
}

TEST(TrainTeacherCommand, LossThatIsNotFiniteIsToldWithItsRank) {
  const fs::path folder = fresh_folder("train_teacher_nan"), out = folder / "teacher";
  StateDict weights = narrow_vgg16();
  // Weights that are no numbers are refused; those overflow where they are used.
  weights["features.14.weight"].fill_(std::numeric_limits<float>::max());
  write_weights(folder / "vgg16.pt", weights);
  const auto results =
      run_command_group("tha4-train-teacher",
                        arguments_for(out, {"--set", "perceptual.backbone=vgg16", "--set", "curve_points=8",
                                            "--vgg16", (folder / "vgg16.pt").string()}),
                        2);
  const std::string errors = errors_of(results);
  EXPECT_NE(errors.find("half_resolution_rotator: the loss became nan on rank 0"), std::string::npos)
      << errors;
  for (const CommandResult& result : results) EXPECT_EQ(result.status, 1) << errors;
  EXPECT_FALSE(fs::exists(out / "body_morpher.pt"));
}

TEST(TrainTeacherCommand, DamagedShardIsNamedWithItsRank) {
  const fs::path folder = fresh_folder("train_teacher_damaged"), data = folder / "data";
  fs::copy(training_dataset("body"), data, fs::copy_options::recursive);
  const fs::path shard = data / "train-00000.tar";
  fs::resize_file(shard, fs::file_size(shard) / 2);
  const auto results = run_command_group(
      "tha4-train-teacher", arguments_for(folder / "teacher", {"--set", "data.source=" + data.string()}), 2);
  const std::string errors = errors_of(results);
  EXPECT_NE(errors.find("error: rank "), std::string::npos) << errors;
  EXPECT_NE(errors.find("train-00000.tar"), std::string::npos) << errors;
  for (const CommandResult& result : results) EXPECT_NE(result.status, 0) << errors;
}

}  // namespace
}  // namespace tha4
