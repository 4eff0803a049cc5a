#include "tha4/train/fitting_loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <spdlog/spdlog.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/interrupt.h"
#include "tha4/base/progress.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kCurvePoints = 200;
constexpr int kKeptCheckpoints = 2;

/// The tensors of \p state whose names begin with \p prefix, without it.
StateDict part_of(const StateDict& state, const std::string& prefix) {
  StateDict part;
  for (const auto& item : state) {
    if (item.key().starts_with(prefix)) part.insert(item.key().substr(prefix.size()), item.value());
  }
  return part;
}

void add_part(StateDict& state, const std::string& prefix, const StateDict& part) {
  for (const auto& item : part) state.insert(prefix + item.key(), item.value());
}

void check_finite(const Fitting& fitting, std::int64_t examples_seen) {
  for (const auto& item : fitting.network_state()) {
    if (item.value().is_floating_point() && !item.value().isfinite().all().item<bool>()) {
      throw Error(
          fitting.name() + ": " + item.key() + " is no longer finite after " + std::to_string(examples_seen) +
          " examples; the checkpoint before that is kept. Start again with a lower learning rate (--set)");
    }
  }
}

nlohmann::json to_json(const std::vector<FittingCurves>& curves) {
  nlohmann::json json = nlohmann::json::array();
  for (const FittingCurves& course : curves) {
    nlohmann::json losses = nlohmann::json::array();
    for (const ChartSeries& series : course.losses) {
      nlohmann::json points = nlohmann::json::array();
      for (const ChartPoint& point : series.points) points.push_back({point.x, point.y});
      losses.push_back({{"name", series.name}, {"points", points}});
    }
    json.push_back({{"fitting", course.fitting}, {"losses", losses}});
  }
  return json;
}

std::vector<FittingCurves> curves_from_json(const nlohmann::json& json) {
  std::vector<FittingCurves> curves;
  for (const auto& course : json) {
    FittingCurves& fitting = curves.emplace_back();
    fitting.fitting = course.at("fitting").get<std::string>();
    for (const auto& losses : course.at("losses")) {
      ChartSeries& series = fitting.losses.emplace_back();
      series.name = losses.at("name").get<std::string>();
      for (const auto& point : losses.at("points")) series.points.push_back({point.at(0), point.at(1)});
    }
  }
  return curves;
}

}  // namespace

/// Mean of the losses since the last point of the curves; kept on the device, since reading a loss waits for
/// it.
class FittingLoop::LossAverage {
 public:
  void add(const std::vector<LossTerm>& losses) {
    if (sums_.size() != losses.size()) sums_ = losses, count_ = 0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
      sums_[i] = {losses[i].name, count_ == 0 ? losses[i].value : sums_[i].value + losses[i].value};
    }
    ++count_;
  }

  /// Means by name, the total first; starts anew.
  std::vector<std::pair<std::string, double>> take() {
    std::vector<std::pair<std::string, double>> means;
    for (const LossTerm& sum : sums_) means.emplace_back(sum.name, sum.value.item<double>() / count_);
    count_ = 0;
    return means;
  }

 private:
  std::vector<LossTerm> sums_;
  int count_ = 0;
};

FittingLoop::FittingLoop(const RunFolder& run, const Options& options, bool resume)
    : run_(run), options_(options), events_(run.events()) {
  if (!resume) return;
  const auto file = latest_checkpoint(run.path());
  if (!file) {
    spdlog::info("there is no checkpoint yet: starting from the beginning");
    return;
  }
  checkpoint_ = read_checkpoint(*file);
  checkpoint_name_ = file->string();
  try {
    curves_ = curves_from_json(checkpoint_->state.at("curves"));
    for (const auto& name : checkpoint_->state.at("finished")) {
      const std::string prefix = name.get<std::string>() + ".network.";
      add_part(finished_, prefix, part_of(checkpoint_->tensors, prefix));
    }
    examples_before_ = checkpoint_->state.at("examples_before").get<std::int64_t>();
    spdlog::info("continuing from {}", checkpoint_name_);
  } catch (const nlohmann::json::exception&) {
    throw InputError(checkpoint_name_ + " is not a checkpoint of a distillation");
  }
}

std::optional<StateDict> FittingLoop::finished_network(const std::string& fitting) const {
  StateDict network = part_of(finished_, fitting + ".network.");
  if (network.is_empty()) return std::nullopt;
  return network;
}

