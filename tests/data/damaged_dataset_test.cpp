#include <algorithm>
#include <functional>
#include <utility>

#include "dataset_fixtures.h"
#include "input_error_message.h"
#include "shard_file.h"
#include "tar_writer.h"
#include <spdlog/fmt/fmt.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/data/dataset_reader.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

using Members = std::vector<std::pair<std::string, std::string>>;

/// The members of the sample "s", all in order.
Members good_sample() {
  const SampleMembers members = ShardFile(painted_dataset() / "train-00000.tar").read(0);
  return {{"s.rest.png", members.rest}, {"s.posed.png", members.posed}, {"s.pose.json", members.pose}};
}

fs::path tar_of(const Members& members) {
  const fs::path file = fs::path(testing::TempDir()) / "data_members.tar";
  TarWriter tar(file, "members.tar");
  for (const auto& [name, bytes] : members) tar.add(name, bytes);
  tar.finish();
  return file;
}

/// What is said of the sample after the members were changed.
std::string message_after(const std::function<void(Members&)>& change) {
  Members members = good_sample();
  change(members);
  const ShardFile shard(tar_of(members));
  return input_error_message([&] { decode_sample(shard.read(0), shard.name()); });
}

std::string pose_with(const std::function<void(nlohmann::json&)>& change) {
  nlohmann::json pose = nlohmann::json::parse(good_sample()[2].second);
  change(pose);
  return pose.dump();
}

TEST(DamagedSample, IsNamedWithWhatIsWrong) {
  EXPECT_EQ(message_after([](Members&) {}), "no error");
  struct Damage {
    std::function<void(Members&)> change;
    std::string message;
  };
  const std::vector<Damage> cases = {
      {[](Members& m) { m.erase(m.begin()); }, "the rest image (KEY.rest.png or .webp) is missing"},
      {[](Members& m) { m.erase(m.begin() + 1); }, "the posed image"},
      {[](Members& m) { m.pop_back(); }, "the pose (KEY.pose.json) is missing"},
      {[](Members& m) { m.push_back(m[1]); }, "'s.posed.png' is there twice"},
      {[](Members& m) { m[1].second.resize(m[1].second.size() / 2); }, "the posed image of s is cut off"},
      {[](Members& m) { m[0].second[100] ^= 1; }, "the rest image of s"},
      {[](Members& m) { m[0].second = png_bytes(RgbaImage(256, 512)); }, "is 256x512, not 512x512"},
      {[](Members& m) { m[0].second = "GIF89a"; }, "is a GIF, not a PNG, WebP or JPEG"},
      {[](Members& m) { m[0].second.clear(); }, "has 0 bytes"},
      {[](Members& m) { m[0].second.resize(5 << 20); }, "has 5242880 bytes"},
      {[](Members& m) { m[2].second.resize(70000, ' '); }, "has 70000 bytes"},
      {[](Members& m) { m[2].second = "{\"character\":"; }, "s.pose.json is not valid JSON"},
      {[](Members& m) { m[2].second = "[]"; }, "must be an object"},
      {[](Members& m) { m[2].second = std::string(60000, '['); }, "s.pose.json: its JSON is nested"},
      {[](Members& m) { m[2].second = pose_with([](auto& p) { p["pose"]["head_x"] = 1.5; }); },
       "head_x is 1.5, outside"},
      {[](Members& m) { m[2].second = pose_with([](auto& p) { p["pose"].erase("head_x"); }); },
       "pose.head_x is missing"},
      {[](Members& m) { m[2].second = pose_with([](auto& p) { p["pose"]["head_z"] = 0; }); },
       "pose.head_z is not a key"},
      {[](Members& m) { m[2].second = pose_with([](auto& p) { p["pose"]["head_x"] = nullptr; }); }, "head_x"},
      {[](Members& m) { m[2].second = pose_with([](auto& p) { p["character"] = "../x"; }); },
       "is not the id of a character"},
  };
  for (const Damage& damage : cases) {
    const std::string message = message_after(damage.change);
    EXPECT_NE(message.find(damage.message), std::string::npos) << damage.message << "\n" << message;
    EXPECT_NE(message.find("data_members.tar"), std::string::npos) << message;
  }
}

TEST(ShardFile, TakesWhatOtherToolsWrite) {
  Members members = good_sample();
  for (auto& [name, bytes] : members) name = "./" + name;
  members.insert(members.begin() + 1, {"./s.flow.npy", "whatever"});  // a member more does no harm
  std::rotate(members.begin(), members.begin() + 2, members.end());
  const ShardFile shard(tar_of(members));
  EXPECT_EQ(shard.size(), 1U);
  EXPECT_EQ(decode_sample(shard.read(0), "x").key, "s");
}

/// A tar of one header alone, made by hand, since no tool writes what it claims.
struct HostileHeader {
  std::string name = "s.rest.png";
  std::uint64_t size = 0;
  char type = '0';
  std::string link = "";
};

