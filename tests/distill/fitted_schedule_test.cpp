#include "fitted_schedule.h"

#include <cmath>
#include <string>

#include "distill/distill_fixture.h"
#include <gtest/gtest.h>

#include "tha4/base/config.h"
#include "tha4/base/error.h"

namespace tha4 {
namespace {

DistillConfig settings_of_file(const std::string& file) {
  return parse_distill_config(read_config_file(file), file);
}

DistillConfig settings_of_preset(const std::string& name) {
  return settings_of_file(std::string(THA4_SOURCE_DIR) + "/configs/distill/" + name + ".json");
}

/// Of a machine on which everything is known: powers of two, so that no two parts look alike.
WorkAmounts speeds() {
  return {0.0625, 0.03125, 0.001, 0.0005, 0.5, 0.01, 0.00025, 0.02, 0.25, 0.01};
}

double seconds_left(const DistillConfig& config, Work from, double done = 0) {
  WorkMeter meter;
  meter.plan(amounts_of(config, true));
  meter.know(speeds());
  meter.report(from, done, {});
  return meter.seconds_left().value_or(NAN);
}

TEST(FittedSchedule, EveryPresetTakesTheTimeThatIsGiven) {
  for (const char* name : {"quick", "fast", "paper", "small"}) {
    const DistillConfig config = settings_of_preset(name);
    const double whole = seconds_left(config, Work::mask_crops);
    for (const double fraction : {0.25, 0.5, 3.0}) {
      const double given = fraction * whole;
      const DistillConfig fitted = fit_to_time(config, {}, true, speeds(), given, 0);
      const double taken = seconds_left(fitted, Work::mask_crops);
      EXPECT_LE(taken, given) << name << " " << fraction;
      EXPECT_GT(taken, 0.9 * given) << name << " " << fraction;
      // What a file could not say would not come back.
      EXPECT_EQ(to_json(parse_distill_config(to_json(fitted), name)), to_json(fitted))
          << name << " " << fraction;
    }
  }
}

TEST(FittedSchedule, RatesAndPhasesKeepTheirFractionsOfTheExamples) {
  DistillConfig config = settings_of_preset("paper");
  std::get<SirenBodyConfig>(config.body_rotator).steps.early_examples = 300'000;
  const DistillConfig half = stretched(config, {}, 0.5);
  const auto& before = std::get<SirenBodyConfig>(config.body_rotator);
  const auto& after = std::get<SirenBodyConfig>(half.body_rotator);
  EXPECT_EQ(after.examples, before.examples / 2);
  for (std::size_t i = 0; i < before.learning_rate.size(); ++i) {
    EXPECT_EQ(after.learning_rate[i].until_examples, before.learning_rate[i].until_examples / 2);
    EXPECT_EQ(after.learning_rate[i].value, before.learning_rate[i].value);
  }
  for (std::size_t i = 0; i < before.loss_phases.size(); ++i) {
    EXPECT_EQ(after.loss_phases[i].until_examples, before.loss_phases[i].until_examples / 2);
  }
  EXPECT_EQ(after.steps.early_examples, 150'000);
}

TEST(FittedSchedule, WhatIsDoneStays) {
  const DistillConfig config = settings_of_preset("paper");
  const auto& body = std::get<SirenBodyConfig>(config.body_rotator);
  const std::int64_t seen = 500'000;  // in the second phase
  const DistillConfig fitted = stretched(config, {Work::body_examples, seen}, 0.1);
  EXPECT_EQ(to_json(fitted)["face_morpher"], to_json(config)["face_morpher"]);
  const auto& after = std::get<SirenBodyConfig>(fitted.body_rotator);
  EXPECT_EQ(after.loss_phases[0].until_examples, body.loss_phases[0].until_examples);
  EXPECT_EQ(after.loss_phases[1].until_examples, 530'000);
  EXPECT_EQ(after.examples, 600'000);
  EXPECT_EQ(after.learning_rate.back().until_examples, 600'000);
}

TEST(FittedSchedule, ABlendshapeThatIsTunedKeepsItsRegression) {
  const DistillConfig config = settings_of_preset("quick");
  const auto& body = std::get<BlendshapeBodyConfig>(config.body_rotator);
  const std::int64_t tuned = body.fine_tuning.examples / 4;
  const RunPosition at{Work::tuning_examples, body.regression.examples + tuned};
  const auto after = std::get<BlendshapeBodyConfig>(stretched(config, at, 0.5).body_rotator);
  EXPECT_EQ(after.regression.examples, body.regression.examples);
  EXPECT_EQ(after.frames, body.frames);
  EXPECT_EQ(after.fine_tuning.examples, tuned + (body.fine_tuning.examples - tuned) / 2);
  const double left = seconds_left(config, Work::tuning_examples, static_cast<double>(tuned));
  const DistillConfig fitted = fit_to_time(config, at, true, speeds(), left / 2, 100);
  EXPECT_LE(seconds_left(fitted, Work::tuning_examples, static_cast<double>(tuned)), left / 2);
}

TEST(FittedSchedule, SaysTheLeastTimeThatWouldDo) {
  const DistillConfig config = settings_of_preset("fast");
  const auto min_of = [&](double seconds, double before) -> std::string {
    try {
      fit_to_time(config, {}, true, speeds(), seconds, before);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const std::string said = min_of(1, 0);
  const auto at = said.find("at least ");
  ASSERT_NE(at, std::string::npos) << said;
  const double minutes = std::stod(said.substr(at + 9));
  EXPECT_EQ(min_of(60 * minutes, 0), "") << "what is said does";
  EXPECT_NE(min_of(60 * (minutes - 0.2), 0), "") << "and little less does not";
  EXPECT_NE(min_of(1, 120).find("took 2.0 minutes by now"), std::string::npos) << min_of(1, 120);
}

TEST(FittedSchedule, IsKeptInTheFolderOfARun) {
  const auto folder = fresh_path("kept_schedule");
  std::filesystem::create_directories(folder);
  EXPECT_FALSE(read_schedule(folder));
  const DistillConfig config = stretched(settings_of_preset("quick"), {}, 0.3);
  write_schedule(folder, {2.5, config});
  const auto read = read_schedule(folder);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->minutes, 2.5);
  EXPECT_EQ(to_json(read->config), to_json(config));
}

TEST(WorkMeter, TellsTheTimeLeftByWhatItSees) {
  using Seconds = std::chrono::seconds;
  WorkMeter meter;
  WorkAmounts amounts{};
  of(amounts, Work::frames) = 100;
  of(amounts, Work::body_examples) = 1000;
  meter.plan(amounts);
  const WorkMeter::Clock::time_point start{};
  meter.report(Work::frames, 20, start);  // which an earlier process made
  EXPECT_FALSE(meter.seconds_left());
  meter.report(Work::frames, 40, start + Seconds(10));
  EXPECT_FALSE(meter.seconds_left()) << "nothing is known of the examples";
  WorkAmounts known = unknown_speeds();
  of(known, Work::frames) = 77;  // measured better by now
  of(known, Work::body_examples) = 0.1;
  meter.know(known);
  EXPECT_DOUBLE_EQ(meter.seconds_left().value_or(0), 60 * 0.5 + 1000 * 0.1);
  meter.report(Work::body_examples, 0, start + Seconds(50));
  meter.report(Work::body_examples, 100, start + Seconds(70));
  EXPECT_DOUBLE_EQ(meter.seconds_left().value_or(0), 900 * 0.2);
}

}  // namespace
}  // namespace tha4
