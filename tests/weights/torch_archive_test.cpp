#include "tha4/weights/torch_archive.h"

#include "output_file.h"
#include "weights_fixtures.h"
#include "zip_writer.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

class FilesOfPyTorch : public testing::TestWithParam<const char*> {};

TEST_P(FilesOfPyTorch, HoldEveryElementType) {
  expect_equal(read_torch_archive(data_file("weights") / GetParam()), all_types());
}

INSTANTIATE_TEST_SUITE_P(ReadTorchArchive, FilesOfPyTorch,
                         testing::Values("all_types.pt", "protocol3.pt", "protocol4.pt", "protocol5.pt",
                                         "no_crc.pt", "old_format.pt"));

class ViewsOfPyTorch : public testing::TestWithParam<const char*> {};

TEST_P(ViewsOfPyTorch, BecomeContiguous) {
  const StateDict state = read_torch_archive(data_file("weights") / GetParam());
  const at::Tensor base = at::arange(24, at::kFloat).reshape({4, 6});
  StateDict expected;
  expected.insert("base", base);
  expected.insert("transposed", base.t());
  expected.insert("stepped", base.slice(1, 0, 6, 2));
  expected.insert("offset", base.slice(0, 2).slice(1, 3));
  expected.insert("rows", base.slice(0, 1, 3));
  expected.insert("expanded", at::arange(3, at::kFloat).unsqueeze(1).expand({3, 4}));
  expected.insert("channels_last", base.reshape({1, 2, 3, 4}));
  expected.insert("scalar", at::tensor(7.0F).squeeze());
  expected.insert("empty", at::zeros({0, 3}));
  expect_equal(state, expected);
  // Read once, so the memory of contiguous views is that of the whole.
  EXPECT_EQ(state["rows"].storage().data(), state["base"].storage().data());
}

INSTANTIATE_TEST_SUITE_P(ReadTorchArchive, ViewsOfPyTorch, testing::Values("views.pt", "old_views.pt"));

TEST(ReadTorchArchive, FindsParametersInWhatTrainingScriptsSave) {
  const StateDict state = read_torch_archive(data_file("weights/wrapped.pt"));
  EXPECT_EQ(state.keys(),
            (std::vector<std::string>{"first.weight", "first.bias", "norm.weight", "norm.bias",
                                      "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"}));
  EXPECT_TRUE(at::equal(state["first.weight"], at::arange(6, at::kFloat).reshape({2, 3})));
  EXPECT_EQ(state["norm.num_batches_tracked"].scalar_type(), at::kLong);
  EXPECT_FALSE(state["first.weight"].requires_grad());
}

/// Some count their steps by a tensor.
TEST(ReadTorchArchive, PassesOverCountersBesideASetOfWeights) {
  EXPECT_EQ(read_torch_archive(data_file("weights/counted.pt")).keys(), (std::vector<std::string>{"a", "b"}));
}

struct Refused {
  const char* file;
  const char* message;
};

class RefusedFiles : public testing::TestWithParam<Refused> {};

