#include "command_runner.h"
#include <nlohmann/json.hpp>

#include "tha4/base/config.h"

namespace tha4 {
namespace {

TEST(BenchCommand, WritesATableAndTheSameAsJson) {
  const std::filesystem::path file = fresh_folder("bench") / "student.json";
  const CommandResult result = run_command_line(
      "tha4-bench", {"student", "--character", small_character_folder().string(), "--device", "cpu",
                     "--frames", "5", "--batch", "2", "--warm-up", "1", "--json", file.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.output.find("frames/s"), std::string::npos) << result.output;
  const nlohmann::json json = read_json_file(file);
  EXPECT_EQ(json["machine"]["device"], "cpu");
  const nlohmann::json& times = json["times"].at(0);
  EXPECT_EQ(times["calls"], 3) << "five frames are three batches of two";
  EXPECT_GT(times["median_ms"], 0);
  EXPECT_LE(times["median_ms"], times["p99_ms"]);
  EXPECT_NEAR(times["frames_per_second"].get<double>() * times["mean_ms"].get<double>(), 1000, 1e-6);
}

TEST(BenchCommand, MeasuresTheDrawingOfARigApart) {
  const std::filesystem::path file = fresh_folder("bench_rig") / "rig.json";
  const CommandResult result = run_command_line(
      "tha4-bench",
      {"rig", "--teacher", "procedural:1", "--frames", "2", "--warm-up", "0", "--json", file.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  const nlohmann::json json = read_json_file(file);
  EXPECT_EQ(json["times"].size(), 3U);
  EXPECT_FALSE(json["machine"]["opengl"].get<std::string>().empty());
}

TEST(BenchCommand, SaysWhichPoserGoesWithWhat) {
  const CommandResult rig = run_command_line("tha4-bench", {"teacher", "--teacher", "procedural:1"});
  EXPECT_EQ(rig.status, 2);
  EXPECT_NE(rig.errors.find("tha4-bench rig"), std::string::npos) << rig.errors;
  const CommandResult student = run_command_line("tha4-bench", {"student", "--teacher", "some/folder"});
  EXPECT_EQ(student.status, 2);
  EXPECT_NE(student.errors.find("--character"), std::string::npos) << student.errors;
}

}  // namespace
}  // namespace tha4
