#include "tha4/weights/weights_storage.h"

#include <limits>

#include "quantized_tensor.h"
#include "weights_fixtures.h"

#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// A network with what the rules tell apart.
StateDict some_network() {
  torch::manual_seed(1);
  StateDict state;
  state.insert("conv.weight", at::randn({16, 8, 3, 3}));
  state.insert("conv.bias", at::randn({4096}));
  state.insert("few.weight", at::randn({31, 33}));
  state.insert("thin.weight", at::randn({512, 7}));
  state.insert("steps", at::arange(2000).view({40, 50}));
  state.insert("linear.weight", at::randn({40, 50}, at::kDouble));
  return state;
}

StateDict state_of(const at::Tensor& weight) {
  StateDict state;
  state.insert("a", weight);
  return state;
}

TEST(Int8Storage, KeepsLargeTensorsAsIntegersWithScales) {
  const fs::path file = fresh_folder("int8_file") / "a.safetensors";
  EXPECT_EQ(write_weights(file, some_network(), WeightsStorage::int8), std::vector<fs::path>{file});
  TensorMetadata metadata;
  const StateDict kept = read_safetensors(file, &metadata);
  EXPECT_EQ(metadata, (TensorMetadata{{"format", "pt"}, {"quantization", "int8 per output channel"}}));
  EXPECT_EQ(kept.keys(),
            (std::vector<std::string>{"conv.weight", "conv.weight.scale", "conv.bias", "few.weight",
                                      "thin.weight", "steps", "linear.weight", "linear.weight.scale"}));
  for (const char* name : {"conv.weight", "linear.weight"}) {
    EXPECT_EQ(kept[name].scalar_type(), at::kChar);
    EXPECT_EQ(kept[std::string(name) + ".scale"].scalar_type(), at::kFloat);
    EXPECT_EQ(kept[std::string(name) + ".scale"].sizes(), at::IntArrayRef{kept[name].size(0)});
  }

  const StateDict before = some_network();
  const StateDict after = read_weights(file);
  ASSERT_EQ(after.keys(), before.keys());
  for (const char* name : {"conv.bias", "few.weight", "thin.weight", "steps"}) {
    EXPECT_TRUE(at::equal(after[name], before[name])) << name;
  }
  for (const char* name : {"conv.weight", "linear.weight"}) {
    EXPECT_EQ(after[name].scalar_type(), at::kFloat);
    const at::Tensor largest = before[name].flatten(1).abs().amax(1);
    const at::Tensor error = (after[name] - before[name]).flatten(1).abs().amax(1);
    EXPECT_TRUE((error <= largest / 127 / 2).all().item<bool>()) << name;
    EXPECT_TRUE((error > largest / 127 / 4).any().item<bool>()) << name;
  }
}

TEST(Int8Storage, GivesMultiplesOfTheScaleBackAndThenTheSameBytes) {
  const fs::path folder = fresh_folder("int8_exact");
  at::Tensor multiples = at::arange(-127, 128).repeat({6, 10}).to(at::kFloat);
  multiples *= at::tensor({1.0F, 0x1p-20F, 0x1.2345p-9F, 3.5F, 0x1p90F, 0.0F}).unsqueeze(1);
  write_weights(folder / "a.safetensors", state_of(multiples), WeightsStorage::int8);
  expect_equal(read_weights(folder / "a.safetensors"), state_of(multiples));

  write_weights(folder / "b.safetensors", some_network(), WeightsStorage::int8);
  write_weights(folder / "c.safetensors", read_weights(folder / "b.safetensors"), WeightsStorage::int8);
  EXPECT_EQ(read_text_file(folder / "b.safetensors"), read_text_file(folder / "c.safetensors"));
}

