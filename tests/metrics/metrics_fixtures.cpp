#include "metrics_fixtures.h"

#include "tha4/base/error.h"

namespace tha4 {

namespace fs = std::filesystem;

namespace {

std::optional<fs::path> make_backbones() {
  constexpr int kNoTorch = 77, kNoPython = 127;
  const fs::path folder = fresh_folder("backbones");
  const int status = run_python("metrics/make_backbones.py", {folder.string()});
  if (status == kNoTorch || status == kNoPython) return std::nullopt;
  EXPECT_EQ(status, 0);
  return folder;
}

}  // namespace

const std::optional<fs::path>& made_backbones() {
  static const std::optional<fs::path> folder = make_backbones();
  return folder;
}

}  // namespace tha4
