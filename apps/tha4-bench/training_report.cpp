#include "training_report.h"

#include <filesystem>

#include "durations.h"
#include "machine_report.h"
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "tha4/report/text_table.h"

namespace tha4::app {
namespace {

std::string head_lines(const TrainingReport& report) {
  const TeacherTrainingConfig& settings = report.settings;
  std::string lines = to_text(report.machine, report.device);
  lines += fmt::format("training  {}, phase {} of {}\n", trained_network_name(settings.network), report.phase,
                       report.config);
  if (!report.vgg16.empty()) lines += "VGG16     " + report.vgg16 + "\n";
  lines += "data      " + report.data + "\n";
  lines += fmt::format("steps     {} after {}, {} examples each in {}{}{}\n", report.steps.timed,
                       report.steps.warm_up, report.cost.batch, precision_name(settings.precision),
                       settings.channels_last ? ", channels last" : "",
                       settings.activation_checkpointing ? ", with activation checkpointing" : "");
  if (report.processes > 1) lines += fmt::format("processes {}\n", report.processes);
  return lines;
}

std::string times_table(const TrainingReport& report) {
  const auto& seconds = report.cost.step_seconds;
  TextTable table({"Time of a step", "mean ms", "median", "p99", "examples/s", "waiting for data"});
  table.add({std::string(trained_network_name(report.settings.network)),
             fmt::format("{:.2f}", mean(seconds) * 1000),
             fmt::format("{:.2f}", quantile(seconds, 0.5) * 1000),
             fmt::format("{:.2f}", quantile(seconds, 0.99) * 1000),
             fmt::format("{:.2f}", report.cost.examples_per_second()),
             fmt::format("{:.1f} %", report.cost.waiting_for_data * 100)});
  return "\n" + table.text();
}

std::int64_t parameters_of(const TrainingCost& cost) {
  std::int64_t sum = 0;
  for (const NetworkSize& network : cost.networks) sum += network.parameters;
  return sum;
}

std::string work_table(const TrainingReport& report) {
  const TrainingCost& cost = report.cost;
  const double gigaflops = static_cast<double>(cost.flops) / 1e9 / cost.batch;
  TextTable table({"Work and memory", "GFLOP an example", "GFLOP/s", "parameters", "memory MiB"});
  table.add({std::string(trained_network_name(report.settings.network)), fmt::format("{:.2f}", gigaflops),
             fmt::format("{:.1f}", gigaflops * cost.examples_per_second()),
             fmt::format("{:.3f} M", static_cast<double>(parameters_of(cost)) / 1e6),
             cost.memory ? fmt::format("{:.1f}", static_cast<double>(*cost.memory) / kMebibyte) : kNoValue});
  return "\n" + table.text() +
         "GFLOP: two for each multiply-add of convolutions, matrix products and attention, as calculated\n"
         "in forward, losses and backward.\n"
         "memory: the most that a process used: weights, gradients, moments and what forward keeps.\n";
}

nlohmann::json times_json(const TrainingCost& cost) {
  nlohmann::json json = {{"steps", cost.step_seconds.size()}};
  if (cost.step_seconds.empty()) return json;
  json["mean_ms"] = mean(cost.step_seconds) * 1000;
  json["median_ms"] = quantile(cost.step_seconds, 0.5) * 1000;
  json["p99_ms"] = quantile(cost.step_seconds, 0.99) * 1000;
  json["examples_per_second"] = cost.examples_per_second();
  return json;
}

}  // namespace

std::string to_text(const TrainingReport& report) {
  std::string text = head_lines(report);
  if (!report.cost.step_seconds.empty()) text += times_table(report) + work_table(report);
  return text;
}

nlohmann::json to_json(const TrainingReport& report) {
  const TrainingCost& cost = report.cost;
  nlohmann::json json = {{"machine", to_json(report.machine, report.device)},
                         {"processes", report.processes},
                         {"network", trained_network_name(report.settings.network)},
                         {"config", report.config},
                         {"phase", report.phase},
                         {"data", report.data},
                         {"precision", precision_name(report.settings.precision)},
                         {"channels_last", report.settings.channels_last},
                         {"activation_checkpointing", report.settings.activation_checkpointing},
                         {"batch", cost.batch},
                         {"warm_up", report.steps.warm_up},
                         {"times", times_json(cost)},
                         {"waiting_for_data", cost.waiting_for_data},
                         {"flops", cost.flops}};
  if (!report.vgg16.empty()) json["vgg16"] = report.vgg16;
  if (cost.memory) json["memory_bytes"] = *cost.memory;
  for (const NetworkSize& network : cost.networks) json["parameters"][network.name] = network.parameters;
  for (const Measure& loss : cost.losses) json["losses"][loss.name] = loss.value;
  return json;
}

}  // namespace tha4::app
