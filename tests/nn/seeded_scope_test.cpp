#include "tha4/nn/blocks/seeded_scope.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tha4/nn/student/siren_face_morpher.h"

namespace tha4 {
namespace {

StateDict new_weights() {
  return state_dict_of(*SirenFaceMorpher(SirenOptions{.width = 8, .sine_layers = 2}));
}

TEST(SeededScope, NetworksBeginAsAfterManualSeed) {
  torch::manual_seed(12);
  const StateDict expected = new_weights();
  torch::manual_seed(3);
  const SeededScope seeded(12);
  const StateDict weights = new_weights();
  for (const auto& item : expected) {
    EXPECT_TRUE(torch::equal(item.value(), weights[item.key()])) << item.key();
  }
}

TEST(SeededScope, NumbersOfTheUserGoOnAsIfNothingHadBeenDrawn) {
  torch::manual_seed(5);
  torch::randn({3});  // of normal numbers, the second half of a pair may wait for its turn
  const torch::Tensor normal = torch::randn({5});
  const torch::Tensor uniform = torch::rand({5});
  torch::manual_seed(5);
  torch::randn({3});
  {
    const SeededScope outer(1);
    const SeededScope inner(2);
    new_weights();
  }
  EXPECT_TRUE(torch::equal(torch::randn({5}), normal));
  EXPECT_TRUE(torch::equal(torch::rand({5}), uniform));
}

TEST(SeededScope, EndsWhereNetworksCannotBeMade) {
  torch::manual_seed(5);
  const torch::Tensor expected = torch::rand({5});
  torch::manual_seed(5);
  try {
    const SeededScope seeded(1);
    torch::rand({2});
    throw std::runtime_error("not made");
  } catch (const std::runtime_error&) {
  }
  EXPECT_TRUE(torch::equal(torch::rand({5}), expected));
}

}  // namespace
}  // namespace tha4