TEST(Int8Storage, RoundsToTheNearestStepWithinHalfOfIt) {
  torch::manual_seed(2);
  // From a channel of zeros over the smallest of all floats to weights as large as can be kept.
  const at::Tensor sizes = at::tensor({0.0F, 1e-45F, 1e-37F, 1e-30F, 1e-3F, 1.0F, 1e30F, kMaxQuantized});
  at::Tensor weights = (at::rand({8, 4096}) * 2 - 1) * sizes.unsqueeze(1);
  weights.select(1, 0) = sizes;
  weights.select(1, 1) = -sizes;
  const QuantizedTensor quantized = quantize(weights);
  const at::Tensor found = dequantized(quantized.integers, quantized.scale);
  EXPECT_TRUE(at::isfinite(found).all().item<bool>());
  const at::Tensor error = (found.to(at::kDouble) - weights.to(at::kDouble)).abs().amax(1);
  const at::Tensor half_step = quantized.scale.to(at::kDouble) / 2;
  for (int channel = 0; channel < sizes.size(0); ++channel) {
    EXPECT_LE(error[channel].item<double>(), std::max(half_step[channel].item<double>(), 1e-36)) << channel;
  }
  EXPECT_TRUE(at::equal(quantized.integers.amax(1).slice(0, 3), at::full({5}, 127, at::kChar)));
  EXPECT_TRUE(at::equal(quantized.integers.amin(1).slice(0, 3), at::full({5}, -127, at::kChar)));
  EXPECT_EQ(quantized.integers.slice(0, 0, 2).abs().max().item<int>(), 0);
}

TEST(Float16AndFloat32Storage, ChangeTheTypeOfFloatsAlone) {
  const fs::path folder = fresh_folder("float_storage");
  const StateDict before = some_network();
  for (const char* extension : {".safetensors", ".pt"}) {
    const fs::path file = folder / (std::string("a") + extension);
    write_weights(file, before, WeightsStorage::float16);
    StateDict expected = some_network();
    for (const char* name : {"conv.weight", "linear.weight"}) expected[name] = before[name].to(at::kHalf);
    expect_equal(read_weights(file), expected);

    write_weights(file, before, WeightsStorage::float32);
    expected["conv.weight"] = before["conv.weight"];
    expected["linear.weight"] = before["linear.weight"].to(at::kFloat);
    expect_equal(read_weights(file), expected);

    write_weights(file, before, WeightsStorage::as_is);
    expect_equal(read_weights(file), before);
  }
  EXPECT_EQ(parse_weights_storage("int8"), WeightsStorage::int8);
  EXPECT_EQ(parse_weights_storage("float16"), WeightsStorage::float16);
  EXPECT_EQ(parse_weights_storage("float32"), WeightsStorage::float32);
  EXPECT_EQ(input_error_message([] { parse_weights_storage("as_is"); }),
            "weights cannot be kept as 'as_is'; name float32, float16 or int8");
}

TEST(WeightsStorage, RefusesToWriteWhatCouldNotBeReadBack) {
  const fs::path file = fresh_folder("storage_refusals") / "a.safetensors";
  const std::string cannot = "cannot write " + file.string() + ": the tensor ";
  const auto refusal = [&](const StateDict& state, WeightsStorage storage) {
    const std::string message = input_error_message([&] { write_weights(file, state, storage); });
    EXPECT_FALSE(fs::exists(file));
    return message;
  };
  const auto with = [](double value) {
    at::Tensor weight = at::ones({32, 32});
    weight[3][4] = value;
    return state_of(weight);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {nan, infinity, -infinity}) {
    for (const auto storage : {WeightsStorage::float32, WeightsStorage::int8}) {
      EXPECT_EQ(refusal(with(value), storage),
                cannot + "'a' has values that are not finite, or too large for float32");
    }
  }
  EXPECT_EQ(refusal(with(1e5), WeightsStorage::float16),
            cannot + "'a' has values that are not finite, or too large for float16");
  EXPECT_EQ(refusal(with(-3e38), WeightsStorage::int8),
            cannot + "'a' has values that are too large for int8 with a scale");
  for (const auto storage : {WeightsStorage::as_is, WeightsStorage::int8}) {
    EXPECT_EQ(refusal(state_of(at::ones({2}, at::kChar)), storage),
              cannot + "'a' has 8-bit integers, which would be taken for weights without their scale");
  }
  StateDict scaled;
  scaled.insert("norm.scale", at::ones({2}));
  EXPECT_EQ(refusal(scaled, WeightsStorage::int8),
            cannot + "'norm.scale' has the name of a scale, which int8 keeps for its own");
  write_weights(file, scaled, WeightsStorage::float16);
  expect_equal(read_weights(file), scaled);

  const fs::path archive = file.parent_path() / "a.pt";
  EXPECT_EQ(input_error_message([&] { write_weights(archive, with(1), WeightsStorage::int8); }),
            "cannot write " + archive.string() + " as int8: only .safetensors files can be");
  EXPECT_EQ(input_error_message([&] { write_weights(archive, with(1), WeightsStorage::as_is, 1 << 20); }),
            "cannot write " + archive.string() + " in pieces: only .safetensors files can be");
}

