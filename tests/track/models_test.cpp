#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <string>

#include "face_cases.h"
#include <gtest/gtest.h>
#include <zlib.h>

#include "tha4/base/error.h"
#include "tha4/track/face_tracker.h"
#include "tha4/track/tracker_models.h"

namespace tha4 {
namespace {

constexpr std::size_t kHead = 20;  ///< bytes before the words

std::string refusal_of(std::span<const std::byte> models) {
  try {
    const FaceTracker tracker(models);
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

std::vector<std::byte> with_word(std::size_t place, std::uint32_t value) {
  std::vector<std::byte> models = project_models();
  for (std::size_t i = 0; i < 4; ++i)
    models.at(kHead + 4 * place + i) = static_cast<std::byte>(value >> (8 * i));
  return models;
}

std::filesystem::path written(const std::string& name, const std::string& bytes) {
  std::filesystem::path path = std::filesystem::path(testing::TempDir()) / name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string reading_refusal_of(const std::filesystem::path& path) {
  try {
    read_tracker_models(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

TEST(TrackerModels, OfTheProjectAreRead) {
  EXPECT_EQ(refusal_of(project_models()), "none");
}

TEST(TrackerModels, ThatAreCutOffOrNoneAreRefused) {
  const std::vector<std::byte>& models = project_models();
  EXPECT_NE(refusal_of({}).find("not in the project's format"), std::string::npos);
  for (const std::size_t size : {std::size_t{4}, kHead, std::size_t{1000}, models.size() - 1}) {
    EXPECT_NE(refusal_of(std::span(models).first(size)), "none") << size;
  }
  std::vector<std::byte> longer = models;
  longer.push_back({});
  EXPECT_NE(refusal_of(longer).find("not as long as they should be"), std::string::npos);
}

TEST(TrackerModels, WithOtherSizesAreRefused) {
  const std::uint32_t sizes[] = {0, 1, 3, 7, 1000, 0x7FFFFFFF, 0xFFFFFFFF};
  std::mt19937 random(5);
  const auto words =
      static_cast<std::size_t>(project_models()[8]) | static_cast<std::size_t>(project_models()[9]) << 8;
  ASSERT_GT(words, 500U);
  int refused = 0;
  for (int i = 0; i < 150; ++i) {
    const std::size_t place = i < 30 ? static_cast<std::size_t>(i) : random() % words;
    const std::vector<std::byte> models = with_word(place, sizes[random() % std::size(sizes)]);
    if (refusal_of(models) != "none") {
      ++refused;
      continue;
    }
    // What fits is run, and may find what it likes.
    FaceTracker tracker(models);
    tracker.find(view_of(face_picture()));
  }
  EXPECT_GT(refused, 75);
}

TEST(TrackerModels, WithOtherNumbersFindNothingOrSomething) {
  std::mt19937 random(7);
  std::vector<std::byte> models = project_models();
  const auto word = [&](std::size_t place) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
      value |= static_cast<std::uint32_t>(models[8 + 4 * place + i]) << (8 * i);
    return value;
  };
  // All floats become bits of any kind, not-a-numbers among them.
  const std::size_t begin = kHead + 4 * std::size_t{word(0)}, end = begin + 4 * std::size_t{word(1)};
  for (std::size_t i = begin; i < end; ++i) models[i] = static_cast<std::byte>(random());
  FaceTracker tracker(models);
  for (int i = 0; i < 3; ++i) {
    const std::optional<FacePoints> face = tracker.find(view_of(face_picture()));
    EXPECT_TRUE(!face || std::isfinite(face->points[0].x));
  }
}

TEST(TrackerModels, InFilesThatAreNoneAreRefused) {
  EXPECT_NE(reading_refusal_of("/no/such/file"), "none");
  EXPECT_NE(reading_refusal_of(written("no_stream", "hello")).find("not a whole zlib stream"),
            std::string::npos);
  std::ifstream file(tracker_models_file(), std::ios::binary);
  std::string bytes(1000, 0);
  file.read(bytes.data(), 1000);
  EXPECT_NE(reading_refusal_of(written("half_stream", bytes)).find("not a whole zlib stream"),
            std::string::npos);
  // A stream of nothing but zeros, of which a kilobyte becomes a megabyte.
  const std::string zeros(std::size_t{80} << 20, 0);
  std::vector<Bytef> packed(compressBound(zeros.size()));
  uLongf size = packed.size();
  ASSERT_EQ(compress(packed.data(), &size, reinterpret_cast<const Bytef*>(zeros.data()), zeros.size()), Z_OK);
  const std::string bomb(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
  EXPECT_NE(reading_refusal_of(written("bomb", bomb)).find("larger than"), std::string::npos);
}

}  // namespace
}  // namespace tha4