fs::path tar_of(const HostileHeader& hostile) {
  std::string header(512, '\0');
  header.replace(0, hostile.name.size(), hostile.name);
  header.replace(100, 8, std::string("0000644\0", 8));
  header[124] = static_cast<char>(0x80);  // the size in binary, which has room for everything
  for (std::size_t i = 0; i < 8; ++i) header[128 + i] = static_cast<char>(hostile.size >> (8 * (7 - i)));
  header[156] = hostile.type;
  header.replace(157, hostile.link.size(), hostile.link);
  header.replace(257, 8, std::string("ustar\00000", 8));
  header.replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  header.replace(148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  const fs::path file = fs::path(testing::TempDir()) / "data_hostile.tar";
  write_text_file(file, header + std::string(1024, '\0'));
  return file;
}

TEST(ShardFile, FollowsNoLinksAndBelievesNoSizes) {
  const auto message = [](const HostileHeader& hostile) {
    const ShardFile shard(tar_of(hostile));
    return input_error_message([&] { shard.read(0); });
  };
  constexpr char kHardLink = '1';
  constexpr char kSymbolicLink = '2';
  constexpr char kDevice = '3';
  for (const char type : {kHardLink, kSymbolicLink, kDevice}) {
    EXPECT_NE(message({.type = type, .link = "/etc/passwd"}).find("is not a regular file"), std::string::npos)
        << type;
  }
  EXPECT_NE(message({.name = "../../up.rest.png"}).find("not the name of a sample"), std::string::npos);
  EXPECT_NE(message({}).find("has 0 bytes"), std::string::npos);
  for (const std::uint64_t size : {std::uint64_t{1} << 20, std::uint64_t{1} << 40, std::uint64_t{1} << 62}) {
    const std::string text = message({.size = size});
    EXPECT_NE(text.find("claims more bytes than the file has"), std::string::npos) << text;
  }
  EXPECT_NE(message({.size = ~std::uint64_t{0}}), "no error");
}

TEST(ShardFile, EveryCutAndEveryFlippedByteIsSurvived) {
  const std::string bytes = read_text_file(painted_dataset() / "train-00000.tar");
  const fs::path file = fs::path(testing::TempDir()) / "data_cut.tar";
  const std::uint64_t samples = ShardFile(painted_dataset() / "train-00000.tar").size();
  const auto read_all = [&] {
    const ShardFile shard(file);
    for (std::uint64_t i = 0; i < samples; ++i) {
      try {
        decode_sample(shard.read(i), shard.name());
      } catch (const InputError&) {
        // Any sample may be damaged, but nothing worse may happen.
      }
    }
  };
  for (std::size_t size = 0; size < bytes.size(); size += bytes.size() / 23) {
    write_text_file(file, bytes.substr(0, size));
    read_all();
  }
  for (std::size_t at = 0; at < 512; at += 5) {  // a header
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0xff);
    write_text_file(file, changed);
    read_all();
  }
}

TEST(DatasetReader, SkipsDamagedSamplesUpToALimit) {
  const fs::path folder = copy_of_painted_dataset("damaged");
  const Dataset dataset = open_dataset(folder);
  const DatasetShard shard = shards_of(dataset, Split::train).front();
  const SampleMembers first = ShardFile(shard.file).read(0);
  const SampleMembers last = ShardFile(shard.file).read(shard.samples - 1);
  replace_in_file(shard.file, first.posed.substr(60, 40), std::string(40, 'x'));
  replace_in_file(shard.file, last.key + ".pose.json", last.key + ".pose.jsno");
  const auto count = static_cast<int>(sample_count(dataset, Split::train));

  DatasetReader reader(dataset, {.max_damaged = 2});
  const auto keys = next_keys(reader, 2 * (count - 2));
  EXPECT_EQ(reader.damaged(), 2);
  EXPECT_EQ(std::count(keys.begin(), keys.end(), first.key), 0);
  EXPECT_EQ(std::count(keys.begin(), keys.end(), last.key), 0);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), static_cast<std::size_t>(count - 2));

  for (const int threads : {1, 4}) {
    DatasetReader strict(dataset, {.threads = threads, .max_damaged = 1});
    const std::string message = input_error_message([&] { next_keys(strict, 2 * count); });
    EXPECT_NE(message.find(shard.file.string()), std::string::npos) << message;
    EXPECT_NE(message.find("2 samples are damaged, and at most 1 are skipped"), std::string::npos) << message;
  }

  // A position counts the damaged ones, so that resuming is exact among them.
  DatasetReader again(dataset, {.max_damaged = 2});
  for (int i = 0; i < count; ++i) {
    DatasetReader resumed(dataset, {.max_damaged = 2});
    resumed.restore(again.position());
    const std::string key = again.next().key;
    EXPECT_EQ(resumed.next().key, key);
  }
}

