#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tha4::app {

/// One of the computers that the paper measured on.
struct PaperComputer {
  std::string name;  ///< "A", "B" or "C"
  std::string gpu;
};

/// What the paper says of one system, in whichever of its tables.
struct PaperSystem {
  std::map<std::string, double> frame_ms;  ///< by the computer's name; of the first table that lists it
  std::map<std::string, double> size_mb;   ///< by network, and "total"
  std::optional<double> psnr_db;
};

/// The paper's measurements, to show beside ours.
struct PaperFigures {
  std::vector<PaperComputer> computers;
  std::map<std::string, PaperSystem> systems;

  /// Of a system that the paper does not list, a row of nothing.
  const PaperSystem& of(const std::string& system) const;
};

/// Reads configs/bench/paper.json. Throws InputError naming file and key.
PaperFigures read_paper_figures(const std::filesystem::path& file);

}  // namespace tha4::app
