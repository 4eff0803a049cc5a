#include "machine_report.h"
#include "report.h"
#include <nlohmann/json.hpp>

namespace tha4::app {
namespace {

/// Without times where none was taken before the user interrupted.
nlohmann::json frames_json(const FrameCost& frames) {
  nlohmann::json json = {{"title", frames.title},
                         {"as_in_paper", frames.as_in_paper},
                         {"calls", frames.times.seconds.size()},
                         {"flops", frames.flops}};
  if (frames.working_bytes) json["working_bytes"] = *frames.working_bytes;
  if (frames.times.seconds.empty()) return json;
  json["mean_ms"] = frames.times.mean_ms();
  json["median_ms"] = frames.times.median_ms();
  json["p99_ms"] = frames.times.p99_ms();
  json["frames_per_second"] = frames.times.frames_per_second();
  if (frames.floor_ms > 0) json["floor_ms"] = frames.floor_ms;
  if (!frames.beside.seconds.empty()) {
    json["beside"] = {{"median_ms", frames.beside.median_ms()}, {"p99_ms", frames.beside.p99_ms()}};
  }
  return json;
}

nlohmann::json paper_json(const PaperSystem& paper) {
  nlohmann::json json = {{"frame_ms", paper.frame_ms}, {"size_mb", paper.size_mb}};
  if (paper.psnr_db) json["psnr_db"] = *paper.psnr_db;
  return json;
}

nlohmann::json system_json(const SystemCost& system, const PaperFigures& paper) {
  nlohmann::json json = {{"name", system.name}, {"title", system.title}, {"frames", nlohmann::json::array()}};
  for (const FrameCost& frames : system.frames) json["frames"].push_back(frames_json(frames));
  if (!system.opengl.empty()) json["opengl"] = system.opengl;
  if (!system.networks.empty()) {
    for (const NetworkSize& network : system.networks) json["parameters"][network.name] = network.parameters;
    json["parameters"]["total"] = system.parameters();
    json["weight_bytes"] = system.weight_bytes;
  }
  if (paper.systems.contains(system.name)) json["paper"] = paper_json(paper.of(system.name));
  return json;
}

}  // namespace

nlohmann::json to_json(const BenchReport& report) {
  nlohmann::json json = {{"machine", to_json(report.machine, report.device)},
                         {"measured", report.subject},
                         {"precision", report.precision},
                         {"batch", report.timing.batch},
                         {"frames", report.timing.frames},
                         {"busy_processes", report.timing.beside},
                         {"systems", nlohmann::json::array()},
                         {"paper_computers", nlohmann::json::array()}};
  for (const SystemCost& system : report.systems)
    json["systems"].push_back(system_json(system, report.paper));
  for (const PaperComputer& computer : report.paper.computers) {
    json["paper_computers"].push_back({{"name", computer.name}, {"gpu", computer.gpu}});
  }
  return json;
}

}  // namespace tha4::app
