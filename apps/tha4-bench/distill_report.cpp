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
  for (const FittingCost& fitting : cost.fittings) {
    const auto& seconds = fitting.step_seconds;
    if (seconds.empty()) continue;
    table.add({fitting.title, fmt::format("{:.2f}", mean(seconds) * 1000),
               fmt::format("{:.2f}", quantile(seconds, 0.5) * 1000),
               fmt::format("{:.2f}", quantile(seconds, 0.99) * 1000), std::to_string(fitting.batch),
               fmt::format("{:.2f}", fitting.examples_per_second()), std::to_string(fitting.examples)});
  }
  return table.is_empty() ? "" : "\n" + table.text();
}

std::string work_table(const DistillCost& cost) {
  TextTable table({"Work and memory", "GFLOP an example", "GFLOP/s", "weights", "memory MiB", "set-up s"});
  for (const FittingCost& fitting : cost.fittings) {
    if (fitting.step_seconds.empty()) continue;
    const double gigaflops = static_cast<double>(fitting.flops) / 1e9 / static_cast<double>(fitting.batch);
    table.add(
        {fitting.title, fmt::format("{:.3f}", gigaflops),
         fmt::format("{:.1f}", gigaflops * fitting.examples_per_second()),
         fmt::format("{:.3f} M", static_cast<double>(fitting.weights) / 1e6),
         fitting.memory ? fmt::format("{:.1f}", static_cast<double>(*fitting.memory) / kMebibyte) : kNoValue,
         fitting.set_up_seconds > 0 ? fmt::format("{:.2f}", fitting.set_up_seconds) : kNoValue});
  }
  if (table.is_empty()) return {};
  return "\n" + table.text() +
         "GFLOP: two for each multiply-add of convolutions, matrix products and attention, as calculated in\n"
         "forward, losses and backward; the teacher's too, where a step asks for its frames.\n"
         "memory: the most that a fitting used: the teacher's frames that it keeps, gradients and moments.\n";
}

nlohmann::json to_json(const TeacherCost& part) {
  nlohmann::json json = {{"output", part.output}, {"batch", part.batch}, {"made", part.count}};
  if (part.needed > 0) json["needed"] = part.needed;
  if (part.count > 0) json["per_second"] = part.per_second();
  return json;
}

nlohmann::json to_json(const FittingCost& fitting) {
  nlohmann::json json = {{"fitting", fitting.title},
                         {"batch", fitting.batch},
                         {"examples", fitting.examples},
                         {"steps", fitting.step_seconds.size()},
                         {"flops", fitting.flops},
                         {"weights", fitting.weights},
                         {"set_up_seconds", fitting.set_up_seconds}};
  if (!fitting.step_seconds.empty()) {
    json["mean_ms"] = mean(fitting.step_seconds) * 1000;
    json["median_ms"] = quantile(fitting.step_seconds, 0.5) * 1000;
    json["p99_ms"] = quantile(fitting.step_seconds, 0.99) * 1000;
    json["examples_per_second"] = fitting.examples_per_second();
  }
  if (fitting.memory) json["memory_bytes"] = *fitting.memory;
  for (const Measure& loss : fitting.losses) json["losses"][loss.name] = loss.value;
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
                         {"config", times.config},
                         {"teacher", times.teacher},
                         {"warm_up", times.steps.warm_up},
                         {"teacher_output", nlohmann::json::array()},
                         {"fittings", nlohmann::json::array()}};
  for (const TeacherCost& part : times.cost.teacher) json["teacher_output"].push_back(to_json(part));
  for (const FittingCost& fitting : times.cost.fittings) json["fittings"].push_back(to_json(fitting));
  if (times.is_whole) json["seconds_of_all"] = times.cost.seconds_of_all();
  return json;
}

}  // namespace tha4::app