TEST(DatasetReader, GoesOnCountingDamagedSamplesWhereItIsResumed) {
  const fs::path folder = copy_of_painted_dataset("damaged_resumed");
  const Dataset dataset = open_dataset(folder);
  const DatasetShard shard = shards_of(dataset, Split::train).front();
  for (const std::uint64_t sample : {std::uint64_t{0}, shard.samples - 1}) {
    const SampleMembers members = ShardFile(shard.file).read(sample);
    replace_in_file(shard.file, members.key + ".pose.json", members.key + ".pose.jsno");
  }
  const auto count = static_cast<int>(sample_count(dataset, Split::train));
  const SourceOptions options{.shuffle_buffer = 1, .max_damaged = 2};
  std::ostringstream log;
  const Context context{.logger = std::make_shared<spdlog::logger>(
                            "log", std::make_shared<spdlog::sinks::ostream_sink_mt>(log))};
  DatasetReader reader(dataset, options, context);
  while (reader.damaged() < 2) reader.next();
  const std::string warnings = log.str();
  EXPECT_NE(warnings.find("1 of at most 2"), std::string::npos) << warnings;
  EXPECT_NE(warnings.find("2 of at most 2"), std::string::npos) << warnings;

  // A checkpoint keeps the position as JSON.
  const SourcePosition position = parse_source_position(to_json(reader.position()), "checkpoint");
  EXPECT_EQ(position, reader.position());
  DatasetReader resumed(dataset, options, context);
  resumed.restore(position);
  EXPECT_EQ(resumed.damaged(), 2);
  log.str("");
  next_keys(resumed, 2 * count);
  EXPECT_EQ(log.str(), "") << "they are the same two, and named already";
  EXPECT_EQ(resumed.damaged(), 2);

  DatasetReader strict(dataset, {.shuffle_buffer = 1, .max_damaged = 2});
  SourcePosition others = position;
  others.damaged = {{0, 1000}, {0, 1001}};
  strict.restore(others);
  const std::string message = input_error_message([&] { next_keys(strict, 2 * count); });
  EXPECT_NE(message.find("3 samples are damaged, and at most 2"), std::string::npos) << message;
  EXPECT_THROW(parse_source_position({{"places", 1}, {"sequence", 1}, {"damaged", {1, 2}}}, "x"), InputError);
  EXPECT_THROW(parse_source_position({{"places", 1}, {"sequence", 1}, {"damaged", 7}}, "x"), InputError);
}

TEST(DatasetReader, ACutShardEndsInMissingSamples) {
  const fs::path folder = copy_of_painted_dataset("cut");
  const Dataset dataset = open_dataset(folder);
  const DatasetShard shard = shards_of(dataset, Split::train).front();
  fs::resize_file(shard.file, fs::file_size(shard.file) / 2);
  DatasetReader strict(open_dataset(folder), {.shuffle_buffer = 1});
  const std::string message = input_error_message([&] { next_keys(strict, 10); });
  EXPECT_NE(message.find("claims more bytes than the file has"), std::string::npos) << message;
  EXPECT_NE(message.find(shard.file.string()), std::string::npos) << message;
  // Also when nothing at all is left to read.
  for (const DatasetShard& each : dataset.shards) fs::resize_file(each.file, 0);
  DatasetReader patient(open_dataset(folder), {.max_damaged = 1000});
  EXPECT_NE(input_error_message([&] { patient.next(); }).find("no sample that can be read"),
            std::string::npos);
}

TEST(OpenDataset, SaysWhatIsWrong) {
  const auto message = [](const fs::path& path) { return input_error_message([&] { open_dataset(path); }); };
  EXPECT_NE(message(fresh_folder("empty")).find("no dataset.json"), std::string::npos);
  const fs::path folder = copy_of_painted_dataset("bad_json");
  const nlohmann::json good = read_json_file(folder / "dataset.json");
  const auto with = [&](const std::string& pointer, const nlohmann::json& value) {
    nlohmann::json changed = good;
    changed[nlohmann::json::json_pointer(pointer)] = value;
    write_text_file(folder / "dataset.json", changed.dump());
    return message(folder);
  };
  EXPECT_NE(with("/format", "coco").find("does not describe a dataset"), std::string::npos);
  EXPECT_NE(with("/format_version", 99).find("use a newer one"), std::string::npos);
  EXPECT_NE(with("/shards/0/file", "../secret.tar").find("beside dataset.json"), std::string::npos);
  EXPECT_NE(with("/shards/0/file", "none.tar").find("none.tar is missing"), std::string::npos);
  EXPECT_NE(with("/shards/0/samples", -1).find("shards.0.samples"), std::string::npos);
  EXPECT_NE(with("/shards/0/split", "both").find("must be train or test"), std::string::npos);
  write_text_file(folder / "dataset.json", "{");
  EXPECT_NE(message(folder).find("not valid JSON"), std::string::npos);
}

}  // namespace
}  // namespace tha4
