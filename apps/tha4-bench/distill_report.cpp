#include "distill_report.h"

#include "durations.h"
#include "machine_report.h"
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "tha4/report/text_table.h"

namespace tha4::app {
namespace {

std::string head_lines(const DistillTimes& times) {
  std::string lines = to_text(times.machine, times.device);
  if (times.processes > 1) lines += fmt::format("processes {}\n", times.processes);
  lines += "settings  " + times.config + "\n";
  lines += "teacher   " + times.teacher + "\n";
  return lines +
         fmt::format("steps     {} after {}, of each network\n", times.steps.timed, times.steps.warm_up);
}

std::string teacher_table(const DistillCost& cost) {
  TextTable table({"Teacher", "a call", "made", "of", "a second"});
  for (const TeacherCost& part : cost.teacher) {
    if (part.count == 0) continue;
    table.add({part.output, std::to_string(part.batch), std::to_string(part.count),
               part.needed > 0 ? std::to_string(part.needed) : kNoValue,
               fmt::format("{:.2f}", part.per_second())});
  }
  return table.is_empty() ? "" : "\n" + table.text();
}

std::string times_table(const DistillCost& cost) {
  TextTable table({"Time of a step", "mean ms", "median", "p99", "examples a step", "examples/s", "of"});
  for (const StageCost& stage : cost.stages) {
    const auto& seconds = stage.step_seconds;
    if (seconds.empty()) continue;
    table.add({stage.title, fmt::format("{:.2f}", mean(seconds) * 1000),
               fmt::format("{:.2f}", quantile(seconds, 0.5) * 1000),
               fmt::format("{:.2f}", quantile(seconds, 0.99) * 1000), std::to_string(stage.batch),
               fmt::format("{:.2f}", stage.examples_per_second()),
               stage.examples > 0 ? std::to_string(stage.examples) : kNoValue});
  }
  return table.is_empty() ? "" : "\n" + table.text();
}

std::string work_table(const DistillCost& cost) {
  TextTable table({"Work and memory", "GFLOP an example", "GFLOP/s", "weights", "memory MiB", "set-up s"});
  for (const StageCost& stage : cost.stages) {
    if (stage.step_seconds.empty()) continue;
    const double gigaflops = static_cast<double>(stage.flops) / 1e9 / static_cast<double>(stage.batch);
    table.add(
        {stage.title, stage.flops > 0 ? fmt::format("{:.3f}", gigaflops) : kNoValue,
         stage.flops > 0 ? fmt::format("{:.1f}", gigaflops * stage.examples_per_second()) : kNoValue,
         fmt::format("{:.3f} M", static_cast<double>(stage.weights) / 1e6),
         stage.memory ? fmt::format("{:.1f}", static_cast<double>(*stage.memory) / kMebibyte) : kNoValue,
         stage.set_up_seconds > 0 ? fmt::format("{:.2f}", stage.set_up_seconds) : kNoValue});
  }
  if (table.is_empty()) return {};
  return "\n" + table.text() +
         "GFLOP: two for each multiply-add of convolutions, matrix products and attention, as calculated in\n"
         "forward, losses and backward; the teacher's too, where a step asks for its frames. Kernels of the\n"
         "project's own are not counted.\n"
         "memory: the most that a training used: the teacher's frames that it keeps, gradients, moments.\n";
}

nlohmann::json to_json(const TeacherCost& part) {
  nlohmann::json json = {{"output", part.output}, {"batch", part.batch}, {"made", part.count}};
  if (part.needed > 0) json["needed"] = part.needed;
  if (part.count > 0) json["per_second"] = part.per_second();
  return json;
}

nlohmann::json to_json(const StageCost& stage) {
  nlohmann::json json = {{"fitting", stage.title},
                         {"batch", stage.batch},
                         {"examples", stage.examples},
                         {"steps", stage.step_seconds.size()},
                         {"flops", stage.flops},
                         {"weights", stage.weights},
                         {"set_up_seconds", stage.set_up_seconds}};
  if (!stage.step_seconds.empty()) {
    json["mean_ms"] = mean(stage.step_seconds) * 1000;
    json["median_ms"] = quantile(stage.step_seconds, 0.5) * 1000;
    json["p99_ms"] = quantile(stage.step_seconds, 0.99) * 1000;
    json["examples_per_second"] = stage.examples_per_second();
  }
  if (stage.memory) json["memory_bytes"] = *stage.memory;
  for (const Measure& loss : stage.losses) json["losses"][loss.name] = loss.value;
  return json;
}

}  // namespace

std::string to_text(const DistillTimes& times) {
  std::string text =
      head_lines(times) + teacher_table(times.cost) + times_table(times.cost) + work_table(times.cost);
  if (times.is_whole) {
    text += fmt::format("\nThe whole schedule would take {:.1f} min at these rates.\n",
                        times.cost.seconds_of_all() / 60);
  }
  return text;
}

nlohmann::json to_json(const DistillTimes& times) {
  nlohmann::json json = {{"machine", to_json(times.machine, times.device)},
                         {"processes", times.processes},
                         {"config", times.config},
                         {"teacher", times.teacher},
                         {"warm_up", times.steps.warm_up},
                         {"teacher_output", nlohmann::json::array()},
                         {"fittings", nlohmann::json::array()}};
  for (const TeacherCost& part : times.cost.teacher) json["teacher_output"].push_back(to_json(part));
  for (const StageCost& stage : times.cost.stages) json["fittings"].push_back(to_json(stage));
  if (times.is_whole) json["seconds_of_all"] = times.cost.seconds_of_all();
  return json;
}

}  // namespace tha4::app
