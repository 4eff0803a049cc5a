#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "accessories.h"
#include "body.h"
#include "character_design.h"
#include "choices.h"
#include "clothes.h"
#include "hair.h"
#include "head.h"
#include "rig_builder.h"
#include "skeleton.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// choices.json lists names, and the generator's code does something else for each of them. Whether it knows a
// name shows in what is painted: a name that it does not know looks like another one.

namespace tha4 {
namespace {

using Paint = void (*)(RigBuilder&, const CharacterDesign&);

/// A list of choices.json: where it is, what it chooses, and what paints that.
struct List {
  std::vector<const char*> paths;  ///< JSON pointers; the names of all together
  std::function<std::string&(CharacterDesign&)> choice;
  Paint paint;
};

void paint_hair(RigBuilder& builder, const CharacterDesign& design) {
  add_back_hair(builder, design);
  add_front_hair(builder, design);
}

void add_holding_body(RigBuilder& builder, const CharacterDesign& design) {
  CharacterDesign holding = design;
  holding.body.arms.gesture = "hold";
  add_body(builder, holding);
}

const std::vector<List>& lists() {
  static const std::vector<List> all = {
      {{"/face/shapes"}, [](CharacterDesign& d) -> std::string& { return d.face.shape; }, add_head},
      {{"/face/eye_shapes/feminine", "/face/eye_shapes/masculine"},
       [](CharacterDesign& d) -> std::string& { return d.face.eye_shape; },
       add_head},
      {{"/face/iris_patterns"},
       [](CharacterDesign& d) -> std::string& { return d.face.iris_pattern; },
       add_head},
      {{"/face/highlights"}, [](CharacterDesign& d) -> std::string& { return d.face.highlights; }, add_head},
      {{"/face/brow_shapes"}, [](CharacterDesign& d) -> std::string& { return d.face.brow_shape; }, add_head},
      {{"/face/blush_kinds"}, [](CharacterDesign& d) -> std::string& { return d.face.blush_kind; }, add_head},
      {{"/face/mouth_kinds"}, [](CharacterDesign& d) -> std::string& { return d.face.mouth_kind; }, add_head},
      {{"/face/nose_kinds"}, [](CharacterDesign& d) -> std::string& { return d.face.nose_kind; }, add_head},
      {{"/face/marks"}, [](CharacterDesign& d) -> std::string& { return d.face.mark; }, add_head},
      {{"/ahoge"}, [](CharacterDesign& d) -> std::string& { return d.hair.ahoge; }, paint_hair},
      {{"/hair_color_schemes"},
       [](CharacterDesign& d) -> std::string& { return d.hair.color_scheme; },
       paint_hair},
      {{"/clothes_patterns"}, [](CharacterDesign& d) -> std::string& { return d.clothes.pattern; }, add_body},
      {{"/rest_mouths"}, [](CharacterDesign& d) -> std::string& { return d.face.rest_mouth; }, add_head},
      {{"/gestures"}, [](CharacterDesign& d) -> std::string& { return d.body.arms.gesture; }, add_body},
      {{"/held_things"},
       [](CharacterDesign& d) -> std::string& { return d.body.arms.held; },
       add_holding_body},
      {{"/headwear"},
       [](CharacterDesign& d) -> std::string& { return d.accessories.headwear; },
       add_accessories},
      {{"/parts/feminine/front_hair", "/parts/masculine/front_hair", "/grown_front_hair"},
       [](CharacterDesign& d) -> std::string& { return d.hair.front; },
       paint_hair},
      {{"/parts/feminine/side_hair", "/parts/masculine/side_hair"},
       [](CharacterDesign& d) -> std::string& { return d.hair.side; },
       paint_hair},
      {{"/parts/feminine/back_hair", "/parts/masculine/back_hair"},
       [](CharacterDesign& d) -> std::string& { return d.hair.back; },
       paint_hair},
      {{"/parts/feminine/clothes", "/parts/masculine/clothes"},
       [](CharacterDesign& d) -> std::string& { return d.clothes.kind; },
       add_body},
      {{"/accessories/glasses"},
       [](CharacterDesign& d) -> std::string& { return d.accessories.glasses; },
       add_accessories},
      {{"/accessories/head"},
       [](CharacterDesign& d) -> std::string& { return d.accessories.head; },
       add_accessories},
      {{"/accessories/hair"},
       [](CharacterDesign& d) -> std::string& { return d.accessories.hair; },
       add_accessories},
      {{"/accessories/neck"},
       [](CharacterDesign& d) -> std::string& { return d.accessories.neck; },
       add_accessories},
  };
  return all;
}

/// A design on which every choice shows: long hair, a dress, a blush and a mouth of usual size.
CharacterDesign plain_design() {
  CharacterDesign design = design_character(3);
  design.is_masculine = false;
  design.hair.back = "long";
  design.hair.side = "long";
  design.clothes.kind = "dress";
  design.face.blush_strength = 1;
  design.face.mouth_width = 1;
  design.body.arms = {};
  design.face.rest_mouth = "closed";
  design.accessories = {"none",
                        "none",
                        "none",
                        "none",
                        "none",
                        design.clothes.accent,
                        design.clothes.second,
                        design.clothes.main,
                        true};
  return design;
}

std::vector<std::string> names_in(const nlohmann::json& choices, const List& list) {
  std::vector<std::string> names;
  for (const char* path : list.paths) {
    for (const auto& item : choices.at(nlohmann::json::json_pointer(path)).items()) {
      if (std::ranges::find(names, item.key()) == names.end()) names.push_back(item.key());
    }
  }
  return names;
}

/// All that is painted: the pictures, and the outlines that they hang on.
std::string painted(const List& list, const std::string& name) {
  CharacterDesign design = plain_design();
  list.choice(design) = name;
  RigBuilder builder;
  add_skeleton(builder);
  list.paint(builder, design);
  const Rig rig = std::move(builder).build(name);
  std::string bytes;
  const auto append = [&bytes](const auto& values) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  };
  for (const RgbaImage& texture : rig.textures) append(texture.pixels);
  for (const Mesh& mesh : rig.meshes) append(mesh.positions);
  return bytes;
}

TEST(GeneratorLists, EveryNameOfAListLooksUnlikeTheOthers) {
  const auto choices = nlohmann::json::parse(choices_json(), nullptr, true, /*ignore_comments=*/true);
  for (const List& list : lists()) {
    std::map<std::string, std::string> seen;
    const std::vector<std::string> names = names_in(choices, list);
    EXPECT_GE(names.size(), 3U) << list.paths[0];
    for (const std::string& name : names) {
      const auto [other, is_new] = seen.try_emplace(painted(list, name), name);
      EXPECT_TRUE(is_new) << list.paths[0] << ": " << name << " is painted as " << other->second;
    }
  }
}

TEST(GeneratorLists, NothingThatIsListedIsLeftOutOfTheTest) {
  const auto choices = nlohmann::json::parse(choices_json(), nullptr, true, /*ignore_comments=*/true);
  std::vector<std::string> tested;
  for (const List& list : lists()) tested.insert(tested.end(), list.paths.begin(), list.paths.end());
  // Lists of weighted names: objects of numbers, wherever they are, but for ranges and shares.
  const std::function<void(const nlohmann::json&, const std::string&)> visit = [&](const nlohmann::json& json,
                                                                                   const std::string& path) {
    if (!json.is_object() || path == "/ranges") return;
    const bool is_list = std::ranges::all_of(json, [](const auto& value) { return value.is_number(); });
    if (is_list) {
      EXPECT_EQ(std::ranges::count(tested, path), 1) << path;
      return;
    }
    for (const auto& item : json.items()) visit(item.value(), path + "/" + item.key());
  };
  visit(choices, "");
}

}  // namespace
}  // namespace tha4
