// Included once for each instruction set.
#if defined(THA4_ENGINE_MAP_SAMPLING_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef THA4_ENGINE_MAP_SAMPLING_INL_H_
#undef THA4_ENGINE_MAP_SAMPLING_INL_H_
#else
#define THA4_ENGINE_MAP_SAMPLING_INL_H_
#endif

#include <algorithm>

#include "feature_map.h"
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tha4::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// sum + the products of the pairs of two vectors of 16-bit numbers.
template <class Shorts, class Ints>
HWY_INLINE Ints add_pair_products(Shorts a, Shorts b, Ints sum) {
  const hn::DFromV<Ints> d;
#if HWY_ARCH_X86
  // Here all products of a pair are in the first sum, so that the second one has nothing to hold.
  Ints none = hn::Zero(d);
  return hn::ReorderWidenMulAccumulate(d, a, b, sum, none);
#else
  const auto first = [&](Shorts pairs) {
    return hn::ShiftRight<16>(hn::ShiftLeft<16>(hn::BitCast(d, pairs)));
  };
  const auto second = [&](Shorts pairs) { return hn::ShiftRight<16>(hn::BitCast(d, pairs)); };
  return hn::Add(sum, hn::Add(hn::Mul(first(a), first(b)), hn::Mul(second(a), second(b))));
#endif
}

/// The cells between two rows of a map, from the cell that a tile's first pixel is right of to that which its
/// last one is left of.
struct CellRange {
  int begin;
  int count;
};

/// Samples the channels of a map at the pixels of a tile: kTileLength of them from (\p x, row) on.
class TileSampler {
 public:
  /// \param columns  of all \p resolution pixels of a row
  /// \param cells    scratch memory
  HWY_INLINE TileSampler(const FeatureMap& map, const AxisSample* columns, const AxisSample& row,
                         int resolution, int x, float* cells)
      : map_(map),
        columns_(columns),
        row_(row),
        x_(x),
        count_(std::min(kTileLength, resolution - x)),
        doubles_(2 * map.size() == resolution),
        range_(doubles_ ? CellRange{x / 2 - 1, kTileLength / 2 + 2} : cells_of()),
        cells_(cells) {}

  const CellRange& range() const { return range_; }

  /// \param values  [kTileLength]; those beyond the frame are left as they are, or of no meaning
  HWY_INLINE void sample(int channel, float* values) const {
    if (doubles_) {
      sample_doubled(channel, values);
    } else {
      mix_rows(channel);
      sample_anyhow(values);
    }
  }

 private:
  CellRange cells_of() const {
    const int first = columns_[x_].cell - 1;
    return {first, columns_[x_ + count_ - 1].cell + 2 - first};
  }

  /// A channel's rows above and below the tile's row, from the first cell of the range on.
  struct Rows {
    const float* upper;
    const float* lower;
  };

  Rows rows_of(int channel) const {
    return {map_.row(row_.cell, channel) + range_.begin,
            map_.row(std::min(row_.cell + 1, map_.size() - 1), channel) + range_.begin};
  }

  /// Cells from \p i of the range on, at the tile's row.
  HWY_INLINE hn::Vec<hn::ScalableTag<float>> mixed(const Rows& rows, int i) const {
    const hn::ScalableTag<float> d;
    return hn::MulAdd(hn::LoadU(d, rows.lower + i), hn::Set(d, row_.fraction),
                      hn::Mul(hn::LoadU(d, rows.upper + i), hn::Set(d, 1 - row_.fraction)));
  }

  HWY_INLINE void mix_rows(int channel) const {
    const hn::ScalableTag<float> d;
    const Rows rows = rows_of(channel);
    for (int i = 0; i < range_.count; i += static_cast<int>(hn::Lanes(d)))
      hn::StoreU(mixed(rows, i), d, cells_ + i);
  }

  /// Of a map of half the size: each cell has two pixels, a quarter of a cell from its centre. Rows are mixed
  /// three times over, which is faster than to store them and to wait for that.
  HWY_INLINE void sample_doubled(int channel, float* values) const {
    const hn::ScalableTag<float> d;
    const Rows rows = rows_of(channel);
    const auto near = hn::Set(d, 0.75F), far = hn::Set(d, 0.25F);
    for (int i = 0; i < kTileLength / 2; i += static_cast<int>(hn::Lanes(d))) {
      const auto own = hn::Mul(mixed(rows, i + 1), near);
      hn::StoreInterleaved2(hn::MulAdd(mixed(rows, i), far, own), hn::MulAdd(mixed(rows, i + 2), far, own), d,
                            values + 2 * i);
    }
  }

  HWY_INLINE void sample_anyhow(float* values) const {
    for (int i = 0; i < count_; ++i) {
      const AxisSample& at = columns_[x_ + i];
      const float* const cell = cells_ + (at.cell - range_.begin);
      values[i] = cell[0] * (1 - at.fraction) + cell[1] * at.fraction;
    }
  }

  const FeatureMap& map_;
  const AxisSample* columns_;
  const AxisSample& row_;
  int x_;
  int count_;
  bool doubles_;
  CellRange range_;
  float* cells_;
};

}  // namespace tha4::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
