#pragma once

#include <bitset>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "tha4/base/context.h"
#include "tha4/engine/tile_workers.h"
#include "tha4/poser/character.h"

// Most of a character's picture is transparent in every pose. Where that is, is found out once, kept beside
// the character, and not computed again for each frame.

namespace tha4 {

/// Which parts of a character's frames are empty, that is transparent, in every pose. A frame, of whatever
/// resolution, is divided into kAcross by kAcross cells.
class EmptyCells {
 public:
  static constexpr int kAcross = 64;

  /// None is empty.
  EmptyCells() = default;

  bool is_empty(int column, int row) const { return cells_[index(column, row)]; }
  void set_empty(int column, int row, bool is_empty = true) { cells_[index(column, row)] = is_empty; }
  /// Of the empty ones.
  int count() const { return static_cast<int>(cells_.count()); }

  friend bool operator==(const EmptyCells&, const EmptyCells&) = default;

 private:
  static std::size_t index(int column, int row) { return static_cast<std::size_t>(row * kAcross + column); }

  std::bitset<static_cast<std::size_t>(kAcross) * kAcross> cells_;
};

/// Whether the engine can leave out cells of \p character's frames: where its body rotator is a SIREN of
/// levels.
bool can_skip_cells(const Character& character);

/// The cells that are empty in each of some thousand poses, whose neighbours are, too: random ones, those
/// that are bred because they show most, and the extremes of every turn. None of a character of which
/// can_skip_cells() is false. Takes some twenty seconds of two processors. Throws InterruptedError where
/// \p context asks for a stop.
EmptyCells find_empty_cells(const Character& character, TileWorkers& workers, const Context& context = {});

/// Where the empty cells of the character at \p path, a folder or its character_model.yaml, are kept:
/// cache/empty_cells.json in its folder (docs/files.md).
std::filesystem::path empty_cells_file(const std::filesystem::path& path);

/// The cells in \p file, or nothing where it is not there, is damaged, or is of other weights than
/// \p character's.
std::optional<EmptyCells> read_empty_cells(const std::filesystem::path& file, const Character& character);

/// Writes \p cells of \p character to \p file. Throws Error where that cannot be.
void write_empty_cells(const std::filesystem::path& file, const Character& character,
                       const EmptyCells& cells);

/// The cells that are kept with the character at \p path, or else those that are found, and kept for the next
/// time if its folder can be written to. \p context is told how long that took.
EmptyCells empty_cells_of(const std::filesystem::path& path, const Character& character, TileWorkers& workers,
                          const Context& context = {});

/// Which cells of a character's frames are left out.
enum class CellSkipping {
  none,  ///< all are drawn
  kept,  ///< those that are kept with the character; none where it has no such file
  found  ///< those of empty_cells_of(): for many frames, since the first time it takes seconds
};

/// The cells of the character at \p path to be left out.
EmptyCells cells_to_skip(CellSkipping skipping, const std::filesystem::path& path, const Character& character,
                         TileWorkers& workers, const Context& context = {});

}  // namespace tha4
