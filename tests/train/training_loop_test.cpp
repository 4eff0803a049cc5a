#include "tha4/train/training_loop.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <torch/types.h>

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// Learns a number, and can do nothing else.
class BareTraining : public Training {
 public:
  std::string name() const override { return "bare"; }
  std::int64_t total_examples() const override { return 8; }
  TrainingStep step(std::int64_t) override {
    number_ += 1;
    return {1, {{"loss", torch::ones({})}}};
  }
  TrainingState state() const override {
    TrainingState state;
    state.network.insert("number", number_);
    return state;
  }
  void restore(const TrainingState& state, const std::string&) override {
    number_.copy_(state.network["number"]);
  }

 private:
  at::Tensor number_ = torch::zeros({1});
};

/// The same with all parts, whose calls it counts.
class WholeTraining final : public BareTraining {
 public:
  TrainingParts parts() override {
    return {.sample =
                [this] {
                  ++samples;
                  return RgbaImage(2, 2);
                },
            .measures =
                [this] {
                  ++measures;
                  return std::vector<Measure>{{"speed", 3}};
                },
            .validate =
                [this] {
                  ++validations;
                  return std::vector<Measure>{{"score", 5}};
                }};
  }

  int samples = 0;
  int measures = 0;
  int validations = 0;
};

class TrainingLoopTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }

  /// The pictures that a run of \p training leaves.
  std::ptrdiff_t run(Training& training) {
    const RunFolder folder(folder_, nlohmann::json::object(), RunStart::fresh);
    ProcessGroup alone;
    TrainingLoop loop(&folder, folder_, {.samples = 4, .curve_points = 4, .validations = 2}, false, alone);
    EXPECT_EQ(loop.run(training), training.total_examples());
    EXPECT_EQ(loop.finished_network("bare").value()["number"].item<double>(), 8);
    scores_ = loop.finished_scores("bare");
    return std::distance(fs::directory_iterator(folder.samples()), fs::directory_iterator());
  }

  fs::path folder_ = fs::path(testing::TempDir()) / "training_loop";
  std::vector<Measure> scores_;
};

TEST_F(TrainingLoopTest, LeavesOutWhatATrainingCannot) {
  BareTraining training;
  EXPECT_EQ(run(training), 0);
  EXPECT_TRUE(scores_.empty());
}

TEST_F(TrainingLoopTest, AsksForThePartsOfATrainingAsOftenAsItsOptionsSay) {
  WholeTraining training;
  EXPECT_EQ(run(training), 4);
  EXPECT_EQ(training.samples, 4);
  EXPECT_EQ(training.measures, 4);
  EXPECT_EQ(training.validations, 2);
  ASSERT_EQ(scores_.size(), 1U);
  EXPECT_EQ(scores_[0].value, 5);
}

}  // namespace
}  // namespace tha4
