#include "tha4/pose/pose_file.h"

#include <bit>
#include <cmath>
#include <limits>

#include "input_error_message.h"
#include <gtest/gtest.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

fs::path test_file(const std::string& name) {
  return fs::path(testing::TempDir()) / "pose_file" / name;
}

fs::path file_with(const std::string& name, const std::string& text) {
  const fs::path file = test_file(name);
  write_text_file(file, text);
  return file;
}

Pose pose_with(std::initializer_list<std::pair<const char*, float>> values) {
  Pose pose{};
  for (const auto& [name, value] : values) pose[static_cast<std::size_t>(pose_parameter_index(name))] = value;
  return pose;
}

std::vector<Pose> poses_in(const std::string& name, const std::string& text) {
  return read_pose_file(file_with(name, text));
}

/// What follows the file's name in the message for a file with the given text.
std::string problem_of(const std::string& name, const std::string& text) {
  const fs::path file = file_with(name, text);
  const std::string message = input_error_message([&] { read_pose_file(file); });
  return message.starts_with(file.string()) ? message.substr(file.string().size()) : message;
}

const std::vector<Pose> kTwoPoses = {pose_with({{"head_x", -0.5F}, {"mouth_aaa", 1}}), Pose{}};

TEST(JsonPoseFile, IsAListOfObjectsByName) {
  EXPECT_EQ(poses_in("a.json", R"([{"head_x": -0.5, "mouth_aaa": 1}, {}])"), kTwoPoses);
  EXPECT_EQ(poses_in("a.JSON", "// two poses\n[{\"mouth_aaa\": 1.0, \"head_x\": -5e-1}, {\"head_y\": 0}]"),
            kTwoPoses);
  EXPECT_EQ(poses_in("one.json", R"({"head_x": 0.25})"), std::vector{pose_with({{"head_x", 0.25F}})});
}

TEST(JsonPoseFile, MayBeUtf16) {
  for (const bool is_little : {true, false}) {
    std::string text;
    for (const char letter : std::string(R"([{"head_x": -0.5, "mouth_aaa": 1}, {}])")) {
      text += is_little ? std::string{letter, '\0'} : std::string{'\0', letter};
    }
    EXPECT_EQ(poses_in("unmarked.json", text), kTwoPoses);
    EXPECT_EQ(poses_in("marked.json", (is_little ? "\xff\xfe" : "\xfe\xff") + text), kTwoPoses);
  }
}

TEST(JsonPoseFile, SaysWhatIsWrong) {
  const auto problem = [](const std::string& text) { return problem_of("bad.json", text); };
  EXPECT_EQ(problem(""), ", line 1, column 1: this is not valid JSON: the file is empty");
  EXPECT_EQ(problem("[{},\n{\"head_x\": nan}]"),
            ", line 2, column 12: this is not valid JSON: nan is no number of JSON");
  EXPECT_EQ(problem("[{\"mouth_aaa\": 1,},\n{}]"),
            ", line 1, column 18: this is not valid JSON: the comma before '}' must go");
  EXPECT_EQ(
      problem("{}\n{}"),
      ", line 2, column 1: this is not valid JSON: several objects must stand in a list, with commas between "
      "them: [{...}, {...}]");
  EXPECT_EQ(problem(R"([{"head_y": 0.5, "head_y": -0.5}])"),
            ": an object has the key 'head_y' twice; leave one of them");
  EXPECT_EQ(problem(R"({"jawOpen": 1})"),
            ": 'jawOpen' is not a pose parameter; it is a name of ARKit, which here is about mouth_aaa");
  EXPECT_EQ(
      problem(R"({"eyeBlink_R": 1})"),
      ": 'eyeBlink_R' is not a pose parameter; it is a name of ARKit, which here is about eye_wink_right");
  EXPECT_EQ(
      problem(R"({"time": 1})"),
      ": 'time' is not a pose parameter; poses follow each other evenly and have no times or numbers: leave "
      "it out");
  EXPECT_EQ(problem(R"({"flag": 1})"),
            ": 'flag' is not a pose parameter; all of them are listed in docs/files.md, 'Poses'");
  EXPECT_EQ(problem(R"({"poses": [{"head_x": 1}]})"),
            ": 'poses' holds a list of objects; the list of poses stands alone, without an object around it");
  EXPECT_EQ(problem("[{'head_x': 1}]"),
            ", line 1, column 3: this is not valid JSON: texts stand in double quotes, not in single ones");
  EXPECT_EQ(problem("[{\"head_x\": None}]"),
            ", line 1, column 13: this is not valid JSON: None is of Python; JSON has null, true and false");
  EXPECT_EQ(problem("[]"), ": has no poses");
  EXPECT_EQ(problem("3"), R"(: is of type number, not a list of poses such as [{"head_x": 0.5}])");
  EXPECT_EQ(problem("[{}, [0, 0]]"),
            ", pose 2: is of type array, not an object of parameter names and values such as "
            R"({"head_x": 0.5})");
  EXPECT_EQ(problem(R"([{}, {"haed_x": 1}])"),
            ", pose 2: 'haed_x' is not a pose parameter; did you mean 'head_x'?");
  EXPECT_EQ(problem(R"({"haed_x": 1})"), ": 'haed_x' is not a pose parameter; did you mean 'head_x'?");
  EXPECT_EQ(problem(R"([{"head_x": "1"}])"), ", pose 1: head_x is of type string, not a number");
  EXPECT_EQ(problem(R"([{"head_x": true}])"), ", pose 1: head_x is of type boolean, not a number");
  EXPECT_EQ(problem(R"([{"head_x": -1.5}])"), ", pose 1: head_x is -1.5, outside -1 to 1");
  EXPECT_EQ(problem(R"([{"head_x": 1e300}])"), ", pose 1: head_x is 1e+300, outside -1 to 1");
  EXPECT_EQ(problem(R"([{"head_x": 1e999}])"), ": has a number that is too large to be read");
}

