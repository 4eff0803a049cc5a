#include "rig_range.h"

#include <charconv>
#include <cstdint>
#include <string_view>

#include "tha4/base/error.h"
#include "tha4/rig/rig_source.h"

namespace tha4::app {
namespace {

constexpr std::string_view kTo = "..";
constexpr std::uint64_t kMaxRigs = 10'000;

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && rest == text.data() + text.size();
}

}  // namespace

std::vector<std::string> rigs_of_range(const std::string& name) {
  const std::size_t to = name.find(kTo);
  if (!name.starts_with(kGeneratedRig) || to == std::string::npos) return {};
  const std::string_view text = name;
  std::uint64_t first = 0, last = 0;
  const bool is_range = read_number(text.substr(kGeneratedRig.size(), to - kGeneratedRig.size()), first) &&
                        read_number(text.substr(to + kTo.size()), last) && first <= last;
  if (!is_range || last - first >= kMaxRigs) {
    throw InputError("--teacher " + name +
                     ": write procedural:FIRST..LAST, for example procedural:1..64, of " +
                     std::to_string(kMaxRigs) + " seeds at most");
  }
  std::vector<std::string> rigs;
  for (std::uint64_t i = 0; i <= last - first; ++i) {
    rigs.push_back(std::string(kGeneratedRig) + std::to_string(first + i));
  }
  return rigs;
}

}  // namespace tha4::app
