#include "tha4/engine/empty_cells.h"

#include <chrono>
#include <string>

#include <spdlog/fmt/fmt.h>

namespace tha4 {

namespace fs = std::filesystem;

EmptyCells empty_cells_of(const fs::path& path, const Character& character, TileWorkers& workers,
                          const Context& context) {
  if (!can_skip_cells(character)) return {};
  const fs::path file = empty_cells_file(path);
  if (const auto cells = read_empty_cells(file, character)) return *cells;
  context.info(fmt::format("finding out where {} is empty in every pose, once", path.string()));
  const auto start = std::chrono::steady_clock::now();
  const EmptyCells cells = find_empty_cells(character, workers, context);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double percent = 100.0 * cells.count() / (EmptyCells::kAcross * EmptyCells::kAcross);
  std::string kept = "kept in " + file.string();
  try {
    write_empty_cells(file, character, cells);
  } catch (const std::exception&) {
    kept = "not kept, since " + file.string() + " cannot be written";
  }
  context.info(
      fmt::format("{:.0f} % of its frames are empty in every pose ({:.1f} s; {})", percent, seconds, kept));
  return cells;
}

EmptyCells cells_to_skip(CellSkipping skipping, const fs::path& path, const Character& character,
                         TileWorkers& workers, const Context& context) {
  switch (skipping) {
    case CellSkipping::none:
      break;
    case CellSkipping::kept:
      return can_skip_cells(character)
                 ? read_empty_cells(empty_cells_file(path), character).value_or(EmptyCells())
                 : EmptyCells();
    case CellSkipping::found:
      return empty_cells_of(path, character, workers, context);
  }
  return {};
}

}  // namespace tha4
