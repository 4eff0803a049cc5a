#include "weights_pieces.h"

#include <algorithm>

#include "weights_fixtures.h"

#include "tha4/weights/safetensors.h"
#include "tha4/weights/weights_storage.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFile = 8192;

StateDict numbers(int tensors, int seed = 1) {
  torch::manual_seed(seed);
  StateDict state;
  for (int i = 0; i < tensors; ++i)
    state.insert("layer" + std::to_string(i) + ".weight", at::randn({16, 64}));
  return state;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& item : fs::directory_iterator(folder)) names.push_back(item.path().filename().string());
  std::ranges::sort(names);
  return names;
}

const std::vector<std::string> kThreePieces = {"a-00001-of-00003.safetensors", "a-00002-of-00003.safetensors",
                                               "a-00003-of-00003.safetensors"};

class Pieces : public testing::Test {
 protected:
  std::string read() const {
    std::string message = input_error_message([&] { read_weights(whole_); });
    const std::string folder = folder_.string() + "/";
    if (message.starts_with(folder)) message.erase(0, folder.size());
    return message;
  }

  const fs::path folder_ = fresh_folder("pieces");
  const fs::path whole_ = folder_ / "a.safetensors";
};

TEST_F(Pieces, AreReadAsOneFile) {
  const StateDict state = numbers(3);
  const auto files = write_weights(whole_, state, WeightsStorage::as_is, kMaxFile);
  EXPECT_EQ(names_in(folder_), kThreePieces);
  ASSERT_EQ(files.size(), 3U);
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ(files[i], folder_ / kThreePieces[i]);
    EXPECT_LE(fs::file_size(files[i]), kMaxFile);
  }
  expect_equal(read_weights(whole_), state);
}

TEST_F(Pieces, HoldAScaleBesideItsTensor) {
  const StateDict state = numbers(20);
  const auto files = write_weights(whole_, state, WeightsStorage::int8, kMaxFile);
  EXPECT_GT(files.size(), 3U);
  EXPECT_LT(files.size(), 10U);
  for (const fs::path& file : files) {
    EXPECT_LE(fs::file_size(file), kMaxFile);
    EXPECT_NO_THROW(read_weights(file));
  }
  const fs::path other = folder_ / "other.safetensors";
  write_weights(other, state, WeightsStorage::int8);
  expect_equal(read_weights(whole_), read_weights(other));
}

TEST_F(Pieces, AreNotMadeOfWhatFitsOneFile) {
  EXPECT_EQ(write_weights(whole_, numbers(3), WeightsStorage::as_is, 1 << 20), std::vector<fs::path>{whole_});
  EXPECT_EQ(write_weights(whole_, StateDict(), WeightsStorage::as_is, 1), std::vector<fs::path>{whole_});
  EXPECT_EQ(names_in(folder_), std::vector<std::string>{"a.safetensors"});
}

TEST_F(Pieces, ReplaceWhatWasThereAndAreReplaced) {
  write_weights(folder_ / "b.safetensors", numbers(3), WeightsStorage::as_is, kMaxFile);
  write_weights(whole_, numbers(1), WeightsStorage::as_is);
  write_weights(whole_, numbers(5), WeightsStorage::as_is, kMaxFile);
  EXPECT_FALSE(fs::exists(whole_));
  write_weights(whole_, numbers(3), WeightsStorage::as_is, kMaxFile);
  EXPECT_EQ(names_in(folder_).size(), 6U);
  expect_equal(read_weights(whole_), numbers(3));
  write_weights(whole_, numbers(2));
  EXPECT_EQ(names_in(folder_).size(), 4U);
  expect_equal(read_weights(whole_), numbers(2));
  expect_equal(read_weights(folder_ / "b.safetensors"), numbers(3));
}

TEST_F(Pieces, AllAppearOrNone) {
  // The last name is taken by a folder with something in it, which no file replaces.
  fs::create_directories(folder_ / kThreePieces[2] / "x");
  EXPECT_THROW(write_weights(whole_, numbers(3), WeightsStorage::as_is, kMaxFile), Error);
  EXPECT_EQ(names_in(folder_), std::vector<std::string>{kThreePieces[2]});
}

TEST_F(Pieces, MustSufficeForTheLargestTensor) {
  const std::string message =
      input_error_message([&] { write_weights(whole_, numbers(3), WeightsStorage::as_is, 4096); });
  EXPECT_TRUE(
      message.starts_with("cannot write " + whole_.string() +
                          " in files of at most 4096 bytes: the tensor 'layer0.weight' alone needs up"))
      << message;
  EXPECT_EQ(
      input_error_message([&] { write_weights(whole_, numbers(1000), WeightsStorage::as_is, kMaxFile); }),
      "cannot write " + whole_.string() +
          " in files of at most 8192 bytes: that takes 1000, more than 999; allow more");
  EXPECT_TRUE(names_in(folder_).empty());
}

