#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "accessories.h"
#include "body.h"
#include "character_design.h"
#include "choice_lists.h"
#include "choices.h"
#include "clothes.h"
#include "hair.h"
#include "head.h"
#include "rig_builder.h"
#include "skeleton.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tha4/base/error.h"

// Families of kinds, and what choices.json offers of them. Whether a painter looks at the kind shows in what
// is painted: one that it does not look at looks like another one.

namespace tha4::generator {
namespace {

using Json = nlohmann::ordered_json;
using Paint = void (*)(RigBuilder&, const CharacterDesign&);

/// What a list of choices.json chooses, and what paints that.
struct Choice {
  std::string path;  ///< the family's first
  std::function<std::string&(CharacterDesign&)> of;
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

const std::vector<Choice>& family_choices() {
  static const std::vector<Choice> all = {
      {"/face/shapes", [](CharacterDesign& d) -> std::string& { return d.face.shape; }, add_head},
      {"/face/eye_shapes/feminine", [](CharacterDesign& d) -> std::string& { return d.face.eye_shape; },
       add_head},
      {"/face/lid_kinds", [](CharacterDesign& d) -> std::string& { return d.face.lid_kind; }, add_head},
      {"/face/eye_whites", [](CharacterDesign& d) -> std::string& { return d.face.eye_white; }, add_head},
      {"/face/mouth_insides", [](CharacterDesign& d) -> std::string& { return d.face.mouth_inside; },
       add_head},
      {"/face/iris_patterns", [](CharacterDesign& d) -> std::string& { return d.face.iris_pattern; },
       add_head},
      {"/face/highlights", [](CharacterDesign& d) -> std::string& { return d.face.highlights; }, add_head},
      {"/face/brow_shapes", [](CharacterDesign& d) -> std::string& { return d.face.brow_shape; }, add_head},
      {"/face/blush_kinds", [](CharacterDesign& d) -> std::string& { return d.face.blush_kind; }, add_head},
      {"/face/mouth_kinds", [](CharacterDesign& d) -> std::string& { return d.face.mouth_kind; }, add_head},
      {"/face/nose_kinds", [](CharacterDesign& d) -> std::string& { return d.face.nose_kind; }, add_head},
      {"/face/marks", [](CharacterDesign& d) -> std::string& { return d.face.mark; }, add_head},
      {"/ahoge", [](CharacterDesign& d) -> std::string& { return d.hair.ahoge; }, paint_hair},
      {"/hair_color_schemes", [](CharacterDesign& d) -> std::string& { return d.hair.color_scheme; },
       paint_hair},
      {"/clothes_patterns", [](CharacterDesign& d) -> std::string& { return d.clothes.pattern; }, add_body},
      {"/rest_mouths", [](CharacterDesign& d) -> std::string& { return d.face.rest_mouth; }, add_head},
      {"/gestures", [](CharacterDesign& d) -> std::string& { return d.body.arms.gesture; }, add_body},
      {"/held_things", [](CharacterDesign& d) -> std::string& { return d.body.arms.held; }, add_holding_body},
      {"/headwear", [](CharacterDesign& d) -> std::string& { return d.accessories.headwear; },
       add_accessories},
      {"/parts/feminine/front_hair", [](CharacterDesign& d) -> std::string& { return d.hair.front; },
       paint_hair},
      {"/parts/feminine/side_hair", [](CharacterDesign& d) -> std::string& { return d.hair.side; },
       paint_hair},
      {"/parts/feminine/back_hair", [](CharacterDesign& d) -> std::string& { return d.hair.back; },
       paint_hair},
      {"/parts/feminine/clothes", [](CharacterDesign& d) -> std::string& { return d.clothes.kind; },
       add_body},
      {"/accessories/glasses", [](CharacterDesign& d) -> std::string& { return d.accessories.glasses; },
       add_accessories},
      {"/accessories/head", [](CharacterDesign& d) -> std::string& { return d.accessories.head; },
       add_accessories},
      {"/accessories/hair", [](CharacterDesign& d) -> std::string& { return d.accessories.hair; },
       add_accessories},
      {"/accessories/neck", [](CharacterDesign& d) -> std::string& { return d.accessories.neck; },
       add_accessories},
  };
  return all;
}

const Choice& choice_of(const ChoiceList& list) {
  const auto choice = std::ranges::find(family_choices(), list.paths.front(), &Choice::path);
  if (choice == family_choices().end()) throw std::runtime_error(list.paths.front() + " is not tested");
  return *choice;
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

/// All that is painted: the pictures, and the outlines that they hang on, also as the rest image shows them.
std::string painted(const Choice& choice, const std::string& name) {
  CharacterDesign design = plain_design();
  choice.of(design) = name;
  RigBuilder builder;
  add_skeleton(builder);
  choice.paint(builder, design);
  const Rig rig = std::move(builder).build(name);
  std::string bytes;
  const auto append = [&bytes](const auto& values) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  };
  for (const RgbaImage& texture : rig.textures) append(texture.pixels);
  for (const Mesh& mesh : rig.meshes) append(mesh.positions);
  for (const PosedMesh& mesh : pose_rig(rig, Pose{}, /*with_bones=*/true, PictureMorphs::shown))
    append(mesh.positions);
  return bytes;
}

Json shipped_choices() {
  return Json::parse(choices_json(), nullptr, true, /*ignore_comments=*/true);
}

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(GeneratorKinds, EachOfAFamilyLooksUnlikeTheOthers) {
  for (const ChoiceList& list : choice_lists()) {
    const Choice& choice = choice_of(list);
    std::map<std::string, std::string> seen;
    EXPECT_GE(list.kinds.names.size(), 3U) << list.kinds.what;
    for (const std::string& name : list.kinds.names) {
      const auto [other, is_new] = seen.try_emplace(painted(choice, name), name);
      EXPECT_TRUE(is_new) << list.kinds.what << ": " << name << " is painted as " << other->second;
    }
  }
}

TEST(GeneratorKinds, AreAllOfferedByTheChoices) {
  const Json choices = shipped_choices();
  for (const ChoiceList& list : choice_lists()) {
    std::set<std::string> offered;
    for (const std::string& path : list.paths) {
      for (const auto& item : choices.at(Json::json_pointer(path)).items()) offered.insert(item.key());
    }
    const std::set<std::string> names(list.kinds.names.begin(), list.kinds.names.end());
    EXPECT_EQ(names.size(), list.kinds.names.size()) << "one name twice: " << list.kinds.what;
    EXPECT_EQ(names, offered) << list.kinds.what;
  }
}

TEST(GeneratorKinds, AreAllChosenForSomeSeed) {
  std::map<std::string, std::set<std::string>> chosen;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CharacterDesign design = design_character(seed);
    for (const ChoiceList& list : choice_lists()) chosen[list.kinds.what].insert(choice_of(list).of(design));
  }
  for (const ChoiceList& list : choice_lists()) {
    chosen[list.kinds.what].erase("");  // empty hands
    EXPECT_EQ(chosen[list.kinds.what],
              std::set<std::string>(list.kinds.names.begin(), list.kinds.names.end()))
        << list.kinds.what;
  }
}

TEST(GeneratorKinds, NameKindsThatTakeTheirPlaceUnderHats) {
  for (const Kinds<HairStyle>* styles : {&front_hair_styles(), &back_hair_styles()}) {
    for (const HairStyle& style : styles->rows) {
      if (style.under_hat.empty()) continue;
      EXPECT_EQ(styles->named(style.under_hat).under_hat, "") << style.name;
    }
  }
  for (const Accessory& hat : headwear().rows) {
    if (hat.back_hair.empty()) continue;
    EXPECT_NO_THROW((void)back_hair_styles().named(hat.back_hair)) << hat.name;
  }
}

TEST(GeneratorKinds, OfAccessoriesHaveNamesOfTheirOwn) {
  std::map<std::string_view, std::string_view> seen;
  for (const Kinds<Accessory>* kinds :
       {&glasses(), &head_accessories(), &headwear(), &hair_accessories(), &neckwear()}) {
    for (const Accessory& accessory : kinds->rows) {
      if (accessory.is_nothing()) continue;
      EXPECT_TRUE(seen.try_emplace(accessory.name, kinds->what).second) << accessory.name;
    }
  }
}

TEST(GeneratorKinds, UnknownOnesOfADesignAreRefusedWithTheNearest) {
  for (const ChoiceList& list : choice_lists()) {
    for (const std::string& name : {list.kinds.names.front(), list.kinds.names.back()}) {
      const std::string message = message_of([&] { (void)painted(choice_of(list), name + "x"); });
      EXPECT_EQ(message, "'" + name + "x' is no " + list.kinds.what + "; did you mean '" + name + "'?");
    }
  }
}

}  // namespace
}  // namespace tha4::generator