class Int8Files : public testing::Test {
 protected:
  /// What read_weights says of a file with two channels, as \p change leaves it.
  std::string read(const std::function<void(StateDict&, TensorMetadata&)>& change) const {
    StateDict state;
    state.insert("a", at::tensor({-127, 5, 6, 127}).to(at::kChar).view({2, 2}));
    state.insert("a.scale", at::tensor({0.5F, 2.0F}));
    state.insert("b", at::ones({3}));
    TensorMetadata metadata = {{"quantization", "int8 per output channel"}};
    change(state, metadata);
    write_safetensors(file_, state, metadata);
    std::string message = input_error_message([&] { read_weights(file_); });
    if (message.starts_with(file_.string() + ": ")) message.erase(0, file_.string().size() + 2);
    return message;
  }

  std::string read_with_scale(const at::Tensor& scale) const {
    return read([&](StateDict& state, TensorMetadata&) { state["a.scale"] = scale; });
  }

  const fs::path file_ = fresh_folder("int8_damaged") / "a.safetensors";
};

TEST_F(Int8Files, AreReadAsNumbers) {
  EXPECT_EQ(read([](StateDict&, TensorMetadata&) {}), "no error");
  StateDict expected;
  expected.insert("a", at::tensor({-63.5F, 2.5F, 12.0F, 254.0F}).view({2, 2}));
  expected.insert("b", at::ones({3}));
  expect_equal(read_weights(file_), expected);
}

TEST_F(Int8Files, MustSaySo) {
  EXPECT_EQ(read([](StateDict&, TensorMetadata& metadata) { metadata.clear(); }),
            "the tensor 'a' has 8-bit integers, but no text 'quantization' says that they have scales");
  EXPECT_EQ(read([](StateDict&, TensorMetadata& metadata) { metadata["quantization"] = "int4\n"; }),
            "its quantization is 'int4?'; only 'int8 per output channel' and 'packed integers with steps' "
            "can be read");
}

TEST_F(Int8Files, MustHaveAScaleForEachTensorOfIntegersAndNoOther) {
  EXPECT_EQ(read([](StateDict& state, TensorMetadata&) { state.erase("a.scale"); }),
            "the tensor 'a' has 8-bit integers, but their scale 'a.scale' is missing");
  EXPECT_EQ(read([](StateDict& state, TensorMetadata&) { state.insert("b.scale", at::ones({3})); }),
            "the scale 'b.scale' belongs to no tensor of 8-bit integers");
  EXPECT_EQ(read([](StateDict& state, TensorMetadata&) { state.erase("a"); }),
            "the scale 'a.scale' belongs to no tensor of 8-bit integers");
  EXPECT_EQ(read([](StateDict& state, TensorMetadata&) { state["a"] = at::ones({}, at::kChar); }),
            "the tensor 'a' has a scale, but no dimension of output channels");
}

TEST_F(Int8Files, MustHaveScalesOfTheRightFormAndSize) {
  const std::string needs = ", but its tensor needs float32 and [2]";
  EXPECT_EQ(read_with_scale(at::ones({3})), "the scale 'a.scale' is of type float32 and shape [3]" + needs);
  EXPECT_EQ(read_with_scale(at::ones({})), "the scale 'a.scale' is of type float32 and shape []" + needs);
  EXPECT_EQ(read_with_scale(at::ones({2, 1})),
            "the scale 'a.scale' is of type float32 and shape [2, 1]" + needs);
  EXPECT_EQ(read_with_scale(at::ones({2}, at::kHalf)),
            "the scale 'a.scale' is of type float16 and shape [2]" + needs);
  EXPECT_EQ(read_with_scale(at::ones({2}, at::kChar)),
            "the scale 'a.scale' is of type int8 and shape [2]" + needs);
  for (const float value : {-1.0F, std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity(), std::numeric_limits<float>::max()}) {
    EXPECT_EQ(read_with_scale(at::tensor({1.0F, value})),
              "the scale 'a.scale' has a value that is negative, not finite or too large")
        << value;
  }
  EXPECT_EQ(read_with_scale(at::zeros({2})), "no error");
}

}  // namespace
}  // namespace tha4
