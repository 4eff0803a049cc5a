#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <utility>

#include "rig_characters.h"
#include "sample_members.h"
#include "stable_hash.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/foreign_file.h"
#include "tha4/base/lower_case.h"
#include "tha4/data/character_set.h"
#include "tha4/rig/generator.h"
#include "tha4/rig/rig_source.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxCharacters = 10'000'000;

/// Characters that the generator invents.
class ProceduralCharacters final : public CharacterSet {
 public:
  ProceduralCharacters(std::uint64_t count, std::uint64_t first_seed)
      : count_(count), first_seed_(first_seed) {}

  std::uint64_t size() const override { return count_; }
  std::string id(std::uint64_t index) const override {
    return "procedural-" + std::to_string(first_seed_ + index);
  }
  nlohmann::json description() const override {
    return {{"kind", "procedural"},
            {"count", count_},
            {"first_seed", first_seed_},
            {"generator", generator_version()}};
  }
  std::unique_ptr<CharacterRenderer> make_renderer(int cuda_device) const override {
    return make_rig_character_renderer(
        [first = first_seed_](std::uint64_t index) { return generate_rig(first + index); }, cuda_device);
  }

 private:
  std::uint64_t count_;
  std::uint64_t first_seed_;
};

/// The id of the character in the file \p stem.vrm. Where the name holds characters that an id cannot, a hash
/// of it keeps ids apart.
std::string vrm_id(const std::string& stem) {
  constexpr std::size_t kLongest = 48;
  if (is_plain_name(stem, kLongest)) return "vrm-" + stem;
  std::string plain;
  for (const char c : stem.substr(0, kLongest)) plain += is_plain_name({&c, 1}, 1) ? c : '_';
  return fmt::format("vrm-{}-{:016x}", plain, hash_text(stem));
}

/// The avatars of a folder.
class VrmCharacters final : public CharacterSet {
 public:
  explicit VrmCharacters(std::vector<fs::path> files) : files_(std::move(files)) {
    std::map<std::string, fs::path> by_id;
    for (const fs::path& file : files_) {
      ids_.push_back(vrm_id(file.stem().string()));
      const auto [other, is_new] = by_id.emplace(ids_.back(), file);
      if (!is_new) {
        throw InputError(file.string() + " and " + other->second.filename().string() +
                         " differ by their extension alone; rename one of them");
      }
    }
  }

  std::uint64_t size() const override { return files_.size(); }
  std::string id(std::uint64_t index) const override { return ids_.at(index); }
  nlohmann::json description() const override {
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      hash = hash_numbers(hash, hash_text(ids_[i]), fs::file_size(files_[i]));
      const fs::path table = vrm_parameter_file(files_[i]);
      if (fs::exists(table)) hash = hash_numbers(hash, hash_text(read_text_file(table)));
    }
    return {{"kind", "vrm"}, {"count", size()}, {"names_and_sizes", fmt::format("{:016x}", hash)}};
  }
  std::unique_ptr<CharacterRenderer> make_renderer(int cuda_device) const override {
    return make_rig_character_renderer(
        [this](std::uint64_t index) { return open_rig(files_.at(index).string()); }, cuda_device);
  }

 private:
  std::vector<fs::path> files_;
  std::vector<std::string> ids_;
};

std::unique_ptr<CharacterSet> open_vrm_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && lower_extension(entry.path()) == ".vrm") {
      files.push_back(entry.path());
    }
  }
  if (files.empty()) throw ValueError(folder.string() + " has no .vrm files in it");
  std::sort(files.begin(), files.end());
  return std::make_unique<VrmCharacters>(std::move(files));
}

std::unique_ptr<CharacterSet> open_procedural(const std::string& text, std::string_view numbers) {
  const auto fail = [&] {
    throw ValueError(text + " is not of the form procedural:N[:SEED], N from 1 to " +
                     std::to_string(kMaxCharacters) + "; for example procedural:1000:7");
  };
  std::uint64_t count = 0;
  std::uint64_t seed = 0;
  const char* const end = numbers.data() + numbers.size();
  auto number = std::from_chars(numbers.data(), end, count);
  if (number.ec != std::errc{} || count < 1 || count > kMaxCharacters) fail();
  if (number.ptr != end) {
    if (*number.ptr != ':') fail();
    number = std::from_chars(number.ptr + 1, end, seed);
    if (number.ec != std::errc{} || number.ptr != end) fail();
  }
  if (seed > std::numeric_limits<std::uint64_t>::max() - count) fail();
  return std::make_unique<ProceduralCharacters>(count, seed);
}

}  // namespace

std::unique_ptr<CharacterSet> open_character_set(const std::string& text) {
  constexpr std::string_view kProcedural = "procedural:";
  if (text.starts_with(kProcedural)) {
    return open_procedural(text, std::string_view(text).substr(kProcedural.size()));
  }
  std::error_code ignored;
  if (fs::is_directory(text, ignored)) return open_vrm_folder(text);
  refuse_file_for_folder(text, "a folder of .vrm files");
  throw ValueError(text + " is neither procedural:N[:SEED] nor a folder of .vrm files");
}

}  // namespace tha4
