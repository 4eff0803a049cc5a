#include "tha4/weights/checkpoint.h"

#include "weights_fixtures.h"

#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

Checkpoint checkpoint_at(std::int64_t examples_seen) {
  Checkpoint checkpoint;
  checkpoint.tensors.insert("weight", at::full({3}, static_cast<double>(examples_seen)));
  checkpoint.state = {{"examples_seen", examples_seen}, {"rate", 0.1}, {"name", "\xc3\xa4 \"x\""}};
  return checkpoint;
}

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& item : fs::directory_iterator(folder)) names.push_back(item.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Checkpoint, ComesBackAsItWas) {
  const fs::path run = fresh_folder("checkpoint");
  const fs::path file = write_checkpoint(run, 1200, checkpoint_at(1200), 3);
  EXPECT_EQ(file, run / "checkpoints" / "0000001200.safetensors");
  const Checkpoint found = read_checkpoint(file);
  expect_equal(found.tensors, checkpoint_at(1200).tensors);
  EXPECT_EQ(found.state, checkpoint_at(1200).state);
}

TEST(Checkpoint, KeepsTheNewest) {
  const fs::path run = fresh_folder("checkpoint_keep");
  for (const std::int64_t examples : {8, 16, 1000, 24}) {
    write_checkpoint(run, examples, checkpoint_at(examples), 2);
  }
  // 24 was written last, by a run that went on from an earlier point.
  EXPECT_EQ(files_in(run / "checkpoints"),
            (std::vector<std::string>{"0000000024.safetensors", "0000001000.safetensors"}));
  write_checkpoint(run, 32, checkpoint_at(32), 1);
  EXPECT_EQ(files_in(run / "checkpoints"), (std::vector<std::string>{"0000000032.safetensors"}));
  write_checkpoint(run, 12'345'678'901, checkpoint_at(1), 1);
  EXPECT_EQ(latest_checkpoint(run), run / "checkpoints" / "12345678901.safetensors");
}

TEST(Checkpoint, RemovesWhatAKilledWriterLeft) {
  const fs::path run = fresh_folder("checkpoint_killed");
  write_text_file(run / "checkpoints" / ".0000000008.tmp-99.safetensors", "half");
  write_text_file(run / "checkpoints" / "notes.txt", "mine");
  EXPECT_EQ(latest_checkpoint(run), std::nullopt);
  write_checkpoint(run, 8, checkpoint_at(8), 1);
  EXPECT_EQ(files_in(run / "checkpoints"), (std::vector<std::string>{"0000000008.safetensors", "notes.txt"}));
}

TEST(LatestCheckpoint, PassesOverTheDamaged) {
  const fs::path run = fresh_folder("checkpoint_latest");
  EXPECT_EQ(latest_checkpoint(run), std::nullopt);
  const fs::path whole = write_checkpoint(run, 8, checkpoint_at(8), 9);
  const fs::path cut = write_checkpoint(run, 16, checkpoint_at(16), 9);
  fs::resize_file(cut, fs::file_size(cut) - 1);
  write_text_file(run / "checkpoints" / "0000000024.safetensors", "");
  write_safetensors(run / "checkpoints" / "0000000032.safetensors", checkpoint_at(32).tensors);
  fs::create_directory(run / "checkpoints" / "0000000040.safetensors");
  EXPECT_EQ(latest_checkpoint(run), whole);
}

TEST(LatestCheckpoint, WhereAllAreDamagedNothingBeginsAnew) {
  const fs::path run = fresh_folder("checkpoint_all_damaged");
  for (const int seen : {8, 16}) {
    const fs::path file = write_checkpoint(run, seen, checkpoint_at(seen), 9);
    fs::resize_file(file, fs::file_size(file) / 2);
  }
  EXPECT_NE(input_error_message([&] { latest_checkpoint(run); }).find("none of the checkpoints"),
            std::string::npos);
}

TEST(LatestCheckpoint, PassesOverWhatDoesNotHaveItsChecksum) {
  const fs::path run = fresh_folder("checkpoint_flipped");
  const fs::path earlier = write_checkpoint(run, 100, checkpoint_at(100), 3);
  const fs::path file = write_checkpoint(run, 200, checkpoint_at(200), 3);
  EXPECT_EQ(latest_checkpoint(run), file);
  // Values, and a digit of the state: the file stays one that can be read.
  const std::string whole = read_text_file(file);
  for (const std::size_t place : {whole.size() - 2, whole.find("200,")}) {
    std::string flipped = whole;
    flipped[place] ^= 1;
    write_text_file(file, flipped);
    EXPECT_NE(input_error_message([&] { read_checkpoint(file); }).find("does not have its checksum"),
              std::string::npos);
    EXPECT_EQ(latest_checkpoint(run), earlier);
  }
  // Those of before have no checksum.
  const StateDict tensors = checkpoint_at(200).tensors;
  write_safetensors(file, tensors, {{"tha4.checkpoint", "{}"}});
  EXPECT_EQ(latest_checkpoint(run), file);
}

TEST(ReadCheckpoint, RefusesPlainWeights) {
  const fs::path file = fresh_folder("checkpoint_plain") / "a.safetensors";
  write_safetensors(file, checkpoint_at(1).tensors);
  EXPECT_EQ(input_error_message([&] { read_checkpoint(file); }),
            file.string() + ": is not a checkpoint, but a plain file of weights");
  write_safetensors(file, checkpoint_at(1).tensors, {{"tha4.checkpoint", "{"}});
  EXPECT_EQ(input_error_message([&] { read_checkpoint(file); }),
            file.string() + ": the state in this checkpoint is damaged");
}

}  // namespace
}  // namespace tha4
