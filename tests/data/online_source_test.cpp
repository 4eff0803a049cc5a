#include "tha4/data/online_source.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

#include "dataset_fixtures.h"
#include "input_error_message.h"

#include "tha4/data/open_source.h"
#include "tha4/image/region.h"

namespace tha4 {
namespace {

std::shared_ptr<PaintedCharacters> painted(std::uint64_t count = 10) {
  return std::make_shared<PaintedCharacters>(count);
}

SourceOptions small_options() {
  return {.test_fraction = 0.3, .seed = 1, .poses_per_character = 3, .characters_at_once = 2};
}

TEST(OnlineSource, DrawsWhatItSays) {
  OnlineSource source(painted(), small_options());
  std::set<std::string> keys;
  std::set<std::string> characters;
  for (int i = 0; i < 60; ++i) {
    const Triple triple = source.next();
    const auto index = static_cast<std::uint64_t>(std::stoi(triple.character.substr(8)));
    EXPECT_EQ(triple.rest.pixels, painted_character(index, {}).pixels);
    EXPECT_EQ(triple.posed.pixels, painted_character(index, triple.pose).pixels);
    EXPECT_EQ(split_of(triple.character, 0.3), Split::train);
    keys.insert(triple.key);
    characters.insert(triple.character);
  }
  EXPECT_EQ(keys.size(), 60U);
  EXPECT_GT(characters.size(), 3U);
}

TEST(OnlineSource, PosesAskNothingOfCharactersThatTheyLack) {
  const auto characters = painted();
  characters->lacking = {"head_y", "iris_rotation_x"};
  OnlineSource source(characters, small_options());
  OnlineSource whole(painted(), small_options());
  int asked = 0;
  for (int i = 0; i < 12; ++i) {
    const Triple triple = source.next();
    Pose expected = whole.next().pose;
    for (const std::string& name : characters->lacking) {
      float& value = expected[static_cast<std::size_t>(pose_parameter_index(name))];
      if (value != 0) ++asked;
      value = 0;
    }
    EXPECT_EQ(triple.pose, expected);
  }
  EXPECT_GT(asked, 6);
}

TEST(OnlineSource, CharactersTakeTurns) {
  OnlineSource source(painted(), small_options());
  std::vector<std::string> characters;
  for (int i = 0; i < 6; ++i) characters.push_back(source.next().key.substr(0, 12));
  for (int i = 2; i < 6; ++i)
    EXPECT_EQ(characters[static_cast<std::size_t>(i)], characters[static_cast<std::size_t>(i % 2)]);
}

TEST(OnlineSource, DrawsOnTheGpuThatIsAskedFor) {
  SourceOptions options = small_options();
  options.threads = 3;
  options.cuda_device = 5;
  const auto characters = painted();
  std::mutex mutex;
  std::vector<int> devices;
  characters->at_making = [&](int cuda_device) {
    const std::lock_guard<std::mutex> lock(mutex);
    devices.push_back(cuda_device);
  };
  OnlineSource(characters, options).next();
  EXPECT_FALSE(devices.empty());
  for (const int device : devices) EXPECT_EQ(device, 5);
}

TEST(OnlineSource, TestsOnOtherCharacters) {
  SourceOptions options = small_options();
  options.split = Split::test;
  OnlineSource source(painted(), options);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(split_of(source.next().character, 0.3), Split::test);
  options.test_fraction = 0;
  EXPECT_NE(input_error_message([&] { OnlineSource(painted(), options); }).find("is of the split test"),
            std::string::npos);
}

TEST(OnlineSource, GoesOnFromAnyPositionWithAnyNumberOfThreads) {
  OnlineSource whole(painted(), small_options());
  std::vector<Triple> expected;
  for (int i = 0; i < 16; ++i) expected.push_back(whole.next());
  OnlineSource source(painted(), small_options());
  for (std::size_t i = 0; i < 14; ++i) {
    SourceOptions options = small_options();
    options.threads = 1 + static_cast<int>(i % 4);
    OnlineSource resumed(painted(), options);
    resumed.restore(source.position());
    for (std::size_t k = i; k < i + 2; ++k) {
      const Triple triple = resumed.next();
      EXPECT_EQ(triple.key, expected[k].key);
      EXPECT_EQ(triple.pose, expected[k].pose);
      EXPECT_EQ(triple.posed.pixels, expected[k].posed.pixels);
    }
    EXPECT_EQ(source.next().key, expected[i].key);
  }
}

TEST(OnlineSource, SeedsAndRanksDiffer) {
  std::set<std::string> keys;
  std::set<Pose> poses;
  for (int rank = 0; rank < 3; ++rank) {
    SourceOptions options = small_options();
    options.share = {rank, 3};
    OnlineSource source(painted(), options);
    for (int i = 0; i < 12; ++i) {
      const Triple triple = source.next();
      keys.insert(triple.key);
      poses.insert(triple.pose);
    }
  }
  EXPECT_EQ(keys.size(), 36U);
  EXPECT_EQ(poses.size(), 36U);
  SourceOptions other = small_options();
  other.seed = 2;
  OnlineSource a(painted(), small_options());
  OnlineSource b(painted(), other);
  EXPECT_NE(a.next().pose, b.next().pose);
  EXPECT_THROW(a.restore(b.position()), InputError);
}

/// What the picture before shows at the place that \p flow, of the pixel \p x, \p y, leads to: premultiplied.
std::array<double, 4> colour_before(const RgbaImage& image, int x, int y, const c10::Half* flow) {
  const double from_x = x + static_cast<double>(flow[0]) * kImageSize / 2,
               from_y = y + static_cast<double>(flow[1]) * kImageSize / 2;
  std::array<double, 4> colour{};
  const auto column = static_cast<int>(std::floor(from_x)), row = static_cast<int>(std::floor(from_y));
  for (int k = 0; k < 4; ++k) {
    const int at_x = std::clamp(column + k % 2, 0, kImageSize - 1),
              at_y = std::clamp(row + k / 2, 0, kImageSize - 1);
    const double weight =
        (k % 2 == 0 ? column + 1 - from_x : from_x - column) * (k / 2 == 0 ? row + 1 - from_y : from_y - row);
    const std::uint8_t* const pixel =
        &image.pixels[(static_cast<std::size_t>(at_y) * kImageSize + static_cast<std::size_t>(at_x)) * 4];
    for (std::size_t c = 0; c < 4; ++c) colour[c] += weight * pixel[c] * (c < 3 ? pixel[3] / 255.0 : 1);
  }
  return colour;
}

// A real rig: where the picture before shows the surface, it is that picture, through the flow.
TEST(OnlineSource, RigsTellHowTheirSurfacesMove) {
  SourceOptions options = small_options();
  options.step = PoseStep::body;
  options.motion = true;
  options.threads = 1;
  options.test_fraction = 0;
  const auto source = open_triple_source("procedural:3", options);
  const Triple triple = source->next();
  ASSERT_EQ(triple.motion.surface.size(), std::size_t{kImageSize} * kImageSize);
  std::vector<double> errors, unmoved;
  std::size_t hidden = 0;
  constexpr std::array<c10::Half, 2> kNoFlow{};
  for (int y = 0; y < kImageSize; ++y) {
    for (int x = 0; x < kImageSize; ++x) {
      const std::size_t i = static_cast<std::size_t>(y) * kImageSize + static_cast<std::size_t>(x);
      hidden += triple.motion.surface[i] == SurfaceState::hidden ? 1 : 0;
      if (triple.motion.surface[i] != SurfaceState::visible) continue;
      const auto error = [&](const c10::Half* flow) {
        const auto before = colour_before(triple.rest, x, y, flow);
        double largest = 0;
        for (std::size_t c = 0; c < 4; ++c) {
          const double here =
              triple.posed.pixels[4 * i + c] * (c < 3 ? triple.posed.pixels[4 * i + 3] / 255.0 : 1);
          largest = std::max(largest, std::abs(before[c] - here));
        }
        return largest;
      };
      errors.push_back(error(&triple.motion.flow[2 * i]));
      unmoved.push_back(error(kNoFlow.data()));
    }
  }
  ASSERT_GT(errors.size(), 20'000U);
  EXPECT_GT(hidden, 0U);
  EXPECT_LT(hidden, errors.size());
  const auto fraction_above = [](const std::vector<double>& values, double limit) {
    return static_cast<double>(
               std::count_if(values.begin(), values.end(), [&](double value) { return value > limit; })) /
           static_cast<double>(values.size());
  };
  EXPECT_LT(fraction_above(errors, 20), 0.1);
  EXPECT_GT(fraction_above(unmoved, 20), 2 * fraction_above(errors, 20));
}

TEST(OnlineSource, MotionIsRefusedWhereItIsNotKnown) {
  SourceOptions options = small_options();
  options.motion = true;
  EXPECT_NE(input_error_message([&] { OnlineSource source(painted(), options); }).find("'body'"),
            std::string::npos);
  options.step = PoseStep::body;
  OnlineSource source(painted(), options);
  EXPECT_THROW(source.next(), Error);
  options.step = PoseStep::whole;
  const std::string message =
      input_error_message([&] { open_triple_source(painted_dataset().string(), options); });
  EXPECT_NE(message.find("procedural:N"), std::string::npos) << message;
}

TEST(OnlineSource, SkipsUnusableCharactersUpToALimit) {
  const auto characters = painted();
  SourceOptions options = small_options();
  options.test_fraction = 0;
  characters->unusable = {2, 3, 7};
  options.max_damaged = 3;
  OnlineSource source(characters, options);
  for (int i = 0; i < 100; ++i) {
    const std::string character = source.next().character;
    for (const char* broken : {"painted-2", "painted-3", "painted-7"}) EXPECT_NE(character, broken);
  }
  options.max_damaged = 0;
  OnlineSource strict(characters, options);
  const std::string message = input_error_message([&] { next_keys(strict, 100); });
  EXPECT_NE(message.find("is broken; with it 1 characters cannot be used"), std::string::npos) << message;
  characters->unusable = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  options.max_damaged = 100;
  OnlineSource none(characters, options);
  EXPECT_NE(input_error_message([&] { none.next(); }).find("none of the characters"), std::string::npos);
}

}  // namespace
}  // namespace tha4