/// Names of other systems, and what is said of them.
TEST(JsonPoseFile, KnowsTheNamesOfOtherSystems) {
  for (const auto& [name, hint] : std::vector<std::pair<std::string, std::string>>{
           {"eyeBlinkL", "it is a name of ARKit, which here is about eye_wink_left"},
           {"mouthClose", "it is a name of ARKit, for which there is nothing here; leave it out"},
           {"eyeLookUp_L", "it is a name of ARKit, which here is about iris_rotation_x above 0"},
           {"PARAM_EYE_L_OPEN", "it is a name of Live2D, which here is about 1 less eye_wink_left"},
           {"FaceAngleX", "it is a name of VTube Studio, which here is about head_y"},
           {"A", "it is a name of VRM, which here is about mouth_aaa"},
           {"happy",
            "it is a name of VRM, which here is about eye_happy_wink_left and eye_happy_wink_right with "
            "mouth_raised_corner_left and mouth_raised_corner_right"},
           {"あ", "it is a name of MikuMikuDance, which here is about mouth_aaa"},
           {"Frame", "poses follow each other evenly and have no times or numbers: leave it out"}}) {
    EXPECT_EQ(problem_of("other.json", "{\"" + name + "\": 1}"),
              ": '" + name + "' is not a pose parameter; " + hint);
  }
}

TEST(CsvPoseFile, SaysNumbersAsPeopleWriteThem) {
  EXPECT_EQ(poses_in("a.csv", "\"head_x\",\"mouth_aaa\"\n\"-0,5\",\"1\"\n\"0,0\",\"0\"\n"), kTwoPoses);
  EXPECT_EQ(poses_in("a.csv",
                     "head_x,mouth_aaa\n\xE2\x88\x92"
                     "0.5,1\n0,0\n"),
            kTwoPoses);
  EXPECT_EQ(poses_in("a.csv", "sep=;\r\nhead_x;mouth_aaa\r\n-0,5;1\r\n0;0\r\n"), kTwoPoses);
}

TEST(CsvPoseFile, HasAHeaderAndOnePoseALine) {
  EXPECT_EQ(poses_in("a.csv", "head_x,mouth_aaa\n-0.5,1\n0,0\n"), kTwoPoses);
  EXPECT_EQ(poses_in("a.CSV", "mouth_aaa,head_x\n+1,-5e-1\n-0,0"), kTwoPoses);
}

TEST(CsvPoseFile, IsTakenAsSpreadsheetsWriteIt) {
  EXPECT_EQ(
      poses_in("a.csv",
               "\xEF\xBB\xBF\r\n \"head_x\" ,\t\" mouth_aaa\"\r\n\r\n -0.5 , \"1\"\r\n  \r\n0,0\r\n\r\n"),
      kTwoPoses);
}