TEST_F(Pieces, OfOtherProgramsNeedNoText) {
  const StateDict state = numbers(2);
  for (std::size_t i = 0; i < 2; ++i) {
    StateDict part;
    part.insert(state[i].key(), state[i].value());
    write_safetensors(folder_ / ("a-0000" + std::to_string(i + 1) + "-of-00002.safetensors"), part,
                      {{"format", "pt"}});
  }
  expect_equal(read_weights(whole_), state);
}

TEST_F(Pieces, MustBeAWholeSet) {
  write_weights(whole_, numbers(3), WeightsStorage::as_is, kMaxFile);
  fs::remove(folder_ / kThreePieces[1]);
  EXPECT_EQ(read(), "a.safetensors: its piece a-00002-of-00003.safetensors is missing");
  EXPECT_EQ(input_error_message([&] { read_weights(folder_ / "a.pt"); }),
            "cannot read " + (folder_ / "a.pt").string() + ": No such file or directory");
  EXPECT_EQ(input_error_message([&] { read_weights(folder_ / "b.safetensors"); }),
            "cannot read " + (folder_ / "b.safetensors").string() + ": No such file or directory");
}

TEST_F(Pieces, MustBeOfOneSet) {
  write_weights(whole_, numbers(3), WeightsStorage::as_is, kMaxFile);
  const fs::path other = fresh_folder("pieces_other") / "a.safetensors";
  write_weights(other, numbers(3, 2), WeightsStorage::as_is, kMaxFile);
  fs::copy_file(other.parent_path() / kThreePieces[1], folder_ / kThreePieces[1],
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(
      read(),
      "a-00002-of-00003.safetensors: it and a-00001-of-00003.safetensors are of different sets, by their "
      "texts 'piece_set'; get them again");

  write_safetensors(folder_ / "a-00001-of-00002.safetensors", numbers(1));
  EXPECT_EQ(read(),
            "a.safetensors: its pieces a-00001-of-00002.safetensors and a-00001-of-00003.safetensors are of "
            "different sets; keep those of one");
}

TEST_F(Pieces, MustBeKeptAlike) {
  write_safetensors(folder_ / "a-00001-of-00002.safetensors", numbers(1));
  write_safetensors(folder_ / "a-00002-of-00002.safetensors", StateDict(),
                    {{"quantization", "int8 per output channel"}});
  EXPECT_EQ(
      read(),
      "a-00002-of-00002.safetensors: it and a-00001-of-00002.safetensors are of different sets, by their "
      "texts 'quantization'; get them again");
}

TEST_F(Pieces, MustNotOverlap) {
  for (const char* piece : {"a-00001-of-00002.safetensors", "a-00002-of-00002.safetensors"}) {
    write_safetensors(folder_ / piece, numbers(1));
  }
  EXPECT_EQ(
      read(),
      "a-00002-of-00002.safetensors: another piece of a.safetensors has the tensor 'layer0.weight' too");
}

TEST_F(Pieces, MustHaveNamesThatAgree) {
  const auto read_only = [&](const std::string& name) {
    write_safetensors(folder_ / name, StateDict());
    const std::string message = read();
    fs::remove(folder_ / name);
    return message;
  };
  EXPECT_EQ(read_only("a-00001-of-00001.safetensors"), "no error");
  EXPECT_EQ(read_only("a-00001-of-00000.safetensors"),
            "a-00001-of-00000.safetensors: a set of pieces has 1 to 999 files, not 0");
  EXPECT_EQ(read_only("a-00001-of-99999.safetensors"),
            "a-00001-of-99999.safetensors: a set of pieces has 1 to 999 files, not 99999");
  EXPECT_EQ(read_only("a-00003-of-00002.safetensors"),
            "a-00003-of-00002.safetensors: its set has the pieces 1 to 2 only");
  EXPECT_EQ(read_only("a-00000-of-00002.safetensors"),
            "a-00000-of-00002.safetensors: its set has the pieces 1 to 2 only");
}

TEST(PieceNames, HaveFiveDigitsEach) {
  const auto name = parse_piece_name("a-b-00012-of-00345.safetensors");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->whole, "a-b.safetensors");
  EXPECT_EQ(name->index, 12);
  EXPECT_EQ(name->count, 345);
  for (const char* other :
       {"a-0001-of-00003.safetensors", "a-000001-of-00003.safetensors", "a-00001-of-0000x.safetensors",
        "a-00001-of--0003.safetensors", "a-00001-in-00003.safetensors", "a_00001-of-00003.safetensors",
        "-00001-of-00003.safetensors", "a-00001-of-00003.pt", "a.safetensors", ".safetensors", ""}) {
    EXPECT_FALSE(parse_piece_name(other)) << other;
  }
}

}  // namespace
}  // namespace tha4
