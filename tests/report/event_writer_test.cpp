#include "tha4/report/event_writer.h"

#include <bit>
#include <cmath>
#include <ctime>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <utility>

#include "report/event_file_reader.h"
#include "test_files.h"
#include <gtest/gtest.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

RgbaImage gradient(int width, int height) {
  RgbaImage image(width, height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i * 7);
  return image;
}

std::vector<WireMessage> events_of(const fs::path& file) {
  std::vector<WireMessage> events;
  for (const std::string& record : read_records(read_text_file(file)))
    events.push_back(parse_message(record));
  return events;
}

/// The value of a summary event, which must hold a single one.
WireMessage summary_value(const WireMessage& event) {
  return parse_message(only(parse_message(only(event, 5).bytes), 1).bytes);
}

TEST(EventFileReader, KnowsThePublishedChecksums) {
  // The check value of CRC-32C, and two vectors of RFC 3720, appendix B.4.
  EXPECT_EQ(plain_crc32c("123456789"), 0xE3069283);
  EXPECT_EQ(plain_crc32c(std::string(32, '\0')), 0x8A9136AA);
  EXPECT_EQ(plain_crc32c(std::string(32, '\xFF')), 0x62A8AB43);
}

TEST(EventWriter, NamesItsFileAsTensorBoardExpectsAndBeginsWithTheVersion) {
  const fs::path folder = fresh_path("events_name") / "deep";
  const EventWriter writer(folder);
  EXPECT_TRUE(std::regex_match(writer.file().filename().string(),
                               std::regex("events\\.out\\.tfevents\\.[0-9]{10}\\.[^/]+")))
      << writer.file();
  const auto events = events_of(writer.file());
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(only(events[0], 3).bytes, "brain.Event:2");
  const double wall_time = std::bit_cast<double>(only(events[0], 1).number);
  EXPECT_NEAR(wall_time, static_cast<double>(std::time(nullptr)), 60);
}

TEST(EventWriter, WritesScalars) {
  EventWriter writer(fresh_path("events_scalar"));
  const std::int64_t large_step = 3'000'000'000;
  writer.add_scalar("loss/total", 0.125, 7);
  writer.add_scalar("psnr", -31.5, large_step);
  writer.add_scalar("broken", std::nan(""), 0);
  writer.flush();

  const auto events = events_of(writer.file());
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(only(events[1], 2).number, 7U);
  EXPECT_EQ(only(events[1], 1).wire_type, 1);
  const WireMessage loss = summary_value(events[1]);
  EXPECT_EQ(only(loss, 1).bytes, "loss/total");
  EXPECT_EQ(only(loss, 2).wire_type, 5);
  EXPECT_EQ(std::bit_cast<float>(static_cast<std::uint32_t>(only(loss, 2).number)), 0.125F);
  EXPECT_EQ(only(events[2], 2).number, static_cast<std::uint64_t>(large_step));
  const WireMessage broken = summary_value(events[3]);
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(static_cast<std::uint32_t>(only(broken, 2).number))));
}

TEST(EventWriter, WritesImagesAsPng) {
  EventWriter writer(fresh_path("events_image"));
  writer.add_image("pose", gradient(300, 20), 5);
  writer.flush();

  const auto events = events_of(writer.file());
  ASSERT_EQ(events.size(), 2U);
  const WireMessage value = summary_value(events[1]);
  EXPECT_EQ(only(value, 1).bytes, "pose");
  const WireMessage image = parse_message(only(value, 4).bytes);
  EXPECT_EQ(only(image, 1).number, 20U) << "height";
  EXPECT_EQ(only(image, 2).number, 300U) << "width";
  EXPECT_EQ(only(image, 3).number, 4U) << "RGBA";
  const std::string& png = only(image, 4).bytes;
  EXPECT_TRUE(png.starts_with("\x89PNG\r\n\x1a\n"));
  const std::string ihdr("IHDR\0\0\x01\x2C\0\0\0\x14", 12);
  EXPECT_EQ(png.substr(12, 12), ihdr);
}

TEST(EventWriter, WritesTextForTheTextPlugin) {
  EventWriter writer(fresh_path("events_text"));
  const std::string text = "müde & <b>\n" + std::string(300, 'x');
  writer.add_text("config", text, 1);
  writer.flush();

  const WireMessage value = summary_value(events_of(writer.file()).at(1));
  const WireMessage tensor = parse_message(only(value, 8).bytes);
  EXPECT_EQ(only(tensor, 1).number, 7U) << "DT_STRING";
  EXPECT_EQ(only(tensor, 8).bytes, text);
  const WireMessage plugin = parse_message(only(parse_message(only(value, 9).bytes), 1).bytes);
  EXPECT_EQ(only(plugin, 1).bytes, "text");
}

TEST(EventWriter, IsOnDiskWhenItIsDestroyed) {
  std::optional<EventWriter> writer(fresh_path("events_end"));
  const fs::path file = writer->file();
  for (int i = 0; i < 1000; ++i) writer->add_scalar("loss", i, i);
  writer.reset();
  EXPECT_EQ(events_of(file).size(), 1001U);
}