std::int64_t FittingLoop::restore(Fitting& fitting) {
  if (!checkpoint_ || checkpoint_->state.value("fitting", "") != fitting.name()) return 0;
  const std::int64_t examples_seen = checkpoint_->state.value("examples_seen", std::int64_t{0});
  fitting.restore(part_of(checkpoint_->tensors, fitting.name() + ".network."),
                  part_of(checkpoint_->tensors, fitting.name() + ".optimizer."), checkpoint_name_);
  checkpoint_.reset();
  return examples_seen;
}

void FittingLoop::write(const Fitting& fitting, std::int64_t examples_seen, bool finished) {
  check_finite(fitting, examples_seen);
  Checkpoint checkpoint;
  const std::string network = fitting.name() + ".network.";
  if (finished) {
    for (const auto& item : fitting.network_state())
      finished_.insert(network + item.key(), item.value().detach());
  } else {
    add_part(checkpoint.tensors, network, fitting.network_state());
    add_part(checkpoint.tensors, fitting.name() + ".optimizer.", fitting.optimizer_state());
  }
  add_part(checkpoint.tensors, "", finished_);

  std::vector<std::string> names;
  for (const auto& item : finished_) {
    const std::string name = item.key().substr(0, item.key().find(".network."));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  checkpoint.state = {{"finished", names},
                      {"examples_before", examples_before_ + (finished ? examples_seen : 0)},
                      {"curves", to_json(curves_)}};
  if (!finished) {
    checkpoint.state["fitting"] = fitting.name();
    checkpoint.state["examples_seen"] = examples_seen;
  }
  write_checkpoint(run_.path(), examples_before_ + examples_seen, checkpoint, kKeptCheckpoints);
  events_.flush();
}

double FittingLoop::add_curve_point(FittingCurves& curves, const std::string& fitting,
                                    std::int64_t examples_seen, LossAverage& average) {
  const auto means = average.take();
  if (!std::isfinite(means.front().second)) {
    throw Error(fitting + ": the loss became " + std::to_string(means.front().second) + " after " +
                std::to_string(examples_seen) + " examples; the last checkpoint in " +
                run_.checkpoints().string() +
                " is from before. Start again with a lower learning rate (--set)");
  }
  for (const auto& [name, mean] : means) {
    const auto same = [&, &wanted = name](const ChartSeries& series) { return series.name == wanted; };
    auto series = std::find_if(curves.losses.begin(), curves.losses.end(), same);
    if (series == curves.losses.end())
      series = curves.losses.insert(curves.losses.end(), ChartSeries{name, {}});
    series->points.push_back({static_cast<double>(examples_seen), mean});
    events_.add_scalar(fitting + "/" + name, mean, examples_seen);
  }
  return means.front().second;
}

void FittingLoop::save_sample(Fitting& fitting, std::int64_t examples_seen) {
  const RgbaImage picture = fitting.sample();
  const std::string number = std::to_string(examples_seen);
  write_image(
      run_.samples() / (fitting.name() + "_" +
                        std::string(10 - std::min<std::size_t>(10, number.size()), '0') + number + ".png"),
      picture);
  events_.add_image(fitting.name() + "/sample", picture, examples_seen);
}

void FittingLoop::run(Fitting& fitting) {
  const std::int64_t total = fitting.total_examples();
  std::int64_t seen = restore(fitting);
  const bool begins = curves_.empty() || curves_.back().fitting != fitting.name();
  if (begins) curves_.push_back({fitting.name(), {}});
  FittingCurves& curves = curves_.back();

  Progress progress(fitting.name(), total, "examples");
  progress.update(seen);
  LossAverage average;
  std::string note;
  auto last_checkpoint = Clock::now();
  while (seen < total) {
    const FittingStep step = fitting.step(seen);
    const std::int64_t before = std::exchange(seen, std::min(seen + step.examples, total));
    average.add(step.losses);
    const auto passes = [&](std::int64_t parts) { return before * parts / total != seen * parts / total; };
    if (passes(kCurvePoints)) {
      note = fmt::format("loss {:.4g}", add_curve_point(curves, fitting.name(), seen, average));
    }
    if (passes(options_.samples)) save_sample(fitting, seen);
    progress.update(seen, note);
    if (seen == total) break;

    const bool interrupted = interrupt_requested();
    if (interrupted ||
        Clock::now() - last_checkpoint >= std::chrono::duration<double>(options_.checkpoint_seconds)) {
      write(fitting, seen, false);
      last_checkpoint = Clock::now();
    }
    if (interrupted) {
      progress.finish();
      throw InterruptedError("interrupted after " + std::to_string(seen) + " of " + std::to_string(total) +
                             " examples of the " + fitting.name() + "; everything is saved in " +
                             run_.path().string() + ", and --resume goes on from there");
    }
  }
  progress.finish();
  write(fitting, seen, true);
  examples_before_ += total;
}

}  // namespace tha4
