#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tha4 {

/// Machine code of kernels, kept on disk so that a program compiles them once and not at each start. A file
/// has all that its code was made of, and a checksum: one that is damaged, or of something else, is not used
/// and is written anew. Safe to use from several threads and processes.
class KernelCache {
 public:
  /// \param folder  made when the first file is written; empty: nothing is kept
  explicit KernelCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// In the folder that the environment variable THA4_KERNEL_CACHE names, or nowhere where it is "off";
  /// without it in tha4/kernels of the user's folder for such things ($XDG_CACHE_HOME, or .cache in $HOME).
  static KernelCache of_user();

  /// What is kept under \p key, or else what \p compile gives, which is kept from then on. That a folder
  /// cannot be written to is no error. Throws what \p compile throws.
  /// \param key  all that the code depends on
  std::vector<char> code_of(const std::string& key, const std::function<std::vector<char>()>& compile) const;

  /// Where the code of \p key is kept; empty: nowhere.
  std::filesystem::path file_of(const std::string& key) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace tha4
