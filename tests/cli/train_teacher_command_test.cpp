#include <csignal>
#include <cstdlib>
#include <thread>

#include "command_group.h"
#include "command_runner.h"
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

/// Triples of the step that rotators learn, drawn once for all tests of the process.
const fs::path& body_dataset() {
  static const fs::path folder = [] {
    const fs::path out = fresh_folder("train_teacher_data") / "body";
    const CommandResult result = run_command_line(
        "tha4-make-dataset", {"--characters", "procedural:4:7", "--poses-per-character", "4", "--step",
                              "body", "--test-share", "0.5", "--out", out.string()});
    EXPECT_EQ(result.status, 0) << result.errors;
    return out;
  }();
  return folder;
}

/// Four steps of two examples each, of a small rotator.
Words arguments_for(const fs::path& out, const Words& more = {}) {
  Words arguments = {"--config", kRotator,     "--data",   body_dataset().string(),
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

void expect_failure(const CommandResult& result, int status, const Words& words) {
  EXPECT_EQ(result.status, status) << result.errors;
  for (const std::string& word : words) {
    EXPECT_NE(result.errors.find(word), std::string::npos) << result.errors;
  }
}

TEST(TrainTeacherCommand, WritesTheOfficialFileAndItsRun) {
  const fs::path out = fresh_folder("train_teacher") / "teacher";
  const CommandResult result = train(out, {"--json", (out.parent_path() / "scores.json").string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_TRUE(read_weights(out / "body_morpher.pt").contains("body.first_conv.weight"));
  EXPECT_NE(result.errors.find("still lacks"), std::string::npos) << result.errors;
  const auto scores = read_json_file(out.parent_path() / "scores.json");
  EXPECT_GT(scores["validation"]["validation_rest_psnr"].get<double>(), 10);
  EXPECT_EQ(read_json_file(run_of(out) / "config.json")["batch"], 2);
  EXPECT_TRUE(fs::exists(run_of(out) / "log.txt"));
  // rest, posed, warped, direct, blended and alpha of 256 pixels in a row
  const RgbaImage sample = read_image(run_of(out) / "samples" / "half_resolution_rotator_0000000008.png");
  EXPECT_GT(sample.width, 6 * 256);

  expect_failure(train(out), 2, {"already holds a run", "--resume"});
  EXPECT_EQ(train(out, {"--resume"}).status, 0);  // nothing is left to do
}

TEST(TrainTeacherCommand, TwoProcessesReachTheWeightsOfOne) {
  const fs::path folder = fresh_folder("train_teacher_two");
  ::setenv("OMP_NUM_THREADS", "1", 1);
  ASSERT_EQ(train(folder / "one").status, 0);
  ::unsetenv("OMP_NUM_THREADS");
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
    RunningCommand running("tha4-train-teacher", arguments_for(out, {"--set", "checkpoint_seconds=0"}),
                           errors);
    const auto has_checkpoint = [&] {
      return fs::exists(run_of(out) / "checkpoints") && !fs::is_empty(run_of(out) / "checkpoints");
    };
    while (running.is_running() && !has_checkpoint()) std::this_thread::yield();
    running.send(SIGTERM);
    const int status = running.wait();
    EXPECT_TRUE(status == 130 || status == 0) << read_text_file(errors);
  }
  ASSERT_EQ(train(out, {"--set", "checkpoint_seconds=0", "--resume"}).status, 0);
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
       arguments_for(out, {"--set", "checkpoint_seconds=0", "--set", "phases.1.examples=12", "--resume"})) {
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
  const auto with_config = [&](const std::string& config, const std::string& data = body_dataset().string()) {
    return run_command_line("tha4-train-teacher",
                            {"--config", config, "--data", data, "--out", out.string(), "--device", "cpu"});
  };
  expect_failure(with_config(editor), 2, {"half_resolution_rotator", "body_morpher.pt", "first"});
  expect_failure(with_config(face), 2, {"step 'body'", "--step face"});
  expect_failure(with_config("missing.json"), 2, {"missing.json"});
  expect_failure(with_config(kRotator, "nowhere"), 2, {"nowhere"});
  EXPECT_FALSE(fs::exists(out));
  const auto three = run_command_group("tha4-train-teacher", arguments_for(out), 3);
  std::string errors;
  for (const CommandResult& result : three) errors += result.errors;
  EXPECT_NE(errors.find("cannot be shared equally by 3 processes"), std::string::npos) << errors;
}

}  // namespace
}  // namespace tha4
