#include "tha4/weights/weights_folder.h"

#include "weights_fixtures.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

class WeightsFolder : public testing::Test {
 protected:
  static StateDict network(float value) {
    StateDict state;
    state.insert("weight", at::full({64, 64}, value));
    state.insert("other.weight", at::full({64, 64}, value));
    return state;
  }

  std::vector<fs::path> convert(const FolderConversion& conversion = {}) const {
    return convert_weights_folder(from_, to_, conversion);
  }

  const fs::path from_ = fresh_folder("folder");
  const fs::path to_ = fresh_folder("folder_to") / "deep";
};

TEST_F(WeightsFolder, ListsWeightsByTheirNames) {
  write_weights(from_ / "b.pt", network(1));
  write_weights(from_ / "a.safetensors", network(1), WeightsStorage::as_is, 20'000);
  write_weights(from_ / ".hidden.pt", network(1));
  write_text_file(from_ / "README.md", "");
  write_weights(from_ / "folder.pt" / "c.pt", network(1));
  EXPECT_EQ(weights_files_in(from_), (std::vector{from_ / "a.safetensors", from_ / "b.pt"}));
  EXPECT_EQ(input_error_message([&] { weights_files_in(from_ / "none"); }),
            "cannot list the folder " + (from_ / "none").string() + ": No such file or directory");
}

TEST_F(WeightsFolder, FindsANetworkInAnyForm) {
  EXPECT_EQ(find_weights_file(from_, "a"), std::nullopt);
  write_weights(from_ / "a.safetensors", network(1), WeightsStorage::as_is, 20'000);
  ASSERT_FALSE(fs::exists(from_ / "a.safetensors"));
  EXPECT_EQ(find_weights_file(from_, "a"), from_ / "a.safetensors");
  write_weights(from_ / "a.safetensors", network(1));
  EXPECT_EQ(find_weights_file(from_, "a"), from_ / "a.safetensors");
  write_weights(from_ / "a.pt", network(1));
  EXPECT_EQ(find_weights_file(from_, "a"), from_ / "a.pt");
}

TEST_F(WeightsFolder, IsConvertedThereAndBack) {
  write_weights(from_ / "a.pt", network(3));
  write_weights(from_ / "b.safetensors", network(4), WeightsStorage::as_is, 20'000);
  const auto written = convert({.storage = WeightsStorage::int8, .largest_file = 6'000});
  EXPECT_EQ(written.size(), 4U);
  EXPECT_EQ(written.front(), to_ / "a-00001-of-00002.safetensors");
  const fs::path back = fresh_folder("folder_back");
  EXPECT_EQ(convert_weights_folder(to_, back, {.extension = ".pt", .storage = WeightsStorage::float32}),
            (std::vector{back / "a.pt", back / "b.pt"}));
  EXPECT_TRUE(at::allclose(read_weights(back / "a.pt")["weight"], network(3)["weight"], 1e-4));
  EXPECT_TRUE(at::allclose(read_weights(back / "b.pt")["other.weight"], network(4)["weight"], 1e-4));
}

TEST_F(WeightsFolder, IsConvertedAsAWholeOrNotAtAll) {
  EXPECT_EQ(input_error_message([&] { convert(); }),
            from_.string() + " has no files of weights (.pt, .safetensors)");
  write_weights(from_ / "a.pt", network(1));
  EXPECT_EQ(input_error_message([&] { convert_weights_folder(from_, from_ / ".", {}); }),
            (from_ / ".").string() + " is the folder that is read");
  write_text_file(from_ / "b.pt", "<!DOCTYPE html>");
  EXPECT_EQ(input_error_message([&] { convert(); }),
            (from_ / "b.pt").string() + " is a web page; download the file itself");
  write_weights(from_ / "a.safetensors", network(1));
  EXPECT_EQ(input_error_message([&] { convert(); }),
            (from_ / "a.safetensors").string() + " and a.pt would become one file; keep one of them");
  EXPECT_FALSE(fs::exists(to_));
}

TEST(WeightsFilesIn, SaysWhatToDoWithAFileInItsPlace) {
  const auto message = [](const fs::path& file, const std::string& content) {
    write_text_file(file, content);
    return input_error_message([&] { weights_files_in(file); });
  };
  const fs::path folder = fresh_folder("files_for_folders");
  EXPECT_EQ(message(folder / "x.zip", "PK\3\4"),
            (folder / "x.zip").string() +
                " is an archive (zip), not the file itself; unpack it, and name what is in it");
  EXPECT_EQ(message(folder / "x.pt", "PK\3\4"),
            "'" + (folder / "x.pt").string() +
                "' is a file, not a folder of files of weights; name the folder in which it lies, " +
                folder.string());
  EXPECT_EQ(message(folder / "x.txt", "hello"),
            "'" + (folder / "x.txt").string() + "' is a file, not a folder of files of weights");
}

}  // namespace
}  // namespace tha4
