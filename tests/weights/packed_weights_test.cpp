#include "tha4/weights/packed_weights.h"

#include <limits>

#include "weights_fixtures.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/weights/safetensors.h"
#include "tha4/weights/weights_storage.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// A network with smooth and with rough tensors.
StateDict some_state() {
  torch::manual_seed(4);
  StateDict state;
  state.insert("smooth", torch::sin(torch::arange(2 * 3 * 320).to(torch::kFloat) * 0.02).view({2, 3, 320}));
  state.insert("rough", torch::randn({40, 60}));
  state.insert("plain", torch::randn({50}));
  state.insert("indices", torch::arange(9).to(torch::kShort));
  return state;
}

Packings some_packings() {
  torch::manual_seed(5);
  Packings packings;
  packings["smooth"] = {.steps = torch::rand({2, 3}) * 1e-2 + 1e-3, .row = 16};
  packings["rough"] = {.steps = torch::full({}, 0.01)};
  return packings;
}

fs::path written(const std::string& name, const StateDict& state, const Packings& packings) {
  const fs::path file = fresh_folder(name) / "a.safetensors";
  write_packed_weights(file, state, packings);
  return file;
}

TEST(PackedWeights, ComeBackWithinHalfAStep) {
  const StateDict state = some_state(), again = read_weights(written("packed", state, some_packings()));
  ASSERT_EQ(again.keys(), state.keys());
  EXPECT_TRUE(torch::equal(again["plain"], state["plain"]));
  EXPECT_TRUE(torch::equal(again["indices"], state["indices"]));
  for (const auto& [name, packing] : some_packings()) {
    EXPECT_EQ(again[name].scalar_type(), torch::kFloat);
    ASSERT_EQ(again[name].sizes(), state[name].sizes());
    at::Tensor steps = packing.steps;
    while (steps.dim() < state[name].dim()) steps = steps.unsqueeze(-1);
    const at::Tensor error = (again[name] - state[name]).abs() / steps;
    EXPECT_LE(error.max().item<double>(), 0.5001) << name;
    EXPECT_GT(error.max().item<double>(), 0.45) << name;
  }
}

TEST(PackedWeights, OfMultiplesOfTheirStepsComeBackToTheBit) {
  StateDict state;
  state.insert("a", torch::randint(-32767, 32768, {6, 500}).to(torch::kFloat) * 0x1p-9);
  state.insert("zeros", torch::zeros({3, 1000}));
  Packings packings;
  packings["a"] = {.steps = torch::full({6}, 0x1p-9), .row = 7};
  packings["zeros"] = {.steps = torch::full({3, 1000}, 1e-3)};
  expect_equal(read_weights(written("packed_bits", state, packings)), state);
}

TEST(PackedWeights, MakeStepsLargerWhere16BitsNeedIt) {
  StateDict state;
  state.insert("a", torch::tensor({1e6F, -1e6F, 3.0F}));
  Packings packings;
  packings["a"] = {.steps = torch::full({}, 1e-6)};
  const at::Tensor again = read_weights(written("packed_large", state, packings))["a"];
  EXPECT_LT((again - state["a"]).abs().max().item<double>(), 40);
}

TEST(PackedWeights, TakeLittleRoomWhereNeighboursAreAlikeAndNoneWhereAllIsZero) {
  StateDict state;
  state.insert("smooth", torch::sin(torch::arange(100 * 1024).to(torch::kFloat) * 1e-3).view({100, 1024}));
  state.insert("zeros", torch::zeros({100, 1024}));
  Packings packings;
  packings["smooth"] = {.steps = torch::full({100}, 1e-3), .row = 1024};
  packings["zeros"] = packings["smooth"];
  const fs::path file = written("packed_small", state, packings);
  EXPECT_LT(fs::file_size(file), 40'000);
  EXPECT_TRUE(is_packed_weights(file));
  write_weights(file.parent_path() / "b.safetensors", state);
  EXPECT_FALSE(is_packed_weights(file.parent_path() / "b.safetensors"));
}

TEST(PackedWeights, RefuseWhatCannotBePacked) {
  StateDict state = some_state();
  const auto complaint = [&](const std::string& name, const Packing& packing) {
    Packings packings;
    packings[name] = packing;
    return input_error_message([&] { written("packed_refused", state, packings); });
  };
  EXPECT_NE(
      complaint("rough", {.steps = torch::ones({3})}).find("'rough' cannot be packed with steps of [3]"),
      std::string::npos);
  EXPECT_NE(complaint("rough", {.steps = torch::zeros({40})}).find("'rough' cannot be packed"),
            std::string::npos);
  state["rough"][0][0] = std::numeric_limits<float>::infinity();
  EXPECT_NE(complaint("rough", {.steps = torch::ones({40})}).find("'rough' has values that are not finite"),
            std::string::npos);
  state.insert("a.step", torch::zeros({1}));
  EXPECT_NE(complaint("smooth", {.steps = torch::ones({2})}).find("keep for their own"), std::string::npos);
}

/// What is said of the file of some_state() when \p change is made to its tensors.
template <class Change>
std::string complaint_after(Change change) {
  const fs::path file = written("packed_damaged", some_state(), some_packings());
  TensorMetadata metadata;
  const StateDict read = read_safetensors(file, &metadata);
  StateDict changed;
  for (const auto& item : read) {
    const at::Tensor tensor = change(item.key(), item.value());
    if (tensor.defined()) changed.insert(item.key(), tensor);
  }
  write_safetensors(file, changed, metadata);
  return input_error_message([&] { read_weights(file); });
}

/// \p with in place of the tensor \p name.
std::string complaint_with(const std::string& name, const at::Tensor& with) {
  return complaint_after(
      [&](const std::string& key, const at::Tensor& tensor) { return key == name ? with : tensor; });
}

TEST(PackedWeights, SayWhatIsWrongWithAFile) {
  const auto says = [](const std::string& complaint, const std::string& words) {
    EXPECT_NE(complaint.find(words), std::string::npos) << complaint;
  };
  says(complaint_with("rough.step", {}), "the tensor 'rough.step' of a packed one is missing");
  says(complaint_with("rough", {}), "the tensor 'rough' of a packed one is missing");
  says(complaint_with("rough", torch::zeros({80})), "its parts are not of the types");
  says(complaint_with("rough", torch::zeros({80}, torch::kUInt8)), "it is damaged");
  says(complaint_with("rough.form", torch::tensor({40, 61, 0}, torch::kLong)), "it is damaged");
  says(complaint_with("rough.form", torch::tensor({1 << 20, 1 << 20, 0}, torch::kLong)), "are of no tensor");
  says(complaint_with("rough.form", torch::tensor({1 << 14, 1 << 13, 0}, torch::kLong)), "it is damaged");
  says(complaint_with("smooth.step", torch::ones({3})), "are of no tensor");
  says(complaint_with("smooth.step", -torch::ones({2, 3})), "a step that is not above 0");
}

}  // namespace
}  // namespace tha4