TEST(CsvPoseFile, SaysWhatIsWrong) {
  const auto problem = [](const std::string& text) { return problem_of("bad.csv", text); };
  EXPECT_EQ(problem(""), ": is empty; its first line must name parameters");
  EXPECT_EQ(problem("\r\n \n"), ": is empty; its first line must name parameters");
  EXPECT_EQ(problem("head_x,head_y\n\n"), ": has no poses below its header");
  EXPECT_EQ(problem("head_x,haed_y\n0,0\n"),
            ", line 1: 'haed_y' is not a pose parameter; did you mean 'head_y'?");
  EXPECT_EQ(
      problem("\n0.5,0.5\n"),
      ", line 2: the first line has numbers where it must name the parameters of its columns, for example "
      "mouth_aaa,head_y");
  EXPECT_EQ(problem("head_x,,head_y\n"), ", line 1: column 2 has no name");
  EXPECT_EQ(problem("head_x,head_y, head_x\n"), ", line 1: there are two columns named head_x");
  EXPECT_EQ(problem("head_x,head_y\n0,0\n\n0\n"), ", line 4: has 1 values where the header has 2 names");
  EXPECT_EQ(problem("head_x,head_y\n0,0,\n"), ", line 2: has 3 values where the header has 2 names");
  EXPECT_EQ(problem("head_x\n" + std::string(1000, ',')),
            ", line 2: has more columns than there are pose parameters (45)");
  EXPECT_EQ(problem("head_x,head_y\n0,\n"), ", line 2: head_y is '', not a number that can be used");
  EXPECT_EQ(problem("head_x\n0.5x\n"), ", line 2: head_x is '0.5x', not a number that can be used");
  EXPECT_EQ(problem("head_x\n+-0.5\n"), ", line 2: head_x is '+-0.5', not a number that can be used");
  EXPECT_EQ(problem("head_x\n1e999\n"), ", line 2: head_x is '1e999', not a number that can be used");
  EXPECT_EQ(problem("head_x\nnan\n"), ", line 2: head_x is nan, not a finite number");
  EXPECT_EQ(problem("head_x\n0\n1.5\n"), ", line 3: head_x is 1.5, outside -1 to 1");
  EXPECT_EQ(problem("\"head_x\n"), ", line 1: a quote is not closed on the same line");
  EXPECT_EQ(problem("\"head_x\"\"\n"), ", line 1: a quote is not closed on the same line");
  EXPECT_EQ(problem("\"head_x\" \"head_y\"\n"), ", line 1: a comma is missing after a cell in quotes");
  EXPECT_EQ(problem("\"he\"\"ad_x\"\n"),
            ", line 1: 'he\"ad_x' is not a pose parameter; did you mean 'head_x'?");
}

TEST(CsvPoseFile, IsTakenAsProgramsOfOtherCountriesWriteIt) {
  EXPECT_EQ(poses_in("semicolons.csv", "head_x;mouth_aaa\n-0,5;1\n0;0\n"), kTwoPoses);
  EXPECT_EQ(poses_in("tabs.csv", "head_x\tmouth_aaa\n-0.5\t\"1\"\n0\t0\n"), kTwoPoses);
  EXPECT_EQ(problem_of("empty.csv", "head_x\thead_y\n0\t\n"),
            ", line 2: head_y is '', not a number that can be used");
  const auto utf16 = [](bool is_little) {
    std::string text = is_little ? "\xff\xfe" : "\xfe\xff";
    for (const char letter : std::string("head_x\tmouth_aaa\r\n-0,5\t1\r\n0\t0\r\n")) {
      text += is_little ? std::string{letter, '\0'} : std::string{'\0', letter};
    }
    return text;
  };
  EXPECT_EQ(poses_in("little.csv", utf16(true)), kTwoPoses);
  EXPECT_EQ(poses_in("big.csv", utf16(false)), kTwoPoses);
  EXPECT_EQ(poses_in("little_unmarked.csv", utf16(true).substr(2)), kTwoPoses);
  EXPECT_EQ(poses_in("big_unmarked.csv", utf16(false).substr(2)), kTwoPoses);
  EXPECT_EQ(poses_in("bars.csv", "head_x|mouth_aaa\n-0,5|1\n0|0\n"), kTwoPoses);
  EXPECT_EQ(poses_in("old_mac.csv", "head_x,mouth_aaa\r-0.5,1\r\r0,0\r"), kTwoPoses);
  EXPECT_EQ(problem_of("old_mac.csv", "head_x,mouth_aaa\r\r0,2"), ", line 3: mouth_aaa is 2, outside 0 to 1");
  EXPECT_EQ(poses_in("comments.csv", "# by a tracker, in 2026\nhead_x,mouth_aaa\n-0.5,1\n # the end\n0,0\n"),
            kTwoPoses);
  EXPECT_EQ(problem_of("spreadsheet.csv", "PK\x03\x04............[Content_Types].xml"),
            " is a spreadsheet or another document of an office program; save it as CSV");
  EXPECT_EQ(problem_of("spaces.csv", "head_x mouth_aaa\n-0.5 1\n"),
            ", line 1: the columns are parted by spaces; part them by commas, semicolons or tabs");
}

