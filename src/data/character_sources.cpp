#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "rig_characters.h"
#include "sample_members.h"
#include "stable_hash.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/error.h"
#include "tha4/data/character_set.h"
#include "tha4/render/generator.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostCharacters = 10'000'000;

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
    return {{"kind", "procedural"}, {"count", count_}, {"first_seed", first_seed_}};
  }
  std::unique_ptr<CharacterRenderer> make_renderer() const override {
    return make_rig_character_renderer(
        [first = first_seed_](std::uint64_t index) { return generate_rig(first + index); });
  }

 private:
  std::uint64_t count_;
  std::uint64_t first_seed_;
};

std::unique_ptr<CharacterSet> open_procedural(const std::string& text, std::string_view numbers) {
  const auto fail = [&] {
    throw InputError("--characters " + text + " is not of the form procedural:N[:SEED], N from 1 to " +
                     std::to_string(kMostCharacters) + "; for example procedural:1000:7");
  };
  std::uint64_t count = 0;
  std::uint64_t seed = 0;
  const char* const end = numbers.data() + numbers.size();
  auto number = std::from_chars(numbers.data(), end, count);
  if (number.ec != std::errc{} || count < 1 || count > kMostCharacters) fail();
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
  throw InputError("--characters " + text + " is neither procedural:N[:SEED] nor a folder of .vrm files");
}

}  // namespace tha4
