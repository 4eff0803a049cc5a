#include "tha4/render/rig_source.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "tha4/base/error.h"
#include "tha4/render/generator.h"
#include "tha4/render/vrm.h"

namespace tha4 {
namespace {

constexpr std::string_view kProcedural = "procedural:";

bool is_procedural(const std::string& name) {
  return name.starts_with(kProcedural);
}

bool is_vrm(const std::string& name) {
  std::string extension = std::filesystem::path(name).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return extension == ".vrm";
}

std::uint64_t seed_of(const std::string& name) {
  std::uint64_t seed = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + kProcedural.size(), end, seed);
  if (error != std::errc() || rest != end) {
    throw InputError("'" + name +
                     "' is not a generated character: write procedural:SEED, for example procedural:7");
  }
  return seed;
}

}  // namespace

bool names_rig(const std::string& name) {
  return is_procedural(name) || is_vrm(name);
}

Rig open_rig(const std::string& name) {
  if (is_procedural(name)) return generate_rig(seed_of(name));
  if (is_vrm(name)) return read_vrm(name);
  throw InputError("'" + name + "' is not a rig: give procedural:SEED or a .vrm file");
}

}  // namespace tha4
