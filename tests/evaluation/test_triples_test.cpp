#include "tha4/evaluation/test_triples.h"

#include <map>

#include "data/dataset_fixtures.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/data/dataset.h"
#include "tha4/evaluation/evaluation.h"
#include "tha4/image/color.h"
#include "tha4/metrics/psnr.h"

namespace tha4 {
namespace {

/// Number and key of all triples, as so many processes have them together.
std::map<std::uint64_t, std::string> keys_of(const std::string& source, Split split, std::uint64_t images,
                                             int processes) {
  std::map<std::uint64_t, std::string> keys;
  for (int rank = 0; rank < processes; ++rank) {
    TestTriples triples(source, {.split = split, .share = {rank, processes}}, images);
    std::uint64_t own = 0;
    while (const auto numbered = triples.next()) {
      EXPECT_TRUE(keys.emplace(numbered->index, numbered->triple.key).second) << numbered->index;
      ++own;
    }
    EXPECT_EQ(own, triples.own_size());
  }
  return keys;
}

TEST(TestTriples, AreTheSameHoweverManyProcessesShareADataset) {
  const auto keys = [](int processes) {
    return keys_of(painted_dataset().string(), Split::test, 0, processes);
  };
  const auto alone = keys(1);
  EXPECT_EQ(alone.size(), sample_count(open_dataset(painted_dataset()), Split::test));
  EXPECT_EQ(alone.rbegin()->first + 1, alone.size()) << "numbers without gaps";
  std::set<std::string> different;
  for (const auto& [index, key] : alone) different.insert(key);
  EXPECT_EQ(different.size(), alone.size());
  EXPECT_EQ(keys(2), alone);
  EXPECT_EQ(keys(4), alone);
}

TEST(TestTriples, AreTheSameHoweverManyProcessesDrawThem) {
  const auto alone = keys_of("procedural:3", Split::train, 6, 1);
  EXPECT_EQ(alone.size(), 6U);
  EXPECT_EQ(keys_of("procedural:3", Split::train, 6, 2), alone);
}

TEST(TestTriples, CanBeFoundAgainByTheirNumber) {
  TestTriples triples(painted_dataset().string(), {.split = Split::test, .share = {1, 2}});
  while (const auto numbered = triples.next()) {
    const Triple again = triples.at(numbered->index);
    EXPECT_EQ(again.key, numbered->triple.key);
    EXPECT_EQ(again.posed.pixels, numbered->triple.posed.pixels);
  }
  TestTriples drawn("procedural:3", {.split = Split::train}, 6);
  Triple last;
  while (auto numbered = drawn.next()) last = numbered->triple;
  EXPECT_EQ(drawn.at(5).key, last.key);
}

TEST(TestTriples, AreAsManyAsAreAskedFor) {
  EXPECT_EQ(TestTriples(painted_dataset().string(), {.split = Split::test}, 2).size(), 2U);
  EXPECT_EQ(TestTriples(painted_dataset().string(), {.split = Split::test}, 1000).size(),
            sample_count(open_dataset(painted_dataset()), Split::test));
  EXPECT_THROW(TestTriples("/nowhere"), InputError);
}

TEST(EvaluateTeacher, ScoresAPartAsItSeesPictures) {
  const SourceOptions options = showing(TeacherPart::face, {.split = Split::train});
  EXPECT_EQ(options.step, PoseStep::expression);
  EXPECT_EQ(options.natural.mouth, 0.9);
  TestTriples triples("procedural:2", options, 2);
  // A face that knows what it should be, but for half of what moves.
  std::size_t index = 0;
  const FrameMaker halfway = [&](const at::Tensor& pictures, const at::Tensor&) {
    const Triple triple = triples.at(index++);
    const at::Tensor posed = to_image_tensor(triple.posed).unsqueeze(0);
    return torch::lerp(crop(pictures, kFaceCrop), crop(posed, kFaceCrop), 0.5);
  };
  const Evaluation evaluation{PictureMetrics({PictureMetric::psnr}, {}), {}, 1};
  const ScoreTable table =
      evaluate_teacher(halfway, TeacherPart::face, c10::Device(c10::kCPU), triples, evaluation);
  ASSERT_EQ(table.columns.size(), 6U);
  EXPECT_EQ(table.columns[2].metric.key, "moved_psnr");
  EXPECT_EQ(table.columns[5].metric.key, "moved_psnr");
  for (const ScoreRow& row : table.rows) {
    EXPECT_NEAR(row.scores[0] - row.scores[3], 20 * std::log10(2), 0.01)
        << "half the error of network values";
    EXPECT_GT(row.scores[1], row.scores[2]) << "what does not move is right";
    EXPECT_GT(row.scores[2], row.scores[5] + 3);
  }
}

TEST(EvaluateTeacher, KnowsItsPartsByName) {
  for (const TeacherPartRow& row : kTeacherParts) EXPECT_EQ(parse_teacher_part(row.name), row.part);
  EXPECT_THROW(parse_teacher_part("eyebrows"), InputError);
}

TEST(EvaluateTeacher, ScoresFramesAgainstThePosedImages) {
  TestTriples triples(painted_dataset().string(), {.split = Split::test}, 3);
  std::vector<int> batches;
  // A teacher that makes everything transparent.
  const FrameMaker nothing = [&](const at::Tensor& rest, const at::Tensor& poses) {
    EXPECT_EQ(rest.size(0), poses.size(0));
    batches.push_back(static_cast<int>(rest.size(0)));
    return torch::full_like(rest, -1);
  };
  const Evaluation evaluation{PictureMetrics({PictureMetric::psnr}, {}), {}, 2};
  const ScoreTable table =
      evaluate_teacher(nothing, TeacherPart::frame, c10::Device(c10::kCPU), triples, evaluation);
  EXPECT_EQ(batches, (std::vector<int>{2, 1}));
  ASSERT_EQ(table.rows.size(), 3U);
  ASSERT_EQ(table.columns.size(), 4U);
  EXPECT_EQ(table.columns[0].subject, "teacher");
  EXPECT_EQ(table.columns[3].subject, "rest image");
  for (const ScoreRow& row : table.rows) {
    const Triple triple = triples.at(row.index);
    EXPECT_EQ(row.name, triple.key);
    const auto tensor = [](const RgbaImage& image) { return to_image_tensor(image).unsqueeze(0); };
    const at::Tensor posed = tensor(triple.posed), rest = tensor(triple.rest);
    EXPECT_NEAR(row.scores[0], network_psnr(posed, torch::full_like(posed, -1)).item<double>(), 1e-6);
    EXPECT_NEAR(row.scores[2], network_psnr(posed, rest).item<double>(), 1e-6);
    EXPECT_NEAR(row.scores[3], seen_psnr(posed, rest).item<double>(), 0.02) << "but for rounding to 8 bits";
  }
}

TEST(GatherRows, PutsThemInTheOrderOfTheirImages) {
  ScoreTable table;
  table.rows = {{4, "e", {1}}, {0, "a", {2}}};
  ProcessGroup alone;
  gather_rows(table, alone);
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0].name, "a");
}

}  // namespace
}  // namespace tha4
