#include <csignal>
#include <set>
#include <thread>

#include "command_group.h"
#include "command_runner.h"
#include <nlohmann/json.hpp>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"

namespace tha4 {
namespace {

/// What \p arguments measure, with a call for the work, one for the memory, and one or more that are timed.
nlohmann::json measure(const std::string& name, std::vector<std::string> arguments) {
  const std::filesystem::path file = fresh_folder("bench_" + name) / "result.json";
  arguments.insert(arguments.end(), {"--device", "cpu", "--warm-up", "0", "--json", file.string()});
  const CommandResult result = run_command_line("tha4-bench", arguments);
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.output.find("frames/s"), std::string::npos) << result.output;
  return result.status == 0 ? read_json_file(file) : nlohmann::json();
}

std::string teacher_folder(const char* name) {
  return std::string(THA4_FIXTURES_DIR) + "/" + name;
}

TEST(BenchCommand, MeasuresACharacter) {
  const nlohmann::json json =
      measure("character",
              {"student", "--character", small_character_folder().string(), "--frames", "5", "--batch", "2"});
  ASSERT_FALSE(json.is_null());
  EXPECT_EQ(json["machine"]["device"], "cpu");
  EXPECT_EQ(json["measured"], "networks of " + small_character_folder().string());
  const nlohmann::json& student = json["systems"].at(0);
  const nlohmann::json& frames = student["frames"].at(0);
  EXPECT_EQ(frames["calls"], 3) << "five frames are three batches of two";
  EXPECT_GT(frames["median_ms"], 0);
  EXPECT_LE(frames["median_ms"], frames["p99_ms"]);
  EXPECT_NEAR(frames["frames_per_second"].get<double>() * frames["mean_ms"].get<double>(), 1000, 1e-6);
  // The face morpher's hidden layer alone: 8 x 8 multiply-adds at 128 x 128 pixels.
  EXPECT_GT(frames["flops"], 2 * 128 * 128 * 8 * 8);
  // The two layers of 8 neurons, the output layer of 4, with biases.
  EXPECT_EQ(student["parameters"]["face_morpher"], (41 + 1) * 8 + (8 + 1) * 8 + (8 + 1) * 4);
  EXPECT_EQ(student["weight_bytes"], 4 * student["parameters"]["total"].get<int>());
  EXPECT_DOUBLE_EQ(student["paper"]["frame_ms"]["A"].get<double>(), 12.523) << "Table 4";
}

TEST(BenchCommand, ComparesEnginesAndTimesThemBesideBusyProcesses) {
  const nlohmann::json json = measure("beside", {"student", "--character", small_character_folder().string(),
                                                 "--frames", "2", "--beside", "1", "--threads", "2"});
  ASSERT_FALSE(json.is_null());
  EXPECT_EQ(json["busy_processes"], 1);
  EXPECT_EQ(json["machine"]["threads"], 2);
  const nlohmann::json& frames = json["systems"].at(0)["frames"];
  ASSERT_EQ(frames.size(), 4) << "layers, fused, without empty cells, and straight to 8 bits";
  EXPECT_FALSE(frames[0].contains("floor_ms"));
  EXPECT_GT(frames[1]["floor_ms"], 0);
  EXPECT_GT(frames[2]["floor_ms"], 0);
  for (const nlohmann::json& one : frames) EXPECT_GT(one["beside"]["median_ms"], 0);
}

TEST(BenchCommand, MeasuresThePublishedStudentWhereNoCharacterIsNamed) {
  const CommandResult result = run_command_line(
      "tha4-bench", {"student", "--device", "cpu", "--frames", "1", "--warm-up", "0", "--precision", "fp32"});
  ASSERT_EQ(result.status, 0) << result.errors;
  for (const char* text : {"fresh weights", "RTX A6000*", "12.523", "0.453 M", "38.881"}) {
    EXPECT_NE(result.output.find(text), std::string::npos) << text << " in:\n" << result.output;
  }
  for (std::size_t line = 0, end = 0; end != std::string::npos; line = end + 1) {
    end = result.output.find('\n', line);
    // The name of the processor may be as long as it likes.
    const std::string text = result.output.substr(line, end - line);
    if (!text.starts_with("machine")) {
      EXPECT_LE(text.size(), 100U) << text;
    }
  }
}

TEST(BenchCommand, MeasuresTeachersOfAnImageAndAPoseAndOfAPoseAlone) {
  const nlohmann::json tha4 =
      measure("teacher", {"teacher", "--teacher", teacher_folder("random_teacher"), "--frames", "1"});
  const nlohmann::json tha3 =
      measure("tha3", {"tha3", "--teacher", teacher_folder("random_tha3_teacher"), "--frames", "1"});
  for (const nlohmann::json& json : {tha4, tha3}) {
    ASSERT_FALSE(json.is_null());
    const nlohmann::json& system = json["systems"].at(0);
    const nlohmann::json& both = system["frames"].at(0);
    const nlohmann::json& kept = system["frames"].at(1);
    EXPECT_GT(both["flops"], kept["flops"]) << "the eyebrow decomposer's work";
    EXPECT_TRUE(both["as_in_paper"]);
    EXPECT_FALSE(kept["as_in_paper"]);
    EXPECT_EQ(system["parameters"].size(), 5U + 1U) << system["parameters"];
    EXPECT_GT(system["parameters"]["half_resolution_rotator"], 0);
  }
}

TEST(BenchCommand, CountsWorkAndMemoryOfABatchInThePrecisionAskedFor) {
  const auto system_of = [&](const char* precision, const char* batch) {
    const std::string folder = small_character_folder().string();
    return measure(precision, {"student", "--character", folder, "--frames", "1", "--precision", precision,
                               "--batch", batch})["systems"][0];
  };
  const nlohmann::json single = system_of("fp32", "1");
  const nlohmann::json pair = system_of("bf16", "2");
  EXPECT_EQ(pair["weight_bytes"].get<int>() * 2, single["weight_bytes"].get<int>());
  EXPECT_EQ(pair["frames"][0]["flops"], single["frames"][0]["flops"]) << "of a frame, whatever the batch";
}

TEST(BenchCommand, MeasuresTheDrawingOfARigApart) {
  const nlohmann::json json = measure("rig", {"rig", "--teacher", "procedural:1", "--frames", "2"});
  ASSERT_FALSE(json.is_null());
  const nlohmann::json& rig = json["systems"].at(0);
  EXPECT_EQ(rig["frames"].size(), 3U);
  EXPECT_FALSE(rig["opengl"].get<std::string>().empty());
}

/// Arguments that measure two steps of a small rotator.
std::vector<std::string> training_arguments(const std::string& json) {
  return {"train",   "--config", THA4_SOURCE_DIR "/configs/teacher/smoke/half_resolution_rotator.json",
          "--batch", "2",        "--steps",
          "2",       "--device", "cpu",
          "--json",  json};
}

TEST(BenchCommand, MeasuresStepsOfTraining) {
  const std::filesystem::path file = fresh_folder("bench_train") / "result.json";
  const CommandResult result = run_command_line("tha4-bench", training_arguments(file.string()));
  ASSERT_EQ(result.status, 0) << result.errors;
  for (const char* text : {"examples/s", "waiting for data", "random pictures in memory", "phase 2"}) {
    EXPECT_NE(result.output.find(text), std::string::npos) << text << " in:\n" << result.output;
  }
  const nlohmann::json json = read_json_file(file);
  const nlohmann::json& times = json["times"];
  EXPECT_EQ(json["network"], "half_resolution_rotator");
  EXPECT_EQ(times["steps"], 2);
  EXPECT_LE(times["median_ms"], times["p99_ms"]);
  EXPECT_NEAR(times["examples_per_second"].get<double>() * times["mean_ms"].get<double>(), 2 * 1000, 1e-3);
  // First convolution, 4 to 8 channels of 3 x 3 at 256 x 256 pixels, of two examples, in forward alone.
  EXPECT_GT(json["flops"], 2.0 * 2 * 256 * 256 * 9 * 4 * 8);
  EXPECT_GT(json["parameters"]["half_resolution_rotator"], 0);
  const nlohmann::json& losses = json["losses"];
  EXPECT_NEAR(losses["loss"].get<double>(),
              losses["l1_warped"].get<double>() + losses["l1_direct"].get<double>() +
                  losses["l1_blended"].get<double>(),
              1e-5);
  EXPECT_FALSE(json.contains("vgg16")) << "the configuration does without";
}

TEST(BenchCommand, TracesAStepOfTraining) {
  const std::filesystem::path folder = fresh_folder("bench_trace");
  std::vector<std::string> arguments = training_arguments((folder / "result.json").string());
  arguments.insert(arguments.end(), {"--trace", (folder / "trace.json").string()});
  const CommandResult result = run_command_line("tha4-bench", arguments);
  ASSERT_EQ(result.status, 0) << result.errors;
  const nlohmann::json trace = read_json_file(folder / "trace.json");
  std::set<std::string> names;
  for (const nlohmann::json& event : trace.at("traceEvents")) names.insert(event.value("name", ""));
  EXPECT_TRUE(names.contains("aten::convolution"));
  EXPECT_TRUE(names.contains("aten::convolution_backward")) << "which runs in another thread";
  EXPECT_TRUE(names.contains("aten::_fused_adamw_"));
}

TEST(BenchCommand, TracesAFrameOfTheFastestWay) {
  const std::filesystem::path folder = fresh_folder("bench_frame_trace");
  const CommandResult result =
      run_command_line("tha4-bench", {"student", "--device", "cpu", "--frames", "1", "--warm-up", "0",
                                      "--trace", (folder / "trace.json").string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  const nlohmann::json trace = read_json_file(folder / "trace.json");
  EXPECT_FALSE(trace.at("traceEvents").empty());
  for (const nlohmann::json& event : trace.at("traceEvents")) {
    EXPECT_NE(event.value("name", ""), "aten::convolution") << "which kernels take the place of";
  }
}

TEST(BenchCommand, MeasuresStepsOfTrainingOfTwoProcessesTogether) {
  const std::filesystem::path file = fresh_folder("bench_train_two") / "result.json";
  for (const CommandResult& result : run_command_group("tha4-bench", training_arguments(file.string()), 2)) {
    ASSERT_EQ(result.status, 0) << result.errors;
  }
  const nlohmann::json json = read_json_file(file);
  EXPECT_EQ(json["processes"], 2);
  EXPECT_EQ(json["batch"], 2) << "of both together";
  EXPECT_NEAR(json["times"]["examples_per_second"].get<double>() * json["times"]["mean_ms"].get<double>(),
              2 * 1000, 1e-3);
}

/// What two steps of a distillation of the small character cost, by a configuration of tests/fixtures.
nlohmann::json measure_distillation(const std::string& config, const std::vector<std::string>& more = {}) {
  const std::filesystem::path file = fresh_folder("bench_distill") / "result.json";
  std::vector<std::string> arguments = {"distill",
                                        "--teacher",
                                        small_character_folder().string(),
                                        "--config",
                                        std::string(THA4_FIXTURES_DIR) + "/distill/" + config,
                                        "--steps",
                                        "2",
                                        "--device",
                                        "cpu",
                                        "--json",
                                        file.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const CommandResult result = run_command_line("tha4-bench", arguments);
  EXPECT_EQ(result.status, 0) << result.errors;
  for (const char* text : {"examples/s", "a second", "The whole schedule would take"}) {
    EXPECT_NE(result.output.find(text), std::string::npos) << text << " in:\n" << result.output;
  }
  return result.status == 0 ? read_json_file(file) : nlohmann::json();
}

TEST(BenchCommand, MeasuresTheDistillationOfThePapersNetworks) {
  const nlohmann::json json = measure_distillation("tiny_siren.json", {"--frames", "3"});
  ASSERT_FALSE(json.is_null());
  EXPECT_EQ(json["teacher"], small_character_folder().string());
  ASSERT_EQ(json["teacher_output"].size(), 2U);
  for (const nlohmann::json& output : json["teacher_output"]) {
    EXPECT_EQ(output["made"], 4) << "three are two calls of two";
    EXPECT_GT(output["per_second"], 0);
    EXPECT_FALSE(output.contains("needed")) << "every step asks for its own";
  }
  ASSERT_EQ(json["fittings"].size(), 2U);
  const nlohmann::json& face = json["fittings"][0];
  EXPECT_EQ(face["steps"], 2);
  EXPECT_EQ(face["batch"], 2);
  EXPECT_EQ(face["examples"], 12) << "of the schedule";
  EXPECT_EQ(face["weights"], (41 + 1) * 8 + (8 + 1) * 8 + (8 + 1) * 4);
  EXPECT_NEAR(face["examples_per_second"].get<double>() * face["mean_ms"].get<double>(), 2 * 1000, 1e-3);
  // Forward of the hidden layer alone, of two examples: 8 x 8 multiply-adds at 128 x 128 pixels.
  EXPECT_GT(face["flops"], 2.0 * 2 * 128 * 128 * 8 * 8);
  EXPECT_TRUE(face["losses"].contains("loss")) << face["losses"];
  double seconds = 0;
  for (const nlohmann::json& stage : json["fittings"]) {
    seconds += stage["set_up_seconds"].get<double>() +
               stage["examples"].get<double>() / stage["examples_per_second"].get<double>();
  }
  EXPECT_NEAR(json["seconds_of_all"].get<double>(), seconds, 1e-6 * seconds);
}

TEST(BenchCommand, MeasuresLayersBesideTheKernelsOfSirens) {
  const nlohmann::json json = measure_distillation("tiny_siren_frames.json", {"--layers"});
  ASSERT_FALSE(json.is_null());
  ASSERT_EQ(json["fittings"].size(), 4U);
  for (const std::size_t i : {0U, 2U}) {
    const nlohmann::json &own = json["fittings"][i], &layers = json["fittings"][i + 1];
    EXPECT_EQ(layers["fitting"], own["fitting"].get<std::string>() + ", LibTorch's layers");
    EXPECT_EQ(own["steps"], layers["steps"]);
    EXPECT_EQ(own["flops"], 0) << "the layers took the steps";
    EXPECT_GT(layers["flops"], 0);
    EXPECT_EQ(layers["examples"], 0) << "the schedule has them once";
  }
}

TEST(BenchCommand, MeasuresTheStagesOfADistillationOfBlendshapes) {
  const nlohmann::json json =
      measure_distillation("tiny_blendshape.json", {"--set", "body_rotator.frames=6"});
  ASSERT_FALSE(json.is_null());
  EXPECT_EQ(json["teacher_output"][0]["needed"], 12);
  EXPECT_EQ(json["teacher_output"][1]["made"], 6);
  std::vector<std::string> titles;
  for (const nlohmann::json& stage : json["fittings"]) titles.push_back(stage["fitting"]);
  EXPECT_EQ(titles,
            (std::vector<std::string>{"face morpher", "body rotator, weights", "body rotator, tuning"}));
  EXPECT_EQ(json["fittings"][1]["batch"], 8);
  EXPECT_EQ(json["fittings"][2]["batch"], 2);
  EXPECT_GT(json["fittings"][2]["flops"], 0);
  const nlohmann::json some = measure_distillation("tiny_blendshape.json", {"--frames", "5"});
  EXPECT_EQ(some["teacher_output"][0]["made"], 5);
  EXPECT_EQ(some["teacher_output"][0]["needed"], 12);
}

TEST(BenchCommand, InterruptedGivesWhatItHasMeasuredAndExits130) {
  const std::filesystem::path folder = fresh_folder("bench_interrupted");
  RunningCommand running(
      "tha4-bench",
      {"student", "--character", small_character_folder().string(), "--device", "cpu", "--frames", "1000000",
       "--warm-up", "0", "--json", (folder / "result.json").string()},
      folder / "errors");
  const auto is_timing = [&] {
    return read_text_file(folder / "errors").find("--frames N makes fewer") != std::string::npos;
  };
  while (running.is_running() && !(std::filesystem::exists(folder / "errors") && is_timing())) {
    std::this_thread::yield();
  }
  running.send(SIGINT);
  EXPECT_EQ(running.wait(), 130);
  const nlohmann::json json = read_json_file(folder / "result.json");
  EXPECT_LT(json["systems"][0]["frames"][0]["calls"], 1'000'000);
}

TEST(BenchCommand, SaysWhatGoesWithWhat) {
  const auto error_of = [](const std::vector<std::string>& arguments) {
    const CommandResult result = run_command_line("tha4-bench", arguments);
    EXPECT_EQ(result.status, 2) << result.output;
    return result.errors;
  };
  const auto expect_in = [](const char* text, const std::string& errors) {
    EXPECT_NE(errors.find(text), std::string::npos) << errors;
  };
  expect_in("tha4-bench rig", error_of({"teacher", "--teacher", "procedural:1"}));
  expect_in("procedural:SEED", error_of({"rig", "--teacher", "some/folder"}));
  expect_in("--character", error_of({"student", "--teacher", "some/folder"}));
  expect_in("tha4-bench student", error_of({"all", "--character", "some/folder"}));
  expect_in("leave --teacher out", error_of({"ablations", "--teacher", "some/folder"}));
  expect_in("--frames does not go with train", error_of({"train", "--frames", "5"}));
  expect_in("has 2", error_of({"train", "--phase", "3"}));
  expect_in("--character does not go with distill", error_of({"distill", "--character", "some/folder"}));
  expect_in("did you mean 'quick'", error_of({"distill", "--preset", "quik"}));
  expect_in("--precision is of networks", error_of({"rig", "--precision", "bf16"}));
  expect_in("say what to measure", error_of({}));
  expect_in("did you mean 'student'?", error_of({"studnt"}));
  expect_in("did you mean 'distill'?", error_of({"distil"}));
  expect_in("fp8", error_of({"student", "--precision", "fp8"}));
}

}  // namespace
}  // namespace tha4
