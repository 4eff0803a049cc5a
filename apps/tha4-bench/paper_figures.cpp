#include "paper_figures.h"

#include "tha4/base/config.h"

namespace tha4::app {
namespace {

using Numbers = std::map<std::string, double>;

/// What earlier tables said stays: where the paper repeats a time, the first one has more digits.
void add_row(const ConfigReader& row, PaperSystem& system) {
  if (row.has("frame_ms")) system.frame_ms.merge(row.get<Numbers>("frame_ms"));
  if (row.has("size_mb")) system.size_mb.merge(row.get<Numbers>("size_mb"));
  if (row.has("psnr_db")) system.psnr_db = row.get<double>("psnr_db");
}

}  // namespace

const PaperSystem& PaperFigures::of(const std::string& system) const {
  static const PaperSystem nothing;
  const auto found = systems.find(system);
  return found == systems.end() ? nothing : found->second;
}

PaperFigures read_paper_figures(const std::filesystem::path& file) {
  const nlohmann::json json = read_json_file(file);
  const ConfigReader reader(json, file.string());
  PaperFigures figures;
  for (const ConfigReader& computer : reader.objects("computers")) {
    figures.computers.push_back({computer.get<std::string>("name"), computer.get<std::string>("gpu")});
  }
  for (const ConfigReader& table : reader.objects("tables")) {
    for (const ConfigReader& row : table.objects("rows")) {
      add_row(row, figures.systems[row.get<std::string>("system")]);
    }
  }
  return figures;
}

}  // namespace tha4::app
