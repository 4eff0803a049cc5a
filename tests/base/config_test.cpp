#include "tha4/base/config.h"

#include <fstream>

#include "input_error_message.h"
#include <gtest/gtest.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/json_nesting.h"

namespace tha4 {
namespace {

TEST(ConfigReader, RefusesAMisspeltKeyAndNamesTheNearest) {
  const auto json = nlohmann::json::parse(R"({"training": {"learning_rat": 1}})");
  const std::string message = input_error_message([&] {
    const ConfigReader reader(json, "a.json");
    const ConfigReader training = reader.object("training");
    training.get_or<double>("learning_rate", 0);
    training.get_or<double>("batch", 0);
    training.reject_unknown_keys();
  });
  EXPECT_EQ(message,
            "a.json: training.learning_rat is not a key that is known here; did you mean 'learning_rate'?");
}

TEST(ConfigReader, SaysWhatIsWrongWithAValue) {
  const auto json = nlohmann::json::parse(R"({"n": 1.5, "s": "x", "big": 1e9, "whole": 1e6})");
  const ConfigReader reader(json, "a.json");
  EXPECT_EQ(input_error_message([&] { reader.integer("n", 0, 10); }), "a.json: n is 1.5, not a whole number");
  EXPECT_EQ(input_error_message([&] { reader.number("s", 0, 1); }), "a.json: s has the wrong type (string)");
  EXPECT_EQ(input_error_message([&] { reader.number("big", 0, 1); }),
            "a.json: big is 1000000000.0, outside 0.0 to 1.0");
  EXPECT_EQ(input_error_message([&] { reader.integer("big", 0, 10); }),
            "a.json: big is 1000000000.0, outside 0 to 10");
  EXPECT_EQ(input_error_message([&] { reader.get<int>("none"); }), "a.json: none is missing");
  EXPECT_EQ(reader.integer("whole", 0, 2'000'000), 1'000'000);
}

TEST(ConfigReader, TakesNothingForANumberThatIsNone) {
  const auto json =
      nlohmann::json::parse(R"({"yes": true, "minus": -1, "part": 1.5, "large": 18446744073709551615})");
  const ConfigReader reader(json, "a.json");
  EXPECT_EQ(input_error_message([&] { reader.number("yes", 0, 1); }),
            "a.json: yes has the wrong type (boolean)");
  EXPECT_EQ(input_error_message([&] { reader.integer("yes", 0, 1); }),
            "a.json: yes has the wrong type (boolean)");
  const auto seed = [&](const char* key) {
    return input_error_message([&] { reader.get<std::uint64_t>(key); });
  };
  EXPECT_EQ(seed("yes"), "a.json: yes has the wrong type (boolean)");
  EXPECT_EQ(seed("minus"), "a.json: minus is -1; it must be a whole number that is not negative");
  EXPECT_EQ(seed("part"), "a.json: part is 1.5; it must be a whole number that is not negative");
  EXPECT_EQ(reader.get<std::uint64_t>("large"), 18446744073709551615ULL);
  EXPECT_TRUE(reader.get<bool>("yes"));
}

TEST(ApplyOverride, ChangesExistingKeysOnly) {
  auto json = nlohmann::json::parse(R"({"a": {"b": 1, "list": [{"c": 2}]}, "name": "x"})");
  apply_override(json, "a.b=2.5");
  apply_override(json, "a.list.0.c=7");
  apply_override(json, "name=some text");
  EXPECT_EQ(json["a"]["b"], 2.5);
  EXPECT_EQ(json["a"]["list"][0]["c"], 7);
  EXPECT_EQ(json["name"], "some text");
  EXPECT_EQ(input_error_message([&] { apply_override(json, "a.d=1"); }),
            "a.d: the configuration has no key 'd' there; did you mean 'b'?");
  EXPECT_EQ(input_error_message([&] { apply_override(json, "a"); }), "a is not of the form key=value");
}

TEST(ReadJsonFile, NamesFileAndLineOfASyntaxError) {
  const auto file = std::filesystem::path(testing::TempDir()) / "broken.json";
  std::ofstream(file) << "{\n  // a comment\n  \"a\": ,\n}";
  EXPECT_EQ(
      input_error_message([&] { read_json_file(file); }),
      file.string() +
          ", line 3, column 8: this is not valid JSON: unexpected ','; expected '[', '{', or a literal");
}

/// Copies, comparisons and destructors of such values would overflow the stack.
TEST(ReadJsonFile, RefusesWhatIsNestedTooDeep) {
  const auto file = std::filesystem::path(testing::TempDir()) / "deep.json";
  const auto write = [&](std::size_t depth) {
    std::ofstream(file) << std::string(depth, '[') << std::string(depth, ']');
  };
  write(kDeepestJson);
  EXPECT_TRUE(read_json_file(file).is_array());
  for (const std::size_t depth : {std::size_t{kDeepestJson} + 1, std::size_t{1'000'000}}) {
    write(depth);
    EXPECT_NE(input_error_message([&] { read_json_file(file); }).find("deep.json: its JSON is nested"),
              std::string::npos);
    EXPECT_NE(
        input_error_message([&] { check_json_nesting(read_text_file(file), "deep.json"); }).find("nested"),
        std::string::npos);
  }
  EXPECT_NO_THROW(check_json_nesting("{\"a\": \"" + std::string(1000, '[') + "\\\"[\"}", "texts"));
}

TEST(ConfigReader, SaysWhatAFileHasInOnePrintableLine) {
  const nlohmann::json json = {{"a\nb", 1}};
  const ConfigReader reader(json, "c.json");
  const std::string message = input_error_message([&] { reader.reject_unknown_keys(); });
  EXPECT_NE(message.find("a?b"), std::string::npos) << message;
}

class ReadConfigFile : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "inner");
  }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  nlohmann::json read(const std::string& name) { return read_config_file(folder_ / name); }
  std::string refusal_of(const std::string& name) {
    return input_error_message([&] { read(name); });
  }

  const std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) / "read_config_file";
};

