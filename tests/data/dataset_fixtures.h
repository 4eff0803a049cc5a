#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "test_files.h"
#include <gtest/gtest.h>

#include "tha4/data/dataset_writer.h"
#include "tha4/data/triple_source.h"

namespace tha4 {

/// Characters that are quick to draw: a face of a colour of its own that moves with the head and opens its
/// mouth.
class PaintedCharacters final : public CharacterSet {
 public:
  explicit PaintedCharacters(std::uint64_t count) : count_(count) {}

  std::uint64_t size() const override { return count_; }
  std::string id(std::uint64_t index) const override { return "painted-" + std::to_string(index); }
  nlohmann::json description() const override { return {{"kind", "painted"}, {"count", count_}}; }
  std::unique_ptr<CharacterRenderer> make_renderer(int cuda_device) const override;

  std::set<std::uint64_t> unusable = {};  ///< characters that cannot be drawn
  std::set<std::string> lacking = {};     ///< parameters that move nothing of them
  std::function<void(int call)> at_posing =
      {};  ///< called before poses are drawn, with the number of the call
  std::function<void(int cuda_device)> at_making = {};  ///< called when a renderer is made

 private:
  std::uint64_t count_;
};

RgbaImage painted_character(std::uint64_t index, const Pose& pose);

/// Few, small shards: 3 poses of each character, 2 characters in a shard.
DatasetSettings small_settings();

/// The job that writes a whole dataset with these settings.
DatasetJob whole_job(const std::filesystem::path& out);

/// A dataset of 8 painted characters, written once for all tests of the process.
const std::filesystem::path& painted_dataset();

/// A copy of it that may be damaged.
std::filesystem::path copy_of_painted_dataset(const std::string& name);

/// The tar files of a folder and its dataset.json, with their contents.
std::map<std::string, std::string> dataset_files(const std::filesystem::path& folder);

/// The keys of the next triples.
std::vector<std::string> next_keys(TripleSource& source, int count);

/// Replaces, in every member name and content of a tar, bytes by as many others.
void replace_in_file(const std::filesystem::path& file, const std::string& from, const std::string& to);

}  // namespace tha4
