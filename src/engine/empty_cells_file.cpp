#include <string>

#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/checksum.h"
#include "tha4/base/error.h"
#include "tha4/base/json_text.h"
#include "tha4/engine/empty_cells.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// Of the way in which cells are found: files of another one are made anew.
constexpr int kMethod = 3;

constexpr char kEmpty = '.';
constexpr char kDrawn = '#';

/// Of all that the cells depend on.
std::string checksum_of(const Character& character) {
  Checksum sum;
  sum.add(&character.body_rotator_kind, sizeof character.body_rotator_kind);
  sum.add(character.image.pixels.data(), character.image.pixels.size());
  for (const auto& entry : state_dict_of(*character.body_rotator)) {
    const at::Tensor values = entry.value().detach().to(torch::kCPU).contiguous();
    sum.add(entry.key().data(), entry.key().size());
    sum.add(values.data_ptr(), values.nbytes());
  }
  return sum.text();
}

/// The rows of cells as text, which people can look at.
nlohmann::json rows_of(const EmptyCells& cells) {
  nlohmann::json rows = nlohmann::json::array();
  for (int row = 0; row < EmptyCells::kAcross; ++row) {
    std::string text;
    for (int column = 0; column < EmptyCells::kAcross; ++column) {
      text += cells.is_empty(column, row) ? kEmpty : kDrawn;
    }
    rows.push_back(text);
  }
  return rows;
}

std::optional<EmptyCells> cells_of(const nlohmann::json& rows) {
  EmptyCells cells;
  if (rows.size() != EmptyCells::kAcross) return std::nullopt;
  for (int row = 0; row < EmptyCells::kAcross; ++row) {
    const std::string text = rows[static_cast<std::size_t>(row)].get<std::string>();
    if (text.size() != EmptyCells::kAcross) return std::nullopt;
    for (int column = 0; column < EmptyCells::kAcross; ++column) {
      const char letter = text[static_cast<std::size_t>(column)];
      if (letter != kEmpty && letter != kDrawn) return std::nullopt;
      cells.set_empty(column, row, letter == kEmpty);
    }
  }
  return cells;
}

}  // namespace

fs::path empty_cells_file(const fs::path& path) {
  return (fs::is_directory(path) ? path : path.parent_path()) / "cache" / "empty_cells.json";
}

std::optional<EmptyCells> read_empty_cells(const fs::path& file, const Character& character) {
  constexpr std::size_t kMaxFile = 1 << 16;
  try {
    if (!fs::exists(file)) return std::nullopt;
    const nlohmann::json json = nlohmann::json::parse(read_text_file(file, kMaxFile));
    if (json.at("method") != kMethod || json.at("checksum") != checksum_of(character)) return std::nullopt;
    return cells_of(json.at("cells"));
  } catch (const InputError&) {
    return std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  } catch (const fs::filesystem_error&) {
    return std::nullopt;
  }
}

void write_empty_cells(const fs::path& file, const Character& character, const EmptyCells& cells) {
  const nlohmann::json json = {
      {"method", kMethod}, {"checksum", checksum_of(character)}, {"cells", rows_of(cells)}};
  write_text_file(file, json_text(json, 2) + "\n");
}

}  // namespace tha4
