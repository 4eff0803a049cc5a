#include "tha4/base/config.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

template <class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no InputError";
}

TEST(ConfigReader, RefusesAMisspeltKeyAndNamesTheNearest) {
  const auto json = nlohmann::json::parse(R"({"training": {"learning_rat": 1}})");
  const std::string message = message_of([&] {
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
  EXPECT_EQ(message_of([&] { reader.integer("n", 0, 10); }), "a.json: n is 1.5, not a whole number");
  EXPECT_EQ(message_of([&] { reader.number("s", 0, 1); }), "a.json: s has the wrong type (string)");
  EXPECT_EQ(message_of([&] { reader.number("big", 0, 1); }),
            "a.json: big is 1000000000.0, outside 0.0 to 1.0");
  EXPECT_EQ(message_of([&] { reader.integer("big", 0, 10); }),
            "a.json: big is 1000000000.0, outside 0 to 10");
  EXPECT_EQ(message_of([&] { reader.get<int>("none"); }), "a.json: none is missing");
  EXPECT_EQ(reader.integer("whole", 0, 2'000'000), 1'000'000);
}

TEST(ConfigReader, TakesNothingForANumberThatIsNone) {
  const auto json =
      nlohmann::json::parse(R"({"yes": true, "minus": -1, "part": 1.5, "large": 18446744073709551615})");
  const ConfigReader reader(json, "a.json");
  EXPECT_EQ(message_of([&] { reader.number("yes", 0, 1); }), "a.json: yes has the wrong type (boolean)");
  EXPECT_EQ(message_of([&] { reader.integer("yes", 0, 1); }), "a.json: yes has the wrong type (boolean)");
  const auto seed = [&](const char* key) { return message_of([&] { reader.get<std::uint64_t>(key); }); };
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
  EXPECT_EQ(message_of([&] { apply_override(json, "a.d=1"); }),
            "a.d: the configuration has no key 'd' there; did you mean 'b'?");
  EXPECT_EQ(message_of([&] { apply_override(json, "a"); }), "a is not of the form key=value");
}

TEST(ReadJsonFile, NamesFileAndLineOfASyntaxError) {
  const auto file = std::filesystem::path(testing::TempDir()) / "broken.json";
  std::ofstream(file) << "{\n  // a comment\n  \"a\": ,\n}";
  EXPECT_EQ(message_of([&] { read_json_file(file); }), file.string() + ", line 3: this is not valid JSON");
}

}  // namespace
}  // namespace tha4
