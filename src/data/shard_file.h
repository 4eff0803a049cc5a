#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sample_members.h"

#include "tha4/base/input_file.h"

namespace tha4 {

/// A shard of a dataset, opened for reading at any place. A sample is a run of neighbouring members of one
/// key, which is a member's name up to its first dot; other members than a triple's are passed over. Nothing
/// in the file is believed, and nothing is ever extracted. May be read by several threads at once.
class ShardFile {
 public:
  /// Finds the samples by the headers of the tar; where it is damaged, those before. Throws InputError when
  /// it is not a file that can be read.
  explicit ShardFile(const std::filesystem::path& file);

  const std::string& name() const { return file_.name(); }
  std::uint64_t size() const { return samples_.size(); }

  /// Throws InputError, naming file and sample, if it is not in the file, or a member is missing, there
  /// twice, too large, or not a regular file.
  SampleMembers read(std::uint64_t index) const;

 private:
  struct Sample {
    std::string key;
    std::uint64_t offset;  ///< of the header of its first member
  };

  void find_samples();
  SampleMembers read_members(const Sample& sample) const;

  InputFile file_;
  std::vector<Sample> samples_;
  std::string damage_;  ///< what ended the search for samples before the end of the file, if anything did
};

}  // namespace tha4
