#include "tha4/data/training_feed.h"

#include <stop_token>

#include "random_triples.h"
#include <gtest/gtest.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

/// Random triples; at one of them a stop is requested, and long after it there are no more.
class InterruptingTriples final : public TripleSource {
 public:
  InterruptingTriples(std::int64_t at, std::stop_source user) : at_(at), user_(std::move(user)) {}

  Triple next() override {
    const std::int64_t number = position().places;
    if (number == at_) user_.request_stop();
    if (number > at_ + 20) throw Error("asked for more although it was interrupted");
    return triples_.next();
  }
  SourcePosition position() const override { return triples_.position(); }
  void restore(const SourcePosition& position) override { triples_.restore(position); }

 private:
  std::int64_t at_;
  std::stop_source user_;
  RandomTriples triples_{3};
};

TEST(TrainingFeed, TheFirstFillingOfTheReplayCanBeInterrupted) {
  const TrainingFeedOptions options{
      .view = {.halved = true}, .batch = 2, .batches_ahead = 1, .replay_capacity = 1000, .replay_min = 1000};
  for (const std::int64_t at : {0, 6}) {  // before there is a triple, and after
    std::stop_source user;
    TrainingFeed feed(std::make_unique<InterruptingTriples>(at, user), options, torch::kCPU,
                      {.stop = user.get_token()});
    EXPECT_EQ(feed.next(1).poses.size(0), 2);
    EXPECT_LT(feed.drawn(), at + 20);
  }
}

}  // namespace
}  // namespace tha4
