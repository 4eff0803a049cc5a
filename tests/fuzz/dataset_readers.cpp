#include <algorithm>

#include "reader_lists.h"
#include "shard_file.h"
#include "tar_writer.h"

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/data/dataset.h"
#include "tha4/data/dataset_writer.h"
#include "tha4/image/image_io.h"
#include "tha4/image/region.h"

namespace tha4::fuzz {
namespace {

namespace fs = std::filesystem;

void read_shard(const std::string& bytes) {
  const ShardFile shard(scratch_file("shard.tar", bytes));
  // More show nothing more.
  const auto count = std::min<std::uint64_t>(shard.size(), 3);
  for (std::uint64_t i = 0; i < count; ++i) decode_sample(shard.read(i), "the shard");
}

std::vector<std::string> shard_seeds() {
  RgbaImage picture(kImageSize, kImageSize);
  const std::string png = png_bytes(picture);
  const std::string webp = webp_bytes(picture);
  const auto file = scratch_file("seed.tar", "");
  TarWriter tar(file, "seed");
  for (const std::string key : {"a_0", "a_1"}) {
    tar.add(key + ".rest.webp", webp);
    tar.add(key + ".posed.png", png);
    tar.add(key + ".pose.json", pose_member("a", Pose{}));
  }
  tar.finish();
  return {read_text_file(file)};
}

void read_dataset(const std::string& bytes) {
  scratch_file("dataset/train-00000.tar", "shard");
  const Dataset dataset = open_dataset(scratch_file("dataset/dataset.json", bytes));
  sample_count(dataset, Split::train);
}

std::vector<std::string> dataset_seeds() {
  return {R"({"format": "tha4-triples", "format_version": 1, "settings": {"step": "whole"}, "shards":
[{"file": "train-00000.tar", "split": "train", "samples": 2, "bytes": 5}],
"characters_by_split": {"train": ["a"], "test": []}})"};
}

void read_settings(const std::string& bytes) {
  const auto file = scratch_file("settings.json", bytes);
  to_json(parse_dataset_settings(read_config_file(file), file.string()));
}

std::vector<std::string> settings_seeds() {
  return {read_text_file(fs::path(THA4_SOURCE_DIR) / "configs/dataset/standard.json")};
}

}  // namespace

std::vector<FileReader> dataset_readers() {
  return {{"shard", read_shard, shard_seeds},
          {"dataset", read_dataset, dataset_seeds},
          {"settings", read_settings, settings_seeds}};
}

}  // namespace tha4::fuzz
