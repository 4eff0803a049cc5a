#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "picture_bytes.h"
#include "picture_header.h"
#include <zlib.h>

namespace tha4 {

/// Channels of a PNG's colour type; 0 for types and depths that there are not.
int png_channels(int color_type, int depth) {
  const bool is_whole = depth == 8 || depth == 16;
  const bool is_part = depth == 1 || depth == 2 || depth == 4;
  switch (color_type) {
    case kPngGrey:
      return is_whole || is_part ? 1 : 0;
    case 2:
      return is_whole ? 3 : 0;
    case kPngPalette:
      return depth == 8 || is_part ? 1 : 0;
    case 4:
      return is_whole ? 2 : 0;
    case 6:
      return is_whole ? 4 : 0;
    default:
      return 0;
  }
}

namespace {

/// Goes through the rows of a PNG as they come out of its compressed data.
class PngRows {
 public:
  PngRows(int width, int height, int bits_a_pixel, bool is_interlaced) {
    constexpr std::array<std::array<int, 4>, 7> kPasses = {
        {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}};
    const auto add = [&](std::int64_t columns, std::int64_t rows) {
      if (columns > 0 && rows > 0) passes_.emplace_back(1 + (columns * bits_a_pixel + 7) / 8, rows);
    };
    if (!is_interlaced) {
      add(width, height);
      return;
    }
    for (const auto& [x, y, step_x, step_y] : kPasses) {
      add((width - x + step_x - 1) / step_x, (height - y + step_y - 1) / step_y);
    }
  }

  /// False where a row is filtered in a way that there is not.
  bool take(std::string_view bytes) {
    constexpr std::uint8_t kLastFilter = 4;
    std::size_t at = 0;
    while (at < bytes.size() && !is_complete()) {
      if (in_row_ == 0 && static_cast<std::uint8_t>(bytes[at]) > kLastFilter) return false;
      const std::int64_t step = std::min<std::int64_t>(passes_[pass_].first - in_row_,
                                                       static_cast<std::int64_t>(bytes.size() - at));
      at += static_cast<std::size_t>(step);
      in_row_ += step;
      if (in_row_ < passes_[pass_].first) break;
      in_row_ = 0;
      if (++row_ < passes_[pass_].second) continue;
      row_ = 0;
      ++pass_;
    }
    return true;
  }

  bool is_complete() const { return pass_ == passes_.size(); }

 private:
  std::vector<std::pair<std::int64_t, std::int64_t>> passes_;  ///< bytes of a row, rows
  std::size_t pass_ = 0;
  std::int64_t row_ = 0;
  std::int64_t in_row_ = 0;
};

/// Unpacks all IDAT chunks; whether they hold the rows.
bool holds_rows(const ByteReader& reader, std::size_t size, PngRows& rows) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return false;
  std::array<char, 1 << 16> buffer;
  bool is_sound = true;
  int result = Z_OK;
  for (std::size_t offset = kPngSignature.size(); is_sound && result == Z_OK && offset + 12 <= size;) {
    const std::size_t length = reader.big_endian(offset, 4);
    const std::string_view content = reader.text(offset + 8, length);
    const bool is_pixels = reader.text(offset + 4, 4) == "IDAT";
    offset += length + 12;
    if (!is_pixels) continue;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(length);
    while (is_sound && result == Z_OK && !rows.is_complete()) {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      result = inflate(&stream, Z_NO_FLUSH);
      const std::size_t count = buffer.size() - stream.avail_out;
      is_sound = rows.take({buffer.data(), count});
      if (result == Z_BUF_ERROR || (result == Z_OK && stream.avail_out > 0)) {
        if (result == Z_BUF_ERROR) result = Z_OK;
        break;  // all that this chunk has
      }
    }
  }
  inflateEnd(&stream);
  return is_sound && rows.is_complete();
}

}  // namespace

void check_png_pixels(const Picture& picture, const std::string& name) {
  const ByteReader reader(picture.bytes, name);
  const int channels = png_channels(reader.byte(25), picture.bit_depth);
  PngRows rows(picture.width, picture.height, channels * picture.bit_depth, reader.byte(28) == 1);
  if (!holds_rows(reader, picture.bytes.size(), rows)) {
    throw InputError(name + " is damaged or cut off: its pixels are not all there; copy or export it again");
  }
}

}  // namespace tha4