TEST(EventWriter, ResumesInAnotherFileThatTakesBackLaterSteps) {
  const fs::path folder = fresh_path("events_resume");
  const EventWriter first(folder);
  const EventWriter second(folder, 40);
  EXPECT_LT(first.file(), second.file()) << "TensorBoard reads the files in the order of their names";
  const auto events = events_of(second.file());
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(only(events[1], 2).number, 40U);
  EXPECT_EQ(only(parse_message(only(events[1], 7).bytes), 1).number, 1U) << "SessionLog.START";
}

TEST(EventWriter, SaysWhereItCannotWrite) {
  const fs::path file = fresh_path("events_refused");
  write_text_file(file, "not a folder");
  try {
    const EventWriter writer(file);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
  }
  fs::remove(file);
}

/// Field numbers and wire types that the schema has for a message (tensorflow/core/util/event.proto,
/// framework/summary.proto).
using Schema = std::map<int, int>;

const Schema kEvent = {{1, 1}, {2, 0}, {3, 2}, {5, 2}, {7, 2}};
const Schema kSessionLog = {{1, 0}};
const Schema kSummary = {{1, 2}};
const Schema kSummaryValue = {{1, 2}, {2, 5}, {4, 2}, {8, 2}, {9, 2}};
const Schema kImage = {{1, 0}, {2, 0}, {3, 0}, {4, 2}};
const Schema kTensor = {{1, 0}, {2, 2}, {8, 2}};

/// The message in \p bytes, in which every field must be one of \p schema.
WireMessage checked_message(const std::string& bytes, const Schema& schema) {
  WireMessage message = parse_message(bytes);
  for (const auto& [field, value] : message) {
    const auto known = schema.find(field);
    EXPECT_TRUE(known != schema.end() && known->second == value.wire_type)
        << "field " << field << " of wire type " << value.wire_type;
  }
  return message;
}

/// What the event files of a folder show, read as TensorBoard does: files in the order of their names; where
/// one starts a session at a step, what came before it for that step and later ones is dropped.
struct ShownRun {
  std::map<std::string, std::map<std::int64_t, float>> scalars;
  std::map<std::string, std::map<std::int64_t, std::pair<std::uint64_t, std::uint64_t>>> images;
  std::map<std::string, std::map<std::int64_t, std::string>> texts;

  void drop_from(std::int64_t step) {
    const auto drop = [&](auto& tags) {
      for (auto& [tag, points] : tags) points.erase(points.lower_bound(step), points.end());
    };
    drop(scalars);
    drop(images);
    drop(texts);
  }

  void add(const std::string& record) {
    const WireMessage event = checked_message(record, kEvent);
    const auto step = event.count(2) > 0 ? static_cast<std::int64_t>(only(event, 2).number) : 0;
    if (event.count(7) > 0) {
      EXPECT_EQ(only(checked_message(only(event, 7).bytes, kSessionLog), 1).number, 1U) << "START";
      drop_from(step);
    }
    if (event.count(5) == 0) return;
    const WireMessage value =
        checked_message(only(checked_message(only(event, 5).bytes, kSummary), 1).bytes, kSummaryValue);
    const std::string& tag = only(value, 1).bytes;
    if (value.count(4) > 0) {
      const WireMessage image = checked_message(only(value, 4).bytes, kImage);
      images[tag][step] = {only(image, 2).number, only(image, 1).number};
    } else if (value.count(8) > 0) {
      texts[tag][step] = only(checked_message(only(value, 8).bytes, kTensor), 8).bytes;
    } else {
      scalars[tag][step] = std::bit_cast<float>(static_cast<std::uint32_t>(only(value, 2).number));
    }
  }
};

ShownRun shown_run(const fs::path& folder) {
  std::set<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) files.insert(entry.path());
  ShownRun run;
  for (const fs::path& file : files) {
    for (const std::string& record : read_records(read_text_file(file))) run.add(record);
  }
  return run;
}

TEST(EventWriter, IsReadBackWholeAndByTheSchema) {
  const fs::path folder = fresh_path("events_read");
  {
    EventWriter writer(folder);
    for (int step = 0; step < 60; step += 10) writer.add_scalar("loss", step, step);
    writer.add_image("pose", gradient(30, 20), 10);
    writer.add_text("config", "batch = 8", 0);
  }
  {
    EventWriter writer(folder, 40);
    writer.add_scalar("loss", -1, 45);
  }
  const ShownRun run = shown_run(folder);
  const std::map<std::int64_t, float> loss = {{0, 0.0F}, {10, 10.0F}, {20, 20.0F}, {30, 30.0F}, {45, -1.0F}};
  EXPECT_EQ(run.scalars, (decltype(run.scalars){{"loss", loss}}));
  EXPECT_EQ(run.images, (decltype(run.images){{"pose", {{10, {30, 20}}}}}));
  EXPECT_EQ(run.texts, (decltype(run.texts){{"config", {{0, "batch = 8"}}}}));
}

}  // namespace
}  // namespace tha4
