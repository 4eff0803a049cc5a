#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "stored_state.h"

namespace tha4 {

/// A set of more files is refused, to write and to read.
constexpr int kMaxPieces = 999;

/// What NAME-00002-of-00003.safetensors says of itself, right or wrong.
struct PieceName {
  std::string whole;  ///< NAME.safetensors
  int index = 0;      ///< from 1 on
  int count = 0;
};

/// Nothing when \p file is not of that form, five digits each.
std::optional<PieceName> parse_piece_name(const std::string& file);

/// Every file beside \p whole that by its name is a piece of it, by names.
std::vector<std::filesystem::path> pieces_beside(const std::filesystem::path& whole);

/// Reads \p pieces, those beside \p whole, as one file. Throws InputError when they are not one whole set:
/// one is missing, they are of several sets, or a tensor is in two.
StoredState read_pieces(const std::filesystem::path& whole, const std::vector<std::filesystem::path>& pieces);

/// Writes \p stored in files of at most \p largest_file bytes, all or none, and returns their names: \p whole
/// alone where that suffices. Throws InputError where a tensor with its scale does not fit one.
std::vector<std::filesystem::path> write_pieces(const std::filesystem::path& whole, const StoredState& stored,
                                                std::uint64_t largest_file);

}  // namespace tha4
