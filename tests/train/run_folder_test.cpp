#include "tha4/train/run_folder.h"

#include <functional>
#include <limits>
#include <optional>

#include "input_error_message.h"
#include "test_files.h"
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/error.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

const nlohmann::json kSettings = {{"batch", 8},
                                  {"optimizer", {{"learning_rate", 1e-4}, {"beta", 0.9}}},
                                  {"phases", {{{"examples", 100}}, {{"examples", 200}}}}};

std::string refusal(const fs::path& folder, const nlohmann::json& config, RunStart start) {
  return input_error_message([&] { const RunFolder run(folder, config, start); });
}

std::string refusal_to_resume_with(const fs::path& folder, const char* assignment) {
  nlohmann::json config = kSettings;
  apply_override(config, assignment);
  return refusal(folder, config, RunStart::resume);
}

TEST(RunFolder, HoldsTheConfigurationAndItsParts) {
  const fs::path folder = fresh_path("parts") / "deep";
  const RunFolder run(folder, kSettings, RunStart::fresh);
  EXPECT_EQ(read_json_file(folder / "config.json"), kSettings);
  EXPECT_TRUE(fs::is_directory(folder / "samples"));
  EXPECT_TRUE(fs::is_directory(folder / "checkpoints"));
  EXPECT_EQ(run.log_file(), folder / "log.txt");
}

TEST(RunFolder, RefusesToStartOverARun) {
  const fs::path folder = fresh_path("started");
  { const RunFolder run(folder, kSettings, RunStart::fresh); }
  const auto start = [&] { const RunFolder run(folder, {{"batch", 1}}, RunStart::fresh); };
  EXPECT_EQ(input_error_remedy(start).kind, Remedy::continue_or_other_output);
  EXPECT_EQ(read_json_file(folder / "config.json"), kSettings);
}

TEST(RunFolder, LeavesTheFilesOfOthersAlone) {
  const fs::path folder = fresh_path("foreign");
  write_text_file(folder / "thesis.txt", "precious");
  const std::string message = refusal(folder, kSettings, RunStart::fresh);
  EXPECT_NE(message.find("not empty"), std::string::npos) << message;
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator{}), 1);
  EXPECT_EQ(read_text_file(folder / "thesis.txt"), "precious");
}

TEST(RunFolder, StartsWhereARunWasKilledBeforeItHadBegun) {
  const fs::path folder = fresh_path("killed");
  write_text_file(folder / "run.lock", "123");
  write_text_file(folder / ".config.tmp-123.json", "{");
  EXPECT_EQ(refusal(folder, kSettings, RunStart::fresh), "no error");
}

TEST(RunFolder, RefusesWhatIsNoFolderAndWhatHoldsNoRun) {
  const fs::path folder = fresh_path("no_run");
  EXPECT_NE(refusal(folder, kSettings, RunStart::resume).find("holds no run to resume"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder));

  write_text_file(folder, "a file");
  EXPECT_NE(refusal(folder, kSettings, RunStart::fresh).find("is a file"), std::string::npos);
  fs::remove(folder);
}

TEST(RunFolder, ResumesOnlyWithTheSameConfiguration) {
  const fs::path folder = fresh_path("resumed");
  { const RunFolder run(folder, kSettings, RunStart::fresh); }
  EXPECT_EQ(refusal(folder, kSettings, RunStart::resume), "no error");
  EXPECT_EQ(refusal_to_resume_with(folder, "batch=8.0"), "no error");

  const std::string message = refusal_to_resume_with(folder, "optimizer.learning_rate=0.001");
  EXPECT_NE(message.find("'optimizer.learning_rate' is 0.0001 in "), std::string::npos) << message;
  EXPECT_NE(message.find("and 0.001 now"), std::string::npos) << message;
  EXPECT_NE(message.find((folder / "config.json").string()), std::string::npos) << message;

  EXPECT_NE(refusal_to_resume_with(folder, "phases.1.examples=300").find("'phases.1.examples'"),
            std::string::npos);
  EXPECT_NE(refusal_to_resume_with(folder, "batch=\"8\"").find("'batch'"), std::string::npos);
}