TEST(CsvPoseFile, HasALimitedNumberOfPoses) {
  std::string text = "head_x\n";
  for (std::size_t i = 0; i < kMaxPosesInFile; ++i) text += "0\n";
  EXPECT_EQ(poses_in("many.csv", text).size(), kMaxPosesInFile);
  EXPECT_EQ(problem_of("many.csv", text + "0\n"),
            ": has more than 1000000 poses; divide it into several files");
  fs::remove(test_file("many.csv"));
}

TEST(ReadPoseFile, RefusesOtherAndMissingFiles) {
  EXPECT_EQ(problem_of("poses.txt", "head_x\n0\n"), ": a pose file is a .json or a .csv file");
  EXPECT_EQ(input_error_message([] { read_pose_file(test_file("none.csv")); }),
            "cannot read " + test_file("none.csv").string() + ": No such file or directory");
}

class WritePoseFile : public testing::TestWithParam<const char*> {};

TEST_P(WritePoseFile, ReadsBackExactly) {
  std::vector<Pose> poses = sample_poses(PoseDistribution::uniform, 200, 1);
  for (const Pose& pose : sample_poses(PoseDistribution::natural, 200, 2)) poses.push_back(pose);
  // The first value reads back as another float if its shortest decimal text is first rounded to a double.
  const float delicate = 7.03853069e-26F;
  ASSERT_EQ(std::bit_cast<std::uint32_t>(delicate), 0x15AE43FDU);
  poses.push_back(pose_with({{"head_x", delicate},
                             {"head_y", std::nextafter(1.0F, 0.0F)},
                             {"neck_z", -std::numeric_limits<float>::denorm_min()},
                             {"body_y", -1}}));
  poses.push_back(Pose{});
  const fs::path file = test_file("round_trip") / GetParam();
  write_pose_file(file, poses);
  EXPECT_EQ(read_pose_file(file), poses);
}

TEST_P(WritePoseFile, RefusesWhatCouldNotBeReadBack) {
  const fs::path file = test_file("refused") / GetParam();
  EXPECT_EQ(input_error_message([&] { write_pose_file(file, {}); }),
            file.string() + ": there are no poses to write");
  EXPECT_EQ(input_error_message([&] {
              write_pose_file(file, {Pose{}, pose_with({{"head_x", 2}})});
            }),
            file.string() + ", pose 2: head_x is 2, outside -1 to 1");
  EXPECT_FALSE(fs::exists(file));
}

INSTANTIATE_TEST_SUITE_P(Formats, WritePoseFile, testing::Values("poses.json", "poses.csv"));

TEST(WritePoseFile, WritesJsonForReaders) {
  const fs::path file = test_file("readable.json");
  write_pose_file(file, {pose_with({{"mouth_aaa", 1}, {"head_x", 0.1F}}), Pose{}});
  EXPECT_EQ(read_text_file(file), "[\n  {\"mouth_aaa\": 1, \"head_x\": 0.1},\n  {}\n]\n");
}

TEST(WritePoseFile, RefusesOtherExtensions) {
  EXPECT_EQ(input_error_message([] { write_pose_file("poses.yaml", {Pose{}}); }),
            "poses.yaml: a pose file is a .json or a .csv file");
}

}  // namespace
}  // namespace tha4
