#include "machine_report.h"
#include "report.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/report/text_table.h"

namespace tha4::app {
namespace {

/// \p value as \p format writes it, or a dash where there is none.
std::string or_dash(std::optional<double> value, const char* format) {
  return value ? fmt::format(fmt::runtime(format), *value) : kNoValue;
}

std::optional<double> value_at(const std::map<std::string, double>& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

/// With as many digits as the paper gives.
std::string milliseconds(double value) {
  return fmt::format("{:.{}f}", value, value < 1000 ? 3 : 1);
}

std::string rate(double value) {
  return fmt::format("{:.{}f}", value, value < 10 ? 2 : 1);
}

/// What was measured, and on what.
std::string head_lines(const BenchReport& report) {
  std::string lines = to_text(report.machine, report.device);
  for (const SystemCost& system : report.systems) {
    if (!system.opengl.empty()) lines += "OpenGL    " + system.opengl + "\n";
  }
  lines += "measured  " + report.subject + "\n";
  lines += fmt::format("frames    {} in {}, {} a call\n", report.timing.frames, report.precision,
                       report.timing.batch);
  return lines;
}

std::string times_table(const BenchReport& report) {
  std::vector<std::string> headings = {"", "mean ms", "median", "p99", "frames/s"};
  for (const PaperComputer& computer : report.paper.computers) headings.push_back(computer.gpu + "*");
  TextTable table(headings);
  bool has_paper = false;
  for (const SystemCost& system : report.systems) {
    const PaperSystem& paper = report.paper.of(system.name);
    has_paper = has_paper || !paper.frame_ms.empty();
    for (const FrameCost& frames : system.frames) {
      if (frames.times.seconds.empty()) continue;
      std::vector<std::string> cells = {
          frames.title, milliseconds(frames.times.mean_ms()), milliseconds(frames.times.median_ms()),
          milliseconds(frames.times.p99_ms()), rate(frames.times.frames_per_second())};
      for (const PaperComputer& computer : report.paper.computers) {
        const auto ms = value_at(paper.frame_ms, computer.name);
        cells.push_back(frames.as_in_paper ? or_dash(ms, "{:.3f}") : kNoValue);
      }
      table.add(std::move(cells));
    }
  }
  if (table.is_empty()) return {};
  return "\nTime of a frame\n" + table.text() +
         (has_paper ? "* the paper's mean, ms, one frame a call (Tables 2, 4 and 6)\n" : "");
}

/// Where a system makes frames in several ways, or was timed beside others: how they compare.
std::string comparison_table(const BenchReport& report) {
  TextTable table({"", "times faster", "floor ms", "of floor", "beside ms", "p99", "of alone"});
  for (const SystemCost& system : report.systems) {
    for (const FrameCost& frames : system.frames) {
      const bool is_beside = !frames.beside.seconds.empty();
      if (frames.times.seconds.empty() || (frames.floor_ms == 0 && !is_beside)) continue;
      const double median = frames.times.median_ms();
      const auto beside = [&](double value) { return is_beside ? std::optional(value) : std::nullopt; };
      const auto of_floor = [&](double value) {
        return frames.floor_ms > 0 ? std::optional(value) : std::nullopt;
      };
      table.add({frames.title, fmt::format("{:.2f}", system.frames.front().times.median_ms() / median),
                 or_dash(of_floor(frames.floor_ms), "{:.1f}"),
                 or_dash(of_floor(median / frames.floor_ms), "{:.2f}"),
                 or_dash(beside(is_beside ? frames.beside.median_ms() : 0), "{:.1f}"),
                 or_dash(beside(is_beside ? frames.beside.p99_ms() : 0), "{:.1f}"),
                 or_dash(beside(is_beside ? frames.beside.median_ms() / median : 0), "{:.2f}")});
    }
  }
  if (table.is_empty()) return {};
  std::string text =
      "\nEngines\n" + table.text() +
      "times faster: than the first of the same networks, by medians.\n"
      "floor: what this machine takes for the kernels' products of 16 bits alone, as measured.\n";
  if (report.timing.beside > 0) {
    text += fmt::format(
        "beside: the median with {} busy processes beside it, its p99, and how many times that of "
        "frames alone.\n",
        report.timing.beside);
  }
  return text;
}

/// Of systems that have networks: LibTorch sees nothing of what OpenGL draws.
std::string work_table(const BenchReport& report) {
  TextTable table({"", "GFLOP a frame", "GFLOP/s", "weights MiB", "working MiB"});
  for (const SystemCost& system : report.systems) {
    for (const FrameCost& frames : system.frames) {
      if (frames.times.seconds.empty() || system.networks.empty()) continue;
      // Kernels that LibTorch does not know of are not counted.
      const auto gigaflops =
          frames.flops > 0 ? std::optional(static_cast<double>(frames.flops) / 1e9) : std::nullopt;
      const auto speed =
          gigaflops ? std::optional(*gigaflops * frames.times.frames_per_second()) : std::nullopt;
      const auto working = frames.working_bytes
                               ? std::optional(static_cast<double>(*frames.working_bytes) / kMebibyte)
                               : std::nullopt;
      table.add({frames.title, or_dash(gigaflops, "{:.2f}"), or_dash(speed, "{:.1f}"),
                 fmt::format("{:.1f}", static_cast<double>(system.weight_bytes) / kMebibyte),
                 or_dash(working, "{:.1f}")});
    }
  }
  if (table.is_empty()) return {};
  return "\nWork and memory\n" + table.text() +
         "GFLOP: two for each multiply-add of convolutions, matrix products and attention, as calculated.\n"
         "working: the most memory that a call took beyond weights and whatever else was there before.\n";
}

/// What a network's parameters take as fp32.
std::optional<double> mebibytes_of(const SystemCost& system, const std::string& network) {
  for (const NetworkSize& size : system.networks) {
    if (size.name == network) return static_cast<double>(size.parameters) * sizeof(float) / kMebibyte;
  }
  return std::nullopt;
}

std::string size_table(const BenchReport& report) {
  TextTable table({"", "parameters", "HRR", "editor", "total", "HRR*", "editor*", "total*", "PSNR*"});
  for (const SystemCost& system : report.systems) {
    if (system.networks.empty()) continue;
    const PaperSystem& paper = report.paper.of(system.name);
    const auto parameters = static_cast<double>(system.parameters());
    table.add({system.title, fmt::format("{:.3f} M", parameters / 1e6),
               or_dash(mebibytes_of(system, "half_resolution_rotator"), "{:.1f}"),
               or_dash(mebibytes_of(system, "editor"), "{:.1f}"),
               fmt::format("{:.1f}", parameters * sizeof(float) / kMebibyte),
               or_dash(value_at(paper.size_mb, "half_resolution_rotator"), "{:.0f}"),
               or_dash(value_at(paper.size_mb, "editor"), "{:.0f}"),
               or_dash(value_at(paper.size_mb, "total"), "{:g}"), or_dash(paper.psnr_db, "{:.3f}")});
  }
  if (table.is_empty()) return {};
  return "\nSize: MiB of fp32 (HRR: half-resolution rotator)\n" + table.text() +
         "* the paper's MB, and dB of its students (Tables 2 and 6, section 5.3.1); on its units of MB see\n"
         "  configs/bench/paper.json\n";
}

}  // namespace

std::string to_text(const BenchReport& report) {
  return head_lines(report) + times_table(report) + comparison_table(report) + work_table(report) +
         size_table(report);
}

}  // namespace tha4::app
