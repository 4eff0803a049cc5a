#include "flow_extension.h"

#include <algorithm>
#include <cmath>

namespace tha4 {
namespace {

/// A flow at some resolution, with the share of each pixel that is known.
struct Level {
  int width;
  int height;
  std::vector<float> flow;
  std::vector<float> known;
};

/// The mean of the known pixels in each square of 2x2.
Level halved(const Level& fine) {
  Level coarse{(fine.width + 1) / 2, (fine.height + 1) / 2, {}, {}};
  const auto area = static_cast<std::size_t>(coarse.width) * coarse.height;
  coarse.flow.resize(2 * area);
  coarse.known.resize(area);
  for (int y = 0; y < fine.height; ++y) {
    for (int x = 0; x < fine.width; ++x) {
      const std::size_t from = static_cast<std::size_t>(y) * fine.width + x;
      const std::size_t to = static_cast<std::size_t>(y / 2) * coarse.width + x / 2;
      coarse.flow[2 * to] += fine.known[from] * fine.flow[2 * from];
      coarse.flow[2 * to + 1] += fine.known[from] * fine.flow[2 * from + 1];
      coarse.known[to] += fine.known[from];
    }
  }
  for (std::size_t i = 0; i < area; ++i) {
    if (coarse.known[i] <= 0) continue;
    coarse.flow[2 * i] /= coarse.known[i];
    coarse.flow[2 * i + 1] /= coarse.known[i];
    coarse.known[i] = std::min(coarse.known[i], 1.0F);
  }
  return coarse;
}

/// Bilinear weights of the two cells of a coarser row around the centre of cell \p at.
struct Neighbours {
  int first;
  int second;
  float share;  ///< of the second
};

Neighbours neighbours(int at, int coarse_size) {
  const float place = (static_cast<float>(at) + 0.5F) / 2 - 0.5F;
  const int first = static_cast<int>(std::floor(place));
  return {std::max(first, 0), std::min(first + 1, coarse_size - 1), place - static_cast<float>(first)};
}

void fill_from(Level& fine, const Level& coarse) {
  for (int y = 0; y < fine.height; ++y) {
    const Neighbours rows = neighbours(y, coarse.height);
    for (int x = 0; x < fine.width; ++x) {
      const std::size_t at = static_cast<std::size_t>(y) * fine.width + x;
      const float known = fine.known[at];
      if (known >= 1) continue;
      const Neighbours columns = neighbours(x, coarse.width);
      for (std::size_t c = 0; c < 2; ++c) {
        const auto value = [&](int row, int column) {
          return coarse.flow[2 * (static_cast<std::size_t>(row) * coarse.width + column) + c];
        };
        const float upper =
            std::lerp(value(rows.first, columns.first), value(rows.first, columns.second), columns.share);
        const float lower =
            std::lerp(value(rows.second, columns.first), value(rows.second, columns.second), columns.share);
        float& flow = fine.flow[2 * at + c];
        flow = std::lerp(std::lerp(upper, lower, rows.share), flow, known);
      }
    }
  }
}

}  // namespace

void extend_flow(std::vector<float>& flow, const std::vector<float>& is_known, int width, int height) {
  if (std::find(is_known.begin(), is_known.end(), 0.0F) == is_known.end()) return;
  std::vector<Level> levels;
  levels.push_back({width, height, std::move(flow), is_known});
  while (levels.back().width > 1 || levels.back().height > 1) levels.push_back(halved(levels.back()));
  for (std::size_t i = levels.size() - 1; i > 0; --i) fill_from(levels[i - 1], levels[i]);
  flow = std::move(levels.front().flow);
}

}  // namespace tha4
