#include <functional>
#include <string>

#include "choice_lists.h"
#include "choices.h"
#include "choices_check.h"
#include "input_error_message.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tha4/base/error.h"

// What is wrong in choices.json is refused when it is read, before anything is painted.

namespace tha4::generator {
namespace {

using Json = nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// The message that the shipped choices are refused with after \p change; "no error" if they are not.
std::string refusal(const std::function<void(Json&)>& change) {
  Json choices = Json::parse(choices_json(), nullptr, true, /*ignore_comments=*/true);
  change(choices);
  return input_error_message([&] { check_choices(choices); });
}

TEST(GeneratorChoices, AsTheyShipAreAccepted) {
  EXPECT_EQ(refusal([](Json&) {}), "no error");
}

TEST(GeneratorChoices, UnknownKindsAreRefusedWithTheNearest) {
  for (const ChoiceList& list : choice_lists()) {
    for (const std::string& path : list.paths) {
      const std::string known = list.kinds.names.back();
      const std::string message =
          refusal([&](Json& choices) { choices[Json::json_pointer(path)][known + "x"] = 1; });
      EXPECT_EQ(message, "data/generator/choices.json: " + path + ": '" + known + "x' is no " +
                             list.kinds.what + "; did you mean '" + known + "'?");
    }
  }
}

TEST(GeneratorChoices, KindsOfAnotherFamilyAreRefused) {
  EXPECT_THAT(refusal([](Json& choices) { choices["accessories"]["glasses"]["beret"] = 1; }),
              HasSubstr("/accessories/glasses: 'beret' is no kind of glasses"));
}

TEST(GeneratorChoices, UnknownKeysAreRefusedWithTheNearest) {
  struct Case {
    const char* path;
    const char* place;  // that the message names
    const char* nearest;
  };
  for (const Case& wrong : {Case{"/gesturs", "/", "gestures"},
                            {"/face/eyeshapes", "/face", "eye_shapes"},
                            {"/face/eye_shapes/femine", "/face/eye_shapes", "feminine"},
                            {"/parts/masculine/cloth", "/parts/masculine", "clothes"},
                            {"/ranges/eye_widht", "/ranges", "eye_width"},
                            {"/line_kinds/0/tints", "/line_kinds/0", "tint"},
                            {"/postures/2/tlit", "/postures/2", "tilt"}}) {
    const std::string path = wrong.path;
    EXPECT_EQ(refusal([&](Json& choices) { choices[Json::json_pointer(path)] = Json::object(); }),
              std::string("data/generator/choices.json: ") + wrong.place + ": '" +
                  path.substr(path.rfind('/') + 1) + "' means nothing here; did you mean '" + wrong.nearest +
                  "'?");
  }
}

TEST(GeneratorChoices, MissingListsAndKeysAreRefused) {
  EXPECT_THAT(refusal([](Json& choices) { choices.erase("headwear"); }),
              HasSubstr("/headwear: this is missing"));
  EXPECT_THAT(refusal([](Json& choices) { choices["face"]["eye_shapes"].erase("masculine"); }),
              HasSubstr("/face/eye_shapes/masculine: this is missing"));
  EXPECT_THAT(refusal([](Json& choices) { choices["ranges"].erase("hem"); }),
              HasSubstr("/ranges/hem: this is missing"));
  EXPECT_THAT(refusal([](Json& choices) { choices["skews"][1].erase("mouth"); }),
              HasSubstr("/skews/1: there is no 'mouth'"));
}

TEST(GeneratorChoices, OfTheWrongFormAreRefused) {
  for (const Json& wrong : {Json(), Json(3), Json("text"), Json::array(), Json::object()}) {
    EXPECT_NE(refusal([&](Json& choices) { choices = wrong; }), "no error") << wrong;
    for (const char* path : {"/face", "/face/shapes", "/parts/feminine", "/postures"}) {
      EXPECT_THAT(refusal([&](Json& choices) { choices[Json::json_pointer(path)] = wrong; }),
                  AllOf(HasSubstr(path), Not(HasSubstr("\n"))))
          << path << " " << wrong;
    }
  }
  EXPECT_THAT(refusal([](Json& choices) { choices["ahoge"]["curl"] = -1; }), HasSubstr("/ahoge/curl"));
  EXPECT_THAT(refusal([](Json& choices) { choices["ahoge"]["curl"] = "often"; }), HasSubstr("/ahoge/curl"));
  EXPECT_THAT(refusal([](Json& choices) { choices["strays"][0] = 1; }), HasSubstr("/strays/0"));
}

}  // namespace
}  // namespace tha4::generator
