#include <cstdlib>
#include <stop_token>

#include "dataset_fixtures.h"
#include "input_error_message.h"
#include <sys/wait.h>
#include <unistd.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/data/dataset.h"
#include "tha4/data/dataset_preview.h"
#include "tha4/data/dataset_reader.h"
#include "tha4/rig/generator.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr int kKilled = 9;

/// Runs a job in a process of its own that ends, without any cleaning up, before one of the drawings.
void run_job_killed_at(const PaintedCharacters& characters, const DatasetJob& job, int call) {
  const pid_t process = ::fork();
  if (process == 0) {
    PaintedCharacters watched = characters;
    watched.at_posing = [call](int now) {
      if (now == call) ::_exit(kKilled);
    };
    DatasetJob alone = job;
    alone.threads = 1;
    write_dataset(watched, alone);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  ASSERT_EQ(WEXITSTATUS(status), kKilled);
}

TEST(DatasetWriter, WhatIsWrittenReadsBack) {
  const Dataset dataset = open_dataset(painted_dataset());
  EXPECT_EQ(dataset.train_characters.size() + dataset.test_characters.size(), 8U);
  EXPECT_EQ(sample_count(dataset, Split::train) + sample_count(dataset, Split::test), 24U);
  std::map<std::string, Triple> triples;
  for (const Split split : {Split::train, Split::test}) {
    DatasetReader reader(dataset, {.split = split, .shuffle_buffer = 1});
    for (std::uint64_t i = 0; i < sample_count(dataset, split); ++i) {
      Triple triple = reader.next();
      triples.emplace(triple.key, std::move(triple));
    }
  }
  ASSERT_EQ(triples.size(), 24U);
  for (const auto& [key, triple] : triples) {
    const auto index = static_cast<std::uint64_t>(std::stoi(triple.character.substr(8)));
    EXPECT_TRUE(key.starts_with(triple.character + "-")) << key;
    EXPECT_EQ(triple.rest.pixels, painted_character(index, {}).pixels);
    EXPECT_EQ(triple.posed.pixels, painted_character(index, triple.pose).pixels);
  }
  EXPECT_NE(triples.at("painted-0-000000").pose, triples.at("painted-0-000001").pose);
  EXPECT_NE(triples.at("painted-0-000000").pose, triples.at("painted-1-000000").pose);
}

TEST(DatasetWriter, PosesAskNothingOfCharactersThatTheyLack) {
  PaintedCharacters characters(8);
  characters.lacking = {"head_y"};
  const fs::path out = fresh_folder("lacking");
  write_dataset(characters, whole_job(out));
  DatasetReader reader(open_dataset(out), {.split = Split::train, .shuffle_buffer = 1});
  const auto head_y = static_cast<std::size_t>(pose_parameter_index("head_y"));
  for (int i = 0; i < 6; ++i) {
    const Triple triple = reader.next();
    EXPECT_EQ(triple.pose[head_y], 0) << triple.key;
    EXPECT_NE(triple.pose, Pose{}) << triple.key;
  }
}

TEST(DatasetWriter, SplitsByCharacterAndWholeCharactersAShard) {
  const nlohmann::json json = read_json_file(painted_dataset() / "dataset.json");
  EXPECT_EQ(json["format_version"], kDatasetVersion);
  EXPECT_EQ(json["settings"]["seed"], 5);
  EXPECT_TRUE(json.contains("project_version"));
  const Dataset dataset = open_dataset(painted_dataset() / "dataset.json");
  EXPECT_FALSE(dataset.test_characters.empty());
  for (const Split split : {Split::train, Split::test}) {
    const auto& characters = split == Split::train ? dataset.train_characters : dataset.test_characters;
    std::set<std::string> seen;
    for (const DatasetShard& shard : shards_of(dataset, split)) {
      EXPECT_EQ(shard.samples % 3, 0U);
      EXPECT_LE(shard.samples, 7U);
    }
    DatasetReader reader(dataset, {.split = split});
    for (std::uint64_t i = 0; i < sample_count(dataset, split); ++i) seen.insert(reader.next().character);
    EXPECT_EQ(seen, std::set<std::string>(characters.begin(), characters.end()));
  }
}

TEST(DatasetWriter, TheSplitIsAMatterOfTheIdAlone) {
  int tested = 0;
  for (int i = 0; i < 10000; ++i) {
    const std::string id = "procedural-" + std::to_string(i);
    const bool is_test = split_of(id, 0.1) == Split::test;
    tested += is_test ? 1 : 0;
    // Taking more for tests moves nobody out of them.
    EXPECT_TRUE(!is_test || split_of(id, 0.2) == Split::test);
    EXPECT_EQ(split_of(id, 0), Split::train);
    EXPECT_EQ(split_of(id, 1), Split::test);
  }
  EXPECT_NEAR(tested, 1000, 100);  // more than three standard deviations
}

TEST(DatasetWriter, JobsOfAnArrayWriteWhatOneJobWrites) {
  const fs::path out = fresh_folder("array");
  const PaintedCharacters characters(8);
  DatasetJob job = whole_job(out);
  for (const int index : {3, 1}) {
    job.share = {index, 3};
    EXPECT_FALSE(write_dataset(characters, job).missing.empty());
    EXPECT_FALSE(fs::exists(out / "dataset.json"));
  }
  job.share = {2, 3};
  EXPECT_TRUE(write_dataset(characters, job).missing.empty());
  EXPECT_EQ(dataset_files(out), dataset_files(painted_dataset()));
}

TEST(DatasetWriter, TheNumberOfThreadsAndTheSizeOfShardsChangeNoSample) {
  const auto samples = [](const fs::path& folder) {
    std::map<std::string, std::vector<std::uint8_t>> pictures;
    DatasetReader reader(open_dataset(folder), {});
    for (std::uint64_t i = 0; i < sample_count(open_dataset(folder), Split::train); ++i) {
      Triple triple = reader.next();
      pictures.emplace(triple.key, std::move(triple.posed.pixels));
    }
    return pictures;
  };
  DatasetJob job = whole_job(fresh_folder("other_shards"));
  job.threads = 4;
  job.settings.samples_per_shard = 100;
  write_dataset(PaintedCharacters(8), job);
  EXPECT_EQ(samples(job.out), samples(painted_dataset()));
}

TEST(DatasetWriter, KilledAnywhereItGoesOnToTheSameBytes) {
  const PaintedCharacters characters(8);
  for (const int call : {1, 2, 3, 5, 8}) {
    const DatasetJob job = whole_job(fresh_folder("killed"));
    run_job_killed_at(characters, job, call);
    EXPECT_FALSE(fs::exists(job.out / "dataset.json"));
    write_dataset(characters, job);
    EXPECT_EQ(dataset_files(job.out), dataset_files(painted_dataset())) << call;
    for (const fs::directory_entry& entry : fs::directory_iterator(job.out)) {
      EXPECT_EQ(entry.path().filename().string().find(".tmp-"), std::string::npos) << entry.path();
    }
  }
}

TEST(DatasetWriter, FinishedShardsAreKeptAndOthersMadeAgain) {
  const fs::path out = copy_of_painted_dataset("kept");
  fs::remove(out / "parts" / "train-00000.json");  // killed between the shard and its report
  fs::resize_file(out / "train-00001.tar", 1000);
  int drawn = 0;
  PaintedCharacters characters(8);
  characters.at_posing = [&](int) { ++drawn; };
  DatasetJob job = whole_job(out);
  job.threads = 1;
  const DatasetJobResult result = write_dataset(characters, job);
  EXPECT_EQ(drawn, 4);  // two shards of two characters
  EXPECT_EQ(result.written, 12U);
  EXPECT_EQ(result.samples, 24U);
  EXPECT_EQ(dataset_files(out), dataset_files(painted_dataset()));
}

TEST(DatasetWriter, InterruptedItKeepsFinishedShards) {
  const fs::path out = fresh_folder("interrupted");
  std::stop_source user;
  PaintedCharacters characters(8);
  characters.at_posing = [&](int call) {
    if (call == 4) user.request_stop();
  };
  DatasetJob job = whole_job(out);
  job.threads = 1;
  EXPECT_THROW(write_dataset(characters, job, {.stop = user.get_token()}), InterruptedError);
  EXPECT_FALSE(fs::exists(out / "dataset.json"));
  write_dataset(PaintedCharacters(8), job);
  EXPECT_EQ(dataset_files(out), dataset_files(painted_dataset()));
}

TEST(DatasetWriter, RefusesAFolderOfOtherSettingsOrOtherThings) {
  const fs::path out = copy_of_painted_dataset("refused");
  const auto before = dataset_files(out);
  DatasetJob job = whole_job(out);
  job.settings.seed = 6;
  const std::string message = input_error_message([&] { write_dataset(PaintedCharacters(8), job); });
  EXPECT_NE(message.find("settings.seed is 5 there and 6 now"), std::string::npos) << message;
  const std::string other = input_error_message([&] { write_dataset(PaintedCharacters(9), whole_job(out)); });
  EXPECT_NE(other.find("characters.count is 8 there and 9 now"), std::string::npos) << other;
  EXPECT_EQ(dataset_files(out), before);

  const fs::path full = fresh_folder("full");
  write_text_file(full / "letter.txt", "dear");
  EXPECT_NE(input_error_message([&] {
              write_dataset(PaintedCharacters(8), whole_job(full));
            }).find("holds no dataset"),
            std::string::npos);
  EXPECT_NE(input_error_message([&] {
              write_dataset(PaintedCharacters(8), whole_job(full / "letter.txt"));
            }).find("is a file"),
            std::string::npos);
}

/// Other characters would have the ids of those that are there.
TEST(DatasetWriter, RefusesAFolderOfAnotherGenerator) {
  DatasetJob job = whole_job(fresh_folder("generated"));
  job.settings.poses_per_character = 1;
  const auto characters = open_character_set("procedural:1:3");
  write_dataset(*characters, job);
  EXPECT_EQ(read_json_file(job.out / "dataset.json")["characters"]["generator"], generator_version());
  nlohmann::json settings = read_json_file(job.out / "settings.json");
  settings["characters"]["generator"] = "0-0";
  write_text_file(job.out / "settings.json", settings.dump());
  const std::string message = input_error_message([&] { write_dataset(*characters, job); });
  EXPECT_NE(message.find("characters.generator is \"0-0\" there"), std::string::npos) << message;
}

TEST(DatasetWriter, LeavesOutCharactersThatCannotBeDrawn) {
  PaintedCharacters characters(8);
  characters.unusable = {0, 5};
  const fs::path out = fresh_folder("unusable");
  const DatasetJobResult result = write_dataset(characters, whole_job(out));
  EXPECT_EQ(result.skipped_characters, 2U);
  const nlohmann::json json = read_json_file(out / "dataset.json");
  ASSERT_EQ(json["skipped_characters"].size(), 2U);
  for (const nlohmann::json& skipped : json["skipped_characters"]) {
    EXPECT_NE(skipped["reason"].get<std::string>().find("is broken"), std::string::npos);
  }
  const Dataset dataset = open_dataset(out);
  EXPECT_EQ(dataset.train_characters.size() + dataset.test_characters.size(), 6U);
  EXPECT_EQ(sample_count(dataset, Split::train) + sample_count(dataset, Split::test), 18U);

  characters.unusable = {0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_THROW(write_dataset(characters, whole_job(fresh_folder("nobody"))), InputError);
}

TEST(DatasetWriter, WebpHoldsTheSamePictures) {
  DatasetJob job = whole_job(fresh_folder("webp"));
  job.settings.encoding = PictureEncoding::webp;
  write_dataset(PaintedCharacters(8), job);
  DatasetReader webp(open_dataset(job.out), {.shuffle_buffer = 1});
  DatasetReader png(open_dataset(painted_dataset()), {.shuffle_buffer = 1});
  for (int i = 0; i < 4; ++i) {
    const Triple a = webp.next();
    const Triple b = png.next();
    EXPECT_EQ(a.key, b.key);
    EXPECT_EQ(a.pose, b.pose);
    EXPECT_EQ(a.rest.pixels, b.rest.pixels);
    EXPECT_EQ(a.posed.pixels, b.posed.pixels);
  }
}

TEST(DatasetWriter, PythonsTarfileReadsTheShards) {
  const char* const chosen = std::getenv("THA4_PYTHON");
  const std::string python =
      chosen != nullptr ? chosen : (fs::path(THA4_SOURCE_DIR) / ".venv" / "bin" / "python").string();
  const fs::path script = fs::path(THA4_SOURCE_DIR) / "tests" / "data" / "check_shards.py";
  const std::string command =
      "'" + python + "' '" + script.string() + "' '" + painted_dataset().string() + "'";
  const int status = std::system(command.c_str());
  constexpr int kNoPillow = 77;
  if (WEXITSTATUS(status) == kNoPillow || WEXITSTATUS(status) == 127) {
    GTEST_SKIP() << python << " cannot import pillow; name one that can with THA4_PYTHON";
  }
  EXPECT_EQ(status, 0);
}

TEST(DatasetWriter, ThePreviewShowsPairs) {
  const RgbaImage sheet = preview_sheet(
      std::vector<fs::path>{painted_dataset() / "train-00000.tar", painted_dataset() / "train-00001.tar"}, 4);
  EXPECT_GT(sheet.width, 8 * 256);
  EXPECT_GT(sheet.height, 256);
  EXPECT_LT(sheet.height, 2 * 256);
  EXPECT_THROW(preview_sheet({}, 4), InputError);
}

TEST(DatasetSettings, AreReadAndWritten) {
  const nlohmann::json json = to_json(small_settings());
  EXPECT_EQ(to_json(parse_dataset_settings(json, "settings")), json);
  const auto message = [&](const std::string& key, const nlohmann::json& value) {
    nlohmann::json changed = json;
    changed[nlohmann::json::json_pointer(key)] = value;
    return input_error_message([&] { parse_dataset_settings(changed, "my.json"); });
  };
  EXPECT_EQ(message("/format", "jpeg"), "my.json: format must be png or webp");
  EXPECT_EQ(message("/test_fraction", 1.5), "my.json: test_fraction is 1.5, outside 0.0 to 1.0");
  EXPECT_EQ(message("/test_share", 0.1), "my.json: test_share is called test_fraction now");
  EXPECT_EQ(message("/poses/trace_most", 0.1), "my.json: poses.trace_most is called trace_max now");
  EXPECT_NE(message("/poses/distribution", "odd").find("poses.distribution"), std::string::npos);
  EXPECT_NE(message("/poses/brow", 1).find("did you mean 'brows'?"), std::string::npos);
  EXPECT_NE(message("/seed", -1).find("seed"), std::string::npos);
  EXPECT_NE(message("/poses_per_character", 0).find("poses_per_character"), std::string::npos);
}

TEST(DatasetSettings, MembersOfTheNaturalDistributionAreOfItAlone) {
  nlohmann::json json = to_json(small_settings());
  json["poses"] = {{"distribution", "uniform"}, {"brows", 1}};
  EXPECT_EQ(to_json(parse_dataset_settings(json, "x"))["poses"],
            (nlohmann::json{{"distribution", "uniform"}}));
  json["poses"] = {{"distribution", "natural"}, {"brows", 1}};
  EXPECT_EQ(to_json(parse_dataset_settings(json, "x"))["poses"].size(), 1 + natural_pose_members().size());
}

TEST(JobShare, IsCountedFromOne) {
  EXPECT_EQ(parse_job_share("2/12").index, 2);
  EXPECT_EQ(parse_job_share("2/12").count, 12);
  for (const char* text : {"", "1", "0/2", "3/2", "1/2x", "x/2", "1/", "-1/2", "1/99999999999"}) {
    EXPECT_THROW(parse_job_share(text), InputError) << text;
  }
}

}  // namespace
}  // namespace tha4
