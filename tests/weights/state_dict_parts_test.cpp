#include "tha4/weights/state_dict_parts.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <torch/types.h>

namespace tha4 {
namespace {

TEST(StateDictParts, ComeBackFromUnderTheirPrefixes) {
  StateDict layer;
  layer.insert("weight", torch::ones({2}));
  StateDict whole;
  add_part(whole, "a.", layer);
  add_part(whole, "a.b.", layer);
  add_part(whole, "", layer);
  EXPECT_EQ(whole.keys(), (std::vector<std::string>{"a.weight", "a.b.weight", "weight"}));
  const StateDict part = part_of(whole, "a.");
  EXPECT_EQ(part.keys(), (std::vector<std::string>{"weight", "b.weight"}));
  EXPECT_TRUE(part["weight"].is_same(layer["weight"]));
  EXPECT_TRUE(part_of(whole, "c.").is_empty());
}

}  // namespace
}  // namespace tha4
