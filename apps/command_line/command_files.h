#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tha4::app {

/// What a command reads and writes, by the options that name it; to be checked before the work, so that
/// nothing is overwritten that is read, and nothing is lost in the end that cannot be written.
class CommandFiles {
 public:
  /// A file, or a folder: a character, a teacher, a dataset, or, \p with_pictures, one of pictures, each of
  /// which then counts. What is not there is left to whoever reads it.
  CommandFiles& reads(const std::string& option, const std::filesystem::path& path,
                      bool with_pictures = false);

  /// A file; none where \p file is empty.
  CommandFiles& writes(const std::string& option, const std::filesystem::path& file);

  /// A folder that the command fills: it must be new or empty.
  /// \param own  names of its files, "*.png" for example, which no other output may have
  CommandFiles& fills(const std::string& option, const std::filesystem::path& folder,
                      std::vector<std::string> own = {});

  /// The same of a folder that may hold an earlier part of what goes there.
  CommandFiles& goes_on_in(const std::string& option, const std::filesystem::path& folder,
                           std::vector<std::string> own);

  /// Throws InputError, naming both options, where an output is an input or another output, is no name of a
  /// file, or is a folder that is not empty; Error where it cannot be written.
  void check() const;

 private:
  struct Named {
    std::string option;
    std::filesystem::path path;
    bool is_folder = false;
    bool must_be_empty = false;
    std::vector<std::string> own = {};
  };
  void check_name(const Named& output) const;
  void check_is_no_input(const Named& output) const;
  void check_is_no_other(const Named& output) const;

  std::vector<Named> inputs_;
  std::vector<Named> outputs_;
};

}  // namespace tha4::app
