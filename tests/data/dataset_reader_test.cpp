#include "tha4/data/dataset_reader.h"

#include <algorithm>

#include "dataset_fixtures.h"
#include "input_error_message.h"
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/image/color.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

Dataset dataset() {
  return open_dataset(painted_dataset());
}

int train_samples() {
  return static_cast<int>(sample_count(dataset(), Split::train));
}

TEST(DatasetReader, GivesEachSampleOnceAnEpochInAnotherOrder) {
  DatasetReader reader(dataset(), {.seed = 1});
  const auto first = next_keys(reader, train_samples());
  const auto second = next_keys(reader, train_samples());
  EXPECT_NE(first, second);
  EXPECT_EQ(std::set<std::string>(first.begin(), first.end()).size(), first.size());
  EXPECT_EQ(std::set<std::string>(first.begin(), first.end()),
            std::set<std::string>(second.begin(), second.end()));
  DatasetReader other(dataset(), {.seed = 2});
  EXPECT_NE(next_keys(other, train_samples()), first);
}

TEST(DatasetReader, TheOrderDoesNotDependOnThreads) {
  DatasetReader one(dataset(), {.seed = 3, .shuffle_buffer = 4, .threads = 1, .ready_ahead = 1});
  const auto expected = next_keys(one, 50);
  for (const int threads : {2, 5}) {
    DatasetReader several(dataset(), {.seed = 3, .shuffle_buffer = 4, .threads = threads, .ready_ahead = 9});
    EXPECT_EQ(next_keys(several, 50), expected);
  }
}

TEST(DatasetReader, GoesOnFromAnyPosition) {
  const SourceOptions options{.seed = 4, .shuffle_buffer = 5, .threads = 3};
  const int length = 2 * train_samples() + 3;
  DatasetReader whole(dataset(), options);
  const auto expected = next_keys(whole, length + 4);
  DatasetReader reader(dataset(), options);
  for (int i = 0; i <= length; ++i) {
    SourceOptions other_threads = options;
    other_threads.threads = 1 + i % 4;
    DatasetReader resumed(dataset(), other_threads);
    resumed.restore(parse_source_position(to_json(reader.position()), "checkpoint"));
    EXPECT_EQ(next_keys(resumed, 4), std::vector<std::string>(expected.begin() + i, expected.begin() + i + 4))
        << i;
    EXPECT_EQ(reader.next().key, expected[static_cast<std::size_t>(i)]);
  }
  // Back, too.
  reader.restore({.places = 2, .sequence = reader.position().sequence});
  EXPECT_EQ(reader.next().key, expected[2]);
}

TEST(DatasetReader, RanksShareAnEpochWithoutOverlap) {
  DatasetReader alone(dataset(), {.seed = 6});
  const auto all = next_keys(alone, 2 * train_samples());
  for (const int ranks : {2, 5}) {
    for (int rank = 0; rank < ranks; ++rank) {
      DatasetReader reader(dataset(), {.seed = 6, .share = {rank, ranks}});
      for (int i = rank; i < static_cast<int>(all.size()); i += ranks) {
        EXPECT_EQ(reader.next().key, all[static_cast<std::size_t>(i)]);
      }
    }
  }
}

TEST(DatasetReader, RefusesAPositionOfOtherData) {
  DatasetReader reader(dataset(), {.seed = 1});
  DatasetReader other_seed(dataset(), {.seed = 2});
  EXPECT_NE(input_error_message([&] { reader.restore(other_seed.position()); }).find("has changed"),
            std::string::npos);
  DatasetReader other_rank(dataset(), {.seed = 1, .share = {1, 2}});
  EXPECT_THROW(reader.restore(other_rank.position()), InputError);
  EXPECT_THROW(parse_source_position({{"places", -1}, {"sequence", 1}}, "checkpoint"), InputError);
  EXPECT_THROW(parse_source_position({{"places", 1}}, "checkpoint"), InputError);
}

TEST(DatasetReader, RefusesOptionsWithoutMeaning) {
  EXPECT_THROW(DatasetReader(dataset(), {.shuffle_buffer = 0}), InputError);
  EXPECT_THROW(DatasetReader(dataset(), {.share = {2, 2}}), InputError);
  EXPECT_THROW(DatasetReader(dataset(), {.threads = 0}), InputError);
  DatasetJob job = whole_job(fresh_folder("no_test"));
  job.settings.test_fraction = 0;
  write_dataset(PaintedCharacters(2), job);
  EXPECT_NE(input_error_message([&] {
              DatasetReader(open_dataset(job.out), {.split = Split::test});
            }).find("no samples of the split test"),
            std::string::npos);
}

TEST(TripleBatch, HoldsImageTensorsAndPoses) {
  DatasetReader reader(dataset(), {});
  DatasetReader same(dataset(), {});
  const TripleBatch batch = to_batch(std::vector<Triple>{reader.next(), reader.next(), reader.next()});
  EXPECT_EQ(batch.rest.sizes(), (std::vector<std::int64_t>{3, 4, 512, 512}));
  for (std::int64_t i = 0; i < 3; ++i) {
    const Triple triple = same.next();
    EXPECT_TRUE(torch::equal(batch.rest[i], to_image_tensor(triple.rest)));
    EXPECT_TRUE(torch::equal(batch.posed[i], to_image_tensor(triple.posed)));
    for (std::int64_t k = 0; k < kPoseSize; ++k) {
      EXPECT_EQ(batch.poses[i][k].item<float>(), triple.pose[static_cast<std::size_t>(k)]);
    }
  }
  Triple small;
  small.rest = RgbaImage(3, 3);
  EXPECT_THROW(to_batch(std::vector<Triple>{small}), Error);
  EXPECT_THROW(to_batch({}), Error);
}

}  // namespace
}  // namespace tha4