TEST_F(ReadConfigFile, HoldsWhatDiffersFromItsBase) {
  write("whole.json", R"({"a": {"b": 1, "c": [1, 2]}, "d": 3, "n": 4})");
  write("inner/less.json", R"({"base": "../whole.json", "a": {"c": [5]}, "n": null})");
  write("least.json", R"({"base": "inner/less.json",  // of a base
                          "a": {"e": 6}, "d": {"f": 7}})");
  EXPECT_EQ(read("whole.json"), nlohmann::json::parse(R"({"a": {"b": 1, "c": [1, 2]}, "d": 3, "n": 4})"));
  EXPECT_EQ(read("inner/less.json"),
            nlohmann::json::parse(R"({"a": {"b": 1, "c": [5]}, "d": 3, "n": null})"));
  EXPECT_EQ(read("least.json"),
            nlohmann::json::parse(R"({"a": {"b": 1, "c": [5], "e": 6}, "d": {"f": 7}, "n": null})"));
}

TEST_F(ReadConfigFile, ANetworkOfAnotherKindReplacesThatOfTheBase) {
  write("base.json", R"({"x": {"kind": "siren", "width": 1}, "y": {"kind": "siren", "width": 1}})");
  write("other.json",
        R"({"base": "base.json", "x": {"kind": "mesh", "depth": 2}, "y": {"kind": "siren", "depth": 2}})");
  EXPECT_EQ(read("other.json"), nlohmann::json::parse(R"({"x": {"kind": "mesh", "depth": 2},
                                                         "y": {"kind": "siren", "width": 1, "depth": 2}})"));
}

TEST_F(ReadConfigFile, RefusesBasesThatLeadNowhere) {
  const std::string place = folder_.string() + "/";
  write("a.json", R"({"base": "none.json"})");
  EXPECT_EQ(refusal_of("a.json"), place +
                                      "a.json: its base 'none.json' is not there; name a file, relative to "
                                      "the folder of this one");
  write("a.json", R"({"base": "inner"})");
  EXPECT_NE(refusal_of("a.json").find("its base 'inner' is not there"), std::string::npos);
  write("a.json", R"({"base": 1})");
  EXPECT_EQ(refusal_of("a.json"), place + "a.json: base must be the name of a file");
  write("a.json", R"({"base": "inner/b.json"})");
  write("inner/b.json", R"({"base": "../a.json"})");
  EXPECT_EQ(refusal_of("a.json"), place +
                                      "inner/b.json: its base '../a.json' is based on this file; one of them "
                                      "must have no base");
  write("c.json", R"({"base": "c.json"})");
  EXPECT_NE(refusal_of("c.json").find("its base 'c.json' is based on this file"), std::string::npos);
}

}  // namespace
}  // namespace tha4