TEST_P(RefusedFiles, AreNamedWithTheReason) {
  const fs::path file = data_file("weights") / GetParam().file;
  EXPECT_EQ(input_error_message([&] { read_torch_archive(file); }),
            file.string() + ": " + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    ReadTorchArchive, RefusedFiles,
    testing::Values(
        Refused{
            "object.pt",
            "contains 'argparse.Namespace', which is not a tensor, a storage or an ordered dict; save only "
            "the weights, in Python: torch.save(model.state_dict(), ...)"},
        Refused{"module.pt",
                "contains 'torch.nn.modules.linear.Linear', which is not a tensor, a storage or an ordered "
                "dict; save only the weights, in Python: torch.save(model.state_dict(), ...)"},
        Refused{"list.pt", "holds a list; expected is a dict from names to tensors"},
        Refused{"number.pt", "'epoch' is a whole number; expected are tensors alone"}));

TEST(WriteTorchArchive, RoundTripsEveryElementType) {
  const fs::path file = fresh_folder("round_trip") / "all.pt";
  write_torch_archive(file, all_types());
  expect_equal(read_torch_archive(file), all_types());
}

TEST(WriteTorchArchive, WritesViewsAndGradientsAsPlainTensors) {
  const fs::path file = fresh_folder("round_trip_views") / "views.pt";
  StateDict state;
  state.insert("transposed", at::arange(6, at::kFloat).reshape({2, 3}).t().requires_grad_());
  state.insert("expanded", at::ones({1}).expand({3, 4}));
  state.insert("scalar", at::tensor(7.0F).squeeze());
  state.insert("empty", at::zeros({2, 0, 3}));
  write_torch_archive(file, state);
  const StateDict found = read_torch_archive(file);
  EXPECT_TRUE(at::equal(found["transposed"], state["transposed"]));
  EXPECT_EQ(found["empty"].sizes(), (std::vector<std::int64_t>{2, 0, 3}));
  EXPECT_EQ(found["scalar"].dim(), 0);
  EXPECT_EQ(found["expanded"].sum().item<float>(), 12);
}

TEST(WriteTorchArchive, WritesTheSameBytesAgain) {
  const fs::path folder = fresh_folder("same_bytes");
  write_torch_archive(folder / "a.pt", all_types());
  write_torch_archive(folder / "b.pt", read_torch_archive(folder / "a.pt"));
  EXPECT_EQ(read_text_file(folder / "a.pt"), read_text_file(folder / "b.pt"));
}

TEST(WriteTorchArchive, NamesWhatCannotBeWritten) {
  const fs::path file = fresh_folder("unwritable") / "a.pt";
  const auto message = [&](const std::string& name, const at::Tensor& tensor) {
    StateDict state;
    state.insert(name, tensor);
    try {
      write_torch_archive(file, state);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const std::string begin = "cannot write " + file.string() + ": the tensor ";
  EXPECT_EQ(message("a", at::Tensor()), begin + "'a' is undefined");
  EXPECT_EQ(message("a", at::ones({2}).to_sparse()), begin + "'a' is sparse");
  EXPECT_EQ(message("a", at::ones({2}, at::kComplexFloat)), begin + "'a' has the element type ComplexFloat");
  EXPECT_EQ(message("a", at::empty({2}, at::device(at::kMeta))), begin + "'a' has a shape but no memory");
  EXPECT_EQ(message("a\n\xff", at::ones({2})), begin + "'a?\xff' has a name that is not UTF-8");
  EXPECT_FALSE(fs::exists(file));
}

/// An archive whose description of the tensors is \p pickle, with one storage of six floats, 0 to 5.
class HandMadeArchive : public testing::Test {
 protected:
  std::string write(const std::string& pickle, const std::string& byte_order = "little") {
    const float numbers[6] = {0, 1, 2, 3, 4, 5};
    OutputFile output(file_, file_.string());
    ZipWriter zip(output);
    zip.add("any/data.pkl", std::as_bytes(std::span(pickle)));
    zip.add("any/byteorder", std::as_bytes(std::span(byte_order)));
    zip.add("any/data/0", std::as_bytes(std::span(numbers)));
    zip.finish();
    output.close();
    return input_error_message([&] { state_ = read_torch_archive(file_); });
  }

  /// {'w': tensor}; each part is a piece of pickle.
  static std::string tensor(const std::string& offset, const std::string& sizes, const std::string& strides,
                            const std::string& elements = "K\x06",
                            const std::string& key =
                                "U\x01"
                                "0",
                            const std::string& device =
                                "U\x03"
                                "cpu") {
    return "\x80\x02}U\x01w"
           "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\n" +
           key + device + elements + "tQ" + offset + sizes + strides + "\x89NtRs.";
  }

  std::string message(const std::string& text) const { return file_.string() + ": " + text; }

  fs::path file_ = fresh_folder("hand_made") / "hand.pt";
  StateDict state_;
};

const std::string k0("K\0", 2);
const std::string k2 = "K\x02";
const std::string k3 = "K\x03";
const std::string k1 = "K\x01";
const std::string kMinus1 = "J\xff\xff\xff\xff";
const std::string kHuge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";

std::string pair(const std::string& a, const std::string& b) {
  return a + b + "\x86";
}

TEST_F(HandMadeArchive, IsReadFromAnyDevice) {
  EXPECT_EQ(write(tensor(k0, pair(k2, k3), pair(k3, k1), "K\x06",
                         "U\x01"
                         "0",
                         "U\x06"
                         "cuda:3")),
            "no error");
  EXPECT_TRUE(at::equal(state_["w"], at::arange(6, at::kFloat).reshape({2, 3})));
  EXPECT_TRUE(state_["w"].is_cpu());
}

TEST_F(HandMadeArchive, MustNotReachOutOfItsStorage) {
  const std::string out = message("the tensor 'w' of shape [2, 3] reaches out of its storage of 24 bytes");
  EXPECT_EQ(write(tensor(k1, pair(k2, k3), pair(k3, k1))), out);
  EXPECT_EQ(write(tensor(k0, pair(k2, k3), pair("K\x04", k1))), out);
}

TEST_F(HandMadeArchive, MustHaveAPossibleShape) {
  EXPECT_EQ(write(tensor(kMinus1, pair(k2, k3), pair(k3, k1))),
            message("the shape of tensor 'w' is impossible: [2, 3] with strides [3, 1]"));
  EXPECT_EQ(write(tensor(k0, pair(kMinus1, k3), pair(k3, k1))),
            message("the shape of tensor 'w' is impossible: [-1, 3] with strides [3, 1]"));
  EXPECT_EQ(write(tensor(k0, pair(k2, k3), pair(kMinus1, k1))),
            message("the shape of tensor 'w' is impossible: [2, 3] with strides [-1, 1]"));
  EXPECT_EQ(write(tensor(k0, pair(k2, k3), "(K\x01t")),
            message("the shape of tensor 'w' is impossible: [2, 3] with strides [1]"));
  for (const std::string& sizes : {pair(kHuge, kHuge), pair(k0, kHuge), pair(kHuge, k2)}) {
    EXPECT_NE(write(tensor(k0, sizes, pair(k0, k0))).find("is impossible"), std::string::npos);
  }
  EXPECT_NE(write(tensor(k0, pair(k2, k3), pair(kHuge, kHuge))).find("is impossible"), std::string::npos);
}

TEST_F(HandMadeArchive, MustNotRepeatElementsWithoutEnd) {
  const std::string million("J\x40\x42\x0f\0", 5);
  EXPECT_EQ(
      write(tensor(k0, pair(million, million), pair(k0, k0))),
      message("the tensor 'w' of shape [1000000, 1000000] repeats its elements far beyond the size of the "
              "file; save it with .contiguous()"));
}

TEST_F(HandMadeArchive, MustHaveTheStoragesThatItNames) {
  EXPECT_EQ(write(tensor(k0, pair(k2, k3), pair(k3, k1), "K\x07")),
            message("the storage of tensor 'w' is said to have 7 elements, but has 24 bytes"));
  EXPECT_EQ(
      write(tensor(k0, pair(k2, k3), pair(k3, k1), kHuge)),
      message("the storage of tensor 'w' is said to have 9223372036854775807 elements, but has 24 bytes"));
  EXPECT_EQ(write(tensor(k0, pair(k2, k3), pair(k3, k1), "K\x06",
                         "U\x01"
                         "9")),
            message("the data of tensor 'w' are missing: the archive has no entry 'data/9'"));
}

TEST_F(HandMadeArchive, MustNotClaimToUnpackToMore) {
  write(tensor(k0, pair(k2, k3), pair(k3, k1), "J\xff\xff\xff\x1f"));
  std::string bytes = read_text_file(file_);
  for (const std::size_t name : {bytes.find("any/data/0"), bytes.rfind("any/data/0")}) {
    const bool local = name < bytes.rfind("any/data/0");
    bytes[name - (local ? 22 : 36)] = 8;                            // deflated
    bytes.replace(name - (local ? 8 : 22), 4, "\xfc\xff\xff\x7f");  // unpacked size
  }
  write_text_file(file_, bytes);
  EXPECT_EQ(
      input_error_message([&] { read_torch_archive(file_); }),
      message(
          "the zip entry 'any/data/0' claims to have 2147483644 bytes, which cannot be in it; the file is "
          "damaged"));
}

TEST_F(HandMadeArchive, MustNotHaveTwoTensorsOfOneName) {
  std::string pickle = tensor(k0, pair(k2, k3), pair(k3, k1));
  const std::string item = pickle.substr(3, pickle.size() - 4);
  EXPECT_EQ(write("\x80\x02}" + item + item + "."), message("two tensors are called 'w'"));
}

TEST_F(HandMadeArchive, MayHoldItsWeightsInOneEntry) {
  // {'epoch': 3, 'model': {'w': ...}, 'other': ...}
  const std::string whole = tensor(k0, pair(k2, k3), pair(k3, k1));
  const std::string weights = whole.substr(2, whole.size() - 3);
  const auto saved = [&](const std::string& other) {
    return "\x80\x02}(U\x05"
           "epochK\x03U\x05model" +
           weights + "U\x05other" + other + "u.";
  };
  EXPECT_EQ(write(saved("}U\x02lrK\x01s")), "no error");
  EXPECT_EQ(state_.keys(), (std::vector<std::string>{"w"}));
  // {'model_state_dict': {'w': ...}} within another dict, which is called as nobody can know
  const auto text = [](const std::string& name) {
    return "U" + std::string(1, static_cast<char>(name.size())) + name;
  };
  EXPECT_EQ(write("\x80\x02}(" + text("run") + "}" + text("model_state_dict") + weights + "s" +
                  text("epoch") + "K\x03u."),
            "no error");
  EXPECT_EQ(state_.keys(), (std::vector<std::string>{"w"}));
  EXPECT_EQ(write(saved(weights)),
            message("holds several sets of weights: 'model', 'other'; save the one that "
                    "is meant, in Python: torch.save(content['NAME'], ...)"));
}

TEST_F(HandMadeArchive, MustBeLittleEndian) {
  EXPECT_EQ(
      write(tensor(k0, pair(k2, k3), pair(k3, k1)), "big"),
      message("was saved on a big-endian machine, which is not supported; load and save it on another one"));
}

TEST_F(HandMadeArchive, MustHaveNamesAsKeys) {
  EXPECT_EQ(write("\x80\x02}K\x01K\x02s."),
            message("a key of its dict is a whole number; expected are names of tensors"));
}

TEST(ReadTorchArchive, TellsOtherZipArchivesApart) {
  const fs::path file = fresh_folder("other_zip") / "other.zip";
  const auto write = [&](const std::vector<std::string>& names) {
    OutputFile output(file, file.string());
    ZipWriter zip(output);
    for (const std::string& name : names) zip.add(name, {});
    zip.finish();
    output.close();
    return input_error_message([&] { read_torch_archive(file); });
  };
  EXPECT_EQ(write({"readme.txt"}),
            file.string() + ": is a zip archive, but not one of torch.save: it has no data.pkl");
  // Packed again, in no folder or in one more: of torch.save, though its description is empty here.
  for (const char* name : {"data.pkl", "outer/a/data.pkl", "./a/data.pkl"}) {
    EXPECT_EQ(write({name}).find("it has no data.pkl"), std::string::npos) << name;
  }
  EXPECT_EQ(write({"a/data.pkl", "b/data.pkl"}), file.string() + ": holds more than one file of torch.save");
  EXPECT_EQ(
      write({"a/data.pkl", "a/constants.pkl"}),
      file.string() +
          ": is a TorchScript program; save its weights, in Python: torch.save(model.state_dict(), ...)");
}

}  // namespace
}  // namespace tha4
