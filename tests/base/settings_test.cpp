#include "tha4/base/settings.h"

#include <variant>

#include "input_error_message.h"
#include <gtest/gtest.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

using nlohmann::json;

enum class Weather { sun, rain };

struct Circle {
  double radius = 0;
};

struct Box {
  int width = 0;
  int height = 3;
};

using Shape = std::variant<Circle, Box>;

struct Point {
  std::int64_t x = 0;
};

struct Picture {
  double light = 0;
  int count = 1;
  std::uint64_t seed = 0;
  bool is_large = false;
  Weather weather = Weather::rain;
  std::string title;
  std::vector<Point> points;
  Point origin;
  double near = 0;
  double far = 1;
  Box frame;
  Shape shape;
};

std::string kind_of(const Shape& shape) {
  return shape.index() == 0 ? "circle" : "box";
}

const Fields<Circle>& circle_fields() {
  static const Fields<Circle> fields({field::number("radius", &Circle::radius, {0, 10}, "Its radius.")});
  return fields;
}

void check_box(const ConfigReader& reader, const Box& box) {
  if (box.width > box.height) reader.fail("width", "is more than the height");
}

const Fields<Box>& box_fields() {
  static const Fields<Box> fields(
      {field::integer("width", &Box::width, {1, 9}, "Its width, in pixels."),
       field::optional(field::integer("height", &Box::height, {1, 9}, "Its height, in pixels."))},
      check_box, "boxes");
  return fields;
}

const Fields<Point>& point_fields() {
  static const Fields<Point> fields({field::integer("x", &Point::x, {-5, 2'000'000}, "Its place.")});
  return fields;
}

const Fields<Picture>& picture_fields() {
  using field::optional;
  const Names<Weather> weathers = {{"sun", Weather::sun}, {"rain", Weather::rain}};
  static const Fields<Picture> fields({
      field::number("light", &Picture::light, {0, 1}, "How light it is."),
      optional(field::integer("count", &Picture::count, {1, 1'000'000}, "How many.")),
      field::seed("seed", &Picture::seed, "Its seed."),
      optional(field::boolean("is_large", &Picture::is_large, "Whether it is large.")),
      field::choice("weather", &Picture::weather, weathers, "The weather."),
      field::any("title", &Picture::title, "text", "Its title."),
      field::objects("points", &Picture::points, point_fields(), "Some points."),
      field::part(&Picture::origin, point_fields()),
      field::group("range",
                   {field::number("near", &Picture::near, {0, 1}, "Where it begins."),
                    field::number("far", &Picture::far, {0, 1}, "Where it ends.")},
                   "A range."),
      optional(field::object("frame", &Picture::frame, box_fields(), "What is around it.")),
      field::one_of<Picture, Shape>(
          "a_shape", &Picture::shape, kind_of,
          {kind<Shape>("circle", Circle{}, circle_fields()), kind<Shape>("box", Box{}, box_fields())},
          "What it shows."),
  });
  return fields;
}

json whole_picture() {
  return json::parse(R"({"light": 0.5, "count": 1e6, "seed": 18446744073709551615, "is_large": true,
      "weather": "sun", "title": "t", "points": [{"x": 1}, {"x": -2}], "x": 4, "range": {"near": 0, "far": 0.5},
      "frame": {"width": 2, "height": 4}, "a_shape": {"kind": "box", "width": 3, "height": 3}})");
}

Picture read(const json& settings) {
  Picture picture;
  picture_fields().read(ConfigReader(settings, "a.json"), picture);
  return picture;
}

std::string message_with(const char* pointer, const json& value) {
  json changed = whole_picture();
  changed[json::json_pointer(pointer)] = value;
  return input_error_message([&] { read(changed); });
}

TEST(Settings, AreReadAndWritten) {
  const Picture picture = read(whole_picture());
  EXPECT_EQ(picture.light, 0.5);
  EXPECT_EQ(picture.count, 1'000'000);
  EXPECT_EQ(picture.seed, 18446744073709551615ULL);
  EXPECT_TRUE(picture.is_large);
  EXPECT_EQ(picture.weather, Weather::sun);
  EXPECT_EQ(picture.points.at(1).x, -2);
  EXPECT_EQ(picture.origin.x, 4);
  EXPECT_EQ(picture.far, 0.5);
  EXPECT_EQ(picture.frame.height, 4);
  EXPECT_EQ(std::get<Box>(picture.shape).width, 3);
  EXPECT_EQ(picture_fields().write(picture), whole_picture());
}

TEST(Settings, WhatMayBeLeftOutHasItsDefault) {
  json min = whole_picture();
  for (const char* key : {"count", "is_large", "frame"}) min.erase(key);
  min["a_shape"].erase("height");
  const Picture picture = read(min);
  EXPECT_EQ(picture.count, 1);
  EXPECT_EQ(picture.frame.height, 3);
  json written = picture_fields().write(picture);
  EXPECT_EQ(written["count"], 1);
  EXPECT_EQ(written["a_shape"]["height"], 3);
  EXPECT_FALSE(written.contains("frame")) << "a width of 0 could not be read";
}

TEST(Settings, WrongOnesAreNamed) {
  EXPECT_EQ(message_with("/light", 2), "a.json: light is 2, outside 0.0 to 1.0");
  EXPECT_EQ(message_with("/count", 1.5), "a.json: count is 1.5, not a whole number");
  EXPECT_EQ(message_with("/seed", -1), "a.json: seed is -1; it must be a whole number that is not negative");
  EXPECT_EQ(message_with("/weather", "snow"), "a.json: weather must be sun or rain");
  EXPECT_EQ(message_with("/title", 1), "a.json: title has the wrong type (number)");
  EXPECT_EQ(message_with("/points/1/x", -6), "a.json: points.1.x is -6, outside -5 to 2000000");
  EXPECT_EQ(message_with("/points/1/y", 0),
            "a.json: points.1.y is not a key that is known here; did you mean 'x'?");
  EXPECT_EQ(message_with("/range/fear", 0),
            "a.json: range.fear is not a key that is known here; did you mean 'far'?");
  EXPECT_EQ(message_with("/frame/width", 5), "a.json: frame.width is more than the height");
  EXPECT_EQ(message_with("/a_shape/kind", "circe"),
            "a.json: a_shape.kind is wrong: 'circe' is not a kind of a shape; did you mean 'circle'?");
  EXPECT_EQ(message_with("/a_shape/kind", "circle"), "a.json: a_shape.radius is missing");
}

TEST(Settings, AreExplained) {
  const std::string help = settings_help("Pictures", picture_fields().help());
  for (const char* line :
       {"## Pictures\n\n- `light` (0 to 1): How light it is.\n",
        "\n- `count` (a whole number from 1 to 1e6; 1 if left out): How many.\n",
        "\n- `weather` (sun or rain): The weather.\n", "\n- `points.N.x` (a whole number from -5 to 2000000)",
        "\n- `x` (", "\n- `range.near` (0 to 1): Where it begins.\n",
        "\n- `frame` (an object, see \"boxes\"; may be left out): What is around it.\n",
        "\n- `a_shape.kind` (circle or box): ",
        "\n### a_shape of the kind circle\n\n- `a_shape.radius` (0 to 10): Its radius.\n",
        "\n### boxes\n\n- `width` (a whole number from 1 to 9): Its width, in pixels.\n"}) {
    EXPECT_NE(help.find(line), std::string::npos) << line << "\n" << help;
  }
}

}  // namespace
}  // namespace tha4
