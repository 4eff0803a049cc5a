#include "tha4/data/dataset_preview.h"

#include <algorithm>
#include <string>
#include <vector>

#include "sample_members.h"
#include "shard_file.h"

#include "tha4/base/error.h"
#include "tha4/image/compositing.h"

namespace tha4 {
namespace {

/// Pictures are laid out for a screen, at half of their size.
constexpr int kCellSize = 256;

/// The mean of each 2x2 pixels of the picture as it is seen on a checkerboard; straight alpha has no means.
RgbaImage thumbnail(const RgbaImage& picture) {
  const RgbaImage opaque = lay_over_checkerboard(picture);
  RgbaImage small(kCellSize, kCellSize);
  const auto at = [&](int x, int y, std::size_t channel) {
    return opaque.pixels[(static_cast<std::size_t>(y) * opaque.width + x) * 4 + channel];
  };
  for (int y = 0; y < kCellSize; ++y) {
    for (int x = 0; x < kCellSize; ++x) {
      for (std::size_t c = 0; c < 4; ++c) {
        const int sum = at(2 * x, 2 * y, c) + at(2 * x + 1, 2 * y, c) + at(2 * x, 2 * y + 1, c) +
                        at(2 * x + 1, 2 * y + 1, c);
        small.pixels[(static_cast<std::size_t>(y) * kCellSize + x) * 4 + c] =
            static_cast<std::uint8_t>((sum + 2) / 4);
      }
    }
  }
  return small;
}

}  // namespace

RgbaImage preview_sheet(std::span<const std::filesystem::path> shards, int triples) {
  std::vector<RgbaImage> pictures;
  ContactSheetOptions options{.columns = 8};
  const auto wanted = static_cast<std::size_t>(std::max(triples, 1));
  for (std::size_t i = 0; i < shards.size() && pictures.size() < 2 * wanted; ++i) {
    const ShardFile shard(shards[i]);
    const std::size_t of_shard = (wanted + shards.size() - 1) / shards.size();
    const std::size_t count = std::min<std::size_t>(of_shard, shard.size());
    for (std::size_t k = 0; k < count && pictures.size() < 2 * wanted; ++k) {
      const Triple triple = decode_sample(shard.read(k * shard.size() / count), shard.name());
      pictures.push_back(thumbnail(triple.rest));
      pictures.push_back(thumbnail(triple.posed));
      options.labels.push_back(triple.character);
      options.labels.push_back(triple.key);
    }
  }
  if (pictures.empty()) throw InputError("there is no triple to make a preview of");
  return contact_sheet(pictures, options);
}

}  // namespace tha4
