#include "tha4/weights/state_dict.h"

#include <cmath>

#include "weights_fixtures.h"
#include <nlohmann/json.hpp>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>

#include "tha4/base/config.h"
#include "tha4/weights/torch_archive.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

struct Block : torch::nn::Module {
  Block() {
    linear = register_module("linear", torch::nn::Linear(3, 2));
    norm = register_module("norm", torch::nn::BatchNorm1d(2));
    scale = register_parameter("scale", torch::ones({1}));
  }
  torch::nn::Linear linear{nullptr};
  torch::nn::BatchNorm1d norm{nullptr};
  torch::Tensor scale;
};

StateDict copy_of(const StateDict& state) {
  StateDict copy;
  for (const auto& item : state) copy.insert(item.key(), item.value().detach().clone());
  return copy;
}

TEST(StateDictOf, HasTheOrderOfPyTorchAndSharesMemory) {
  Block block;
  const StateDict state = state_dict_of(block);
  EXPECT_EQ(state.keys(),
            (std::vector<std::string>{"scale", "linear.weight", "linear.bias", "norm.weight", "norm.bias",
                                      "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"}));
  EXPECT_TRUE(state["linear.weight"].is_same(block.linear->weight));
}

TEST(LoadStateDict, CopiesAndConverts) {
  Block block;
  StateDict state = copy_of(state_dict_of(block));
  state["linear.weight"] = at::arange(6, at::kHalf).reshape({2, 3});
  state["norm.running_mean"] = at::arange(2, at::kDouble);
  load_state_dict(block, state, "x.pt");
  EXPECT_TRUE(at::equal(block.linear->weight, at::arange(6, at::kFloat).reshape({2, 3})));
  EXPECT_TRUE(at::equal(block.norm->running_mean, at::arange(2, at::kFloat)));
  EXPECT_TRUE(block.linear->weight.requires_grad());
}

TEST(LoadStateDict, ChecksAllBeforeItCopies) {
  Block block;
  const StateDict before = copy_of(state_dict_of(block));
  const auto load = [&](const std::function<void(StateDict&)>& change) {
    StateDict state;
    for (const auto& item : before) state.insert(item.key(), at::full_like(item.value(), 9));
    change(state);
    const std::string message = input_error_message([&] { load_state_dict(block, state, "x.pt"); });
    expect_equal(state_dict_of(block), before);
    return message;
  };
  EXPECT_EQ(load([](StateDict& state) {
              state["norm.num_batches_tracked"] = at::zeros({2, 1});
            }),
            "x.pt: the tensor 'norm.num_batches_tracked' has the shape [2, 1], but the network needs []");
  EXPECT_EQ(
      load([](StateDict& state) {
        state.erase("linear.weight");
        state.insert("linear.wieght", at::zeros({2, 3}));
      }),
      "x.pt: the tensor 'linear.weight' is missing; the nearest of its other tensors is 'linear.wieght'; "
      "is this a file of another network?");
  EXPECT_EQ(load([](StateDict& state) {
              state.erase("linear.weight");
              state.erase("scale");
            }),
            "x.pt: the tensor 'scale' is missing (and 1 more); is this a file of another network?");
  EXPECT_EQ(
      load([](StateDict& state) {
        state.insert("linear.wieght", at::zeros({2, 3}));
      }),
      "x.pt: the network has no tensor 'linear.wieght'; the nearest of its tensors is 'linear.weight'; is "
      "this a file of another network?");
}

TEST(LoadStateDict, RefusesIntegersAndSaysWhatIsTransposed) {
  Block block;
  StateDict state = copy_of(state_dict_of(block));
  state["linear.weight"] = at::ones({2, 3}, at::kShort);
  EXPECT_EQ(
      input_error_message([&] { load_state_dict(block, state, "x.pt"); }),
      "x.pt: the tensor 'linear.weight' is of type int16, integers without a scale, but the network needs "
      "numbers; save the weights as float32");
  state["linear.weight"] = at::ones({3, 2});
  EXPECT_EQ(input_error_message([&] { load_state_dict(block, state, "x.pt"); }),
            "x.pt: the tensor 'linear.weight' has the shape [3, 2], but the network needs [2, 3]; it is "
            "transposed: save the weights as PyTorch's layers have them");
}

