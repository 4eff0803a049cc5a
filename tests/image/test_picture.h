#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/image/rgba_image.h"

// Pictures made for the tests, among them such as no encoder at hand would write.

namespace tha4::test {

using Pixel = std::array<std::uint8_t, 4>;

inline Pixel pixel_at(const RgbaImage& image, int x, int y) {
  const std::uint8_t* p = &image.pixels[(static_cast<std::size_t>(y) * image.width + x) * 4];
  return {p[0], p[1], p[2], p[3]};
}

inline void fill(RgbaImage& image, int x0, int y0, int x1, int y1, Pixel color) {
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) {
      std::copy(color.begin(), color.end(),
                image.pixels.begin() + (static_cast<std::ptrdiff_t>(y) * image.width + x) * 4);
    }
  }
}

inline std::filesystem::path temporary_file(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / "tha4_image" / name;
}

/// Writes \p bytes into a temporary file.
inline std::filesystem::path file_of(const std::string& name, std::string_view bytes) {
  write_text_file(temporary_file(name), bytes);
  return temporary_file(name);
}

inline std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

inline std::string png_chunk(const std::string& type, const std::string& content) {
  const std::string checked = type + content;
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return big_endian(static_cast<std::uint32_t>(content.size())) + checked +
         big_endian(static_cast<std::uint32_t>(sum));
}

enum class PngColor : char { grey = 0, rgb = 2, palette = 3, grey_alpha = 4, rgba = 6 };

/// A PNG of the given header and rows; \p extra are whole chunks that stand before the pixels.
inline std::string png_file(std::uint32_t width, std::uint32_t height, int bits, PngColor color,
                            const std::vector<std::string>& rows, const std::string& extra = {}) {
  std::string filtered;
  for (const std::string& row : rows) filtered += std::string(1, '\0') + row;
  uLongf size = compressBound(static_cast<uLong>(filtered.size()));
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(filtered.data()),
           static_cast<uLong>(filtered.size()));
  packed.resize(size);
  std::string header = big_endian(width) + big_endian(height);
  header += {static_cast<char>(bits), static_cast<char>(color), '\0', '\0', '\0'};
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + extra + png_chunk("IDAT", packed) +
         png_chunk("IEND", "");
}

/// The message of the InputError that \p action throws; empty (and a failed test) if it throws none.
template <class Action>
std::string input_error_of(const Action& action) {
  try {
    action();
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << "a message is one line";
    return error.what();
  }
  ADD_FAILURE() << "no InputError was thrown";
  return {};
}

inline void expect_contains(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' lacks '" << part << "'";
  }
}

}  // namespace tha4::test