TEST(RunFolder, NamesTheFirstOfSeveralDifferences) {
  const fs::path folder = fresh_path("several");
  { const RunFolder run(folder, kSettings, RunStart::fresh); }
  nlohmann::json config = kSettings;
  config["optimizer"]["beta"] = 0.5;
  config["phases"][0]["examples"] = 1;
  EXPECT_NE(refusal(folder, config, RunStart::resume).find("'optimizer.beta'"), std::string::npos);
}

TEST(RunFolder, NamesKeysThatAreNewOrGone) {
  const fs::path folder = fresh_path("keys");
  { const RunFolder run(folder, kSettings, RunStart::fresh); }
  nlohmann::json config = kSettings;
  config["optimizer"]["warm_up"] = 10;
  EXPECT_NE(refusal(folder, config, RunStart::resume).find("'optimizer.warm_up' is missing in"),
            std::string::npos);
  config = kSettings;
  config.erase("batch");
  const std::string message = refusal(folder, config, RunStart::resume);
  EXPECT_NE(message.find("'batch' is 8 in"), std::string::npos) << message;
  EXPECT_NE(message.find("missing now"), std::string::npos) << message;
}

TEST(RunFolder, CompletesWhatAnotherVersionHasStored) {
  const fs::path folder = fresh_path("completed");
  { const RunFolder run(folder, kSettings, RunStart::fresh); }
  const CompleteConfig complete = [&](const nlohmann::json& stored, const std::string& file) {
    EXPECT_EQ(file, folder / "config.json");
    nlohmann::json whole = {{"warm_up", 10}};
    whole.update(stored);
    return whole;
  };
  nlohmann::json config = kSettings;
  config["warm_up"] = 10;
  EXPECT_NO_THROW(RunFolder(folder, config, RunStart::resume, complete));
  EXPECT_EQ(read_json_file(folder / "config.json"), kSettings) << "what is stored stays as it is";
  config["warm_up"] = 20;
  EXPECT_THROW(RunFolder(folder, config, RunStart::resume, complete), InputError);
}

TEST(RunFolder, RefusesADamagedConfiguration) {
  const fs::path folder = fresh_path("damaged");
  write_text_file(folder / "config.json", "{\"batch\": ");
  EXPECT_NE(refusal(folder, kSettings, RunStart::resume).find("not valid JSON"), std::string::npos);
}

TEST(RunFolder, ResumesWithNumbersThatJsonCannotHold) {
  const fs::path folder = fresh_path("infinite");
  const nlohmann::json config = {{"clip", std::numeric_limits<double>::infinity()}};
  EXPECT_EQ(refusal(folder, config, RunStart::fresh), "no error");
  EXPECT_EQ(refusal(folder, config, RunStart::resume), "no error");
}

/// What \p body returns in another process.
bool in_another_process(const std::function<bool()>& body) {
  const pid_t process = ::fork();
  if (process == 0) ::_exit(body() ? 1 : 0);
  int status = 0;
  ::waitpid(process, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

TEST(RunFolder, BelongsToOneProcessAtATime) {
  const fs::path folder = fresh_path("locked");
  const std::string in_use = "is being written by another run (process " + std::to_string(::getpid()) + ")";
  const auto is_refused = [&] {
    return refusal(folder, kSettings, RunStart::resume).find(in_use) != std::string::npos &&
           refusal(folder, kSettings, RunStart::fresh).find(in_use) != std::string::npos;
  };
  std::optional<RunFolder> run;
  run.emplace(folder, kSettings, RunStart::fresh);
  EXPECT_TRUE(is_refused()) << "within the same process";
  EXPECT_TRUE(in_another_process(is_refused));

  run.reset();
  EXPECT_TRUE(in_another_process([&] { return refusal(folder, kSettings, RunStart::resume) == "no error"; }));
}

TEST(RunFolder, IsFreeAgainAfterARunWasKilled) {
  const fs::path folder = fresh_path("killed_holder");
  // _exit() runs no destructors, like a kill.
  EXPECT_TRUE(in_another_process([&] {
    const auto* run = new RunFolder(folder, kSettings, RunStart::fresh);
    ::_exit(run->path() == folder ? 1 : 0);
    return false;
  }));
  EXPECT_EQ(refusal(folder, kSettings, RunStart::resume), "no error");
}

}  // namespace
}  // namespace tha4