TEST(ReadWeights, RefusesWhatIsNotFinite) {
  const fs::path folder = fresh_folder("not_finite");
  for (const char* name : {"a.pt", "a.safetensors"}) {
    for (const float value : {std::nanf(""), INFINITY, -INFINITY}) {
      for (const at::ScalarType type : {at::kFloat, at::kHalf, at::kBFloat16, at::kDouble}) {
        StateDict state;
        state.insert("good", at::full({3}, 60'000.0F).to(type));
        state.insert("bad", at::tensor({1.0F, value}).to(type));
        write_weights(folder / name, state);
        EXPECT_EQ(input_error_message([&] { read_weights(folder / name); }),
                  (folder / name).string() +
                      ": the tensor 'bad' has values that are not finite numbers (NaN or infinity); the "
                      "training that made it diverged, or the file is damaged: use an earlier one");
      }
    }
  }
  StateDict large;
  large.insert("large", at::full({3}, 3e38F));
  write_weights(folder / "large.pt", large);
  EXPECT_EQ(read_weights(folder / "large.pt").size(), 1U) << "finite, though the sum is not";
  StateDict doubles;
  doubles.insert("huge", at::full({3}, 1e300, at::kDouble));
  write_weights(folder / "doubles.pt", doubles);
  EXPECT_EQ(input_error_message([&] { read_weights(folder / "doubles.pt"); }),
            (folder / "doubles.pt").string() +
                ": the tensor 'huge' has values that are too large for 32 bits, which networks calculate in");
}

TEST(ReadWeights, LeavesOutTheNamesOfWrappers) {
  const fs::path file = fresh_folder("wrapped") / "a.safetensors";
  const auto keys = [&](const std::vector<std::string>& names) {
    StateDict state;
    for (const std::string& name : names) state.insert(name, at::ones({1}));
    write_weights(file, state);
    return read_weights(file).keys();
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(keys({"module.a.weight", "module.a.bias"}), (Names{"a.weight", "a.bias"}));
  EXPECT_EQ(keys({"_orig_mod.module.a", "_orig_mod.module.b"}), (Names{"a", "b"}));
  EXPECT_EQ(keys({"module.a", "b"}), (Names{"module.a", "b"})) << "not before all names";
  // Of parts that were compiled or distributed by themselves, and of an average of weights.
  EXPECT_EQ(keys({"face._orig_mod.a", "body.b"}), (Names{"face.a", "body.b"}));
  EXPECT_EQ(keys({"_fsdp_wrapped_module.face._checkpoint_wrapped_module.a", "_fsdp_wrapped_module.b"}),
            (Names{"face.a", "b"}));
  EXPECT_EQ(keys({"n_averaged", "module.a", "module.b"}), (Names{"a", "b"}));
  EXPECT_EQ(keys({"n_averaged", "a"}), (Names{"n_averaged", "a"}));
  EXPECT_EQ(keys({"face._orig_mod.a", "face.a"}), (Names{"face._orig_mod.a", "face.a"}))
      << "two would be one";
}

TEST(LoadStateDict, RefusesNumbersThatNoNetworkHas) {
  torch::nn::Linear layer(2, 2);
  StateDict state;
  state.insert("weight", at::full({2, 2}, -2e30F));
  state.insert("bias", at::zeros({2}));
  EXPECT_EQ(input_error_message([&] { load_state_dict(*layer, state, "a.pt"); }),
            "a.pt: the tensor 'weight' has values as large as 2.0e+30, which no trained network has; the "
            "training that made it diverged, or the file is damaged: use an earlier one");
}

void expect_in_manifest(const StateDict& state, const nlohmann::json& manifest, bool full_size) {
  EXPECT_FALSE(state.is_empty());
  if (full_size) {
    EXPECT_EQ(state.size(), manifest.size());
  }
  for (const auto& item : state) {
    ASSERT_TRUE(manifest.contains(item.key())) << item.key();
    const nlohmann::json& entry = manifest[item.key()];
    const auto shape = entry[0].get<std::vector<std::int64_t>>();
    EXPECT_EQ(item.value().dim(), static_cast<std::int64_t>(shape.size())) << item.key();
    if (full_size) {
      EXPECT_EQ(item.value().sizes(), shape) << item.key();
    }
    EXPECT_EQ(entry[1], "float32");
    EXPECT_EQ(item.value().scalar_type(), at::kFloat) << item.key();
  }
}

TEST(ReadWeights, ReadsTheOfficialNetworks) {
  const nlohmann::json manifest = read_json_file(data_file("state_dict_manifest.json"));
  const auto read = [](const std::string& folder, const std::string& name) {
    return read_weights(data_file(folder) / (name + ".pt"));
  };
  for (const char* name : {"face_morpher", "body_morpher"}) {
    expect_in_manifest(read("random_student", name), manifest.at(std::string("student_") + name), true);
  }
  // These are narrower than the official ones, and lack the layers that only join different widths.
  for (const char* name :
       {"eyebrow_decomposer", "eyebrow_morphing_combiner", "face_morpher", "body_morpher", "upscaler"}) {
    expect_in_manifest(read("random_teacher", name), manifest.at(name), false);
  }
  const nlohmann::json tha3 = read_json_file(data_file("random_tha3_teacher/manifest_full.json"));
  for (const char* name : {"eyebrow_decomposer", "eyebrow_morphing_combiner", "face_morpher",
                           "two_algo_face_body_rotator", "editor"}) {
    expect_in_manifest(read("random_tha3_teacher", name), tha3.at(std::string("tha3_") + name), false);
  }
}

/// All types but the one that safetensors keep weights in, with a scale.
StateDict types_of_numbers() {
  StateDict state = all_types();
  state.erase("int8");
  return state;
}

TEST(ReadWeights, GoesByTheContent) {
  const fs::path folder = fresh_folder("content");
  write_weights(folder / "b.safetensors", types_of_numbers());
  fs::rename(folder / "b.safetensors", folder / "a.pt");
  fs::copy_file(data_file("weights/all_types.pt"), folder / "a.safetensors");
  expect_equal(read_weights(folder / "a.pt"), types_of_numbers());
  EXPECT_EQ(read_weights(folder / "a.safetensors").size(), all_types().size());
}

TEST(ReadWeights, SaysWhatElseTheFileIs) {
  const fs::path file = fresh_folder("else") / "a.pt";
  const auto message = [&](const std::string& content) {
    write_text_file(file, content);
    return input_error_message([&] { read_weights(file); });
  };
  EXPECT_EQ(message("version https://git-lfs.github.com/spec/v1\n"),
            file.string() +
                " is a pointer of Git LFS, not the file itself; run 'git lfs pull' where it was cloned, or "
                "download the file");
  EXPECT_EQ(message("\x1f\x8b\x08 compressed"),
            file.string() + " is an archive (gzip), not the file itself; unpack it, and name what is in it");
  EXPECT_EQ(message("<!DOCTYPE html>"), file.string() + " is a web page; download the file itself");
  EXPECT_EQ(message(""), file.string() + ": is no file of weights: it is empty");
  EXPECT_EQ(
      message("\x89PNG"),
      file.string() + ": is no file of weights; expected is a file of torch.save or a safetensors file");
  EXPECT_EQ(input_error_message([&] { read_weights(file.parent_path() / "none.pt"); }),
            "cannot read " + (file.parent_path() / "none.pt").string() + ": No such file or directory");
  EXPECT_EQ(input_error_message([&] { read_weights(file.parent_path()); }),
            "cannot read " + file.parent_path().string() + ": it is not a regular file");
}

TEST(WriteWeights, GoesByTheExtension) {
  const fs::path folder = fresh_folder("extension");
  write_weights(folder / "a.pt", all_types());
  write_weights(folder / "a.safetensors", types_of_numbers());
  EXPECT_EQ(read_text_file(folder / "a.pt").substr(0, 2), "PK");
  EXPECT_EQ(read_text_file(folder / "a.safetensors")[8], '{');
  EXPECT_EQ(input_error_message([&] { write_weights(folder / "a.bin", all_types()); }),
            "cannot write " + (folder / "a.bin").string() + ": its name must end in .pt or .safetensors");
}

}  // namespace
}  // namespace tha4
