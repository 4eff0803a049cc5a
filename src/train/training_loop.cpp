#include "tha4/train/training_loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "training_record.h"
#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/distributed/gradient_reducer.h"
#include "tha4/image/image_io.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kKeptCheckpoints = 2;

/// What a process wants to happen after a step; the highest wish of a group counts.
enum Wish : int { kGoOn, kWriteCheckpoint, kEnd, kStop };

void check_finite(const Training& training, const TrainingState& state, std::int64_t examples_seen) {
  for (const auto& item : state.network) {
    if (item.value().is_floating_point() && !item.value().isfinite().all().item<bool>()) {
      throw Error(
          fmt::format("{}: {} is no longer finite after {} examples; the checkpoint before that is kept",
                      training.name(), item.key(), examples_seen),
          Remedy::lower_learning_rate);
    }
  }
}

std::string text_of(const std::vector<Measure>& measures) {
  std::string text;
  for (const Measure& measure : measures) text += fmt::format(", {} {:.4g}", measure.name, measure.value);
  return text;
}

/// The mean of the losses of all processes, from that of this one. Throws Error if a loss is not finite,
/// naming the process in which that happened first.
std::vector<Measure> mean_of_group(ProcessGroup& group, const std::vector<Measure>& own,
                                   std::int64_t finite_steps, const std::string& subject) {
  nlohmann::json values = {finite_steps};
  for (const Measure& measure : own) values.push_back(fmt::format("{}", measure.value));  // as to_json() has
  std::vector<Measure> means = own;
  for (Measure& mean : means) mean.value = 0;
  int culprit = 0;
  std::int64_t min = finite_steps;
  const auto texts = group.gather(values.dump());
  for (std::size_t rank = 0; rank < texts.size(); ++rank) {
    const auto of_rank = nlohmann::json::parse(texts[rank]);
    if (const auto steps = of_rank[0].get<std::int64_t>(); rank == 0 || steps < min) {
      min = steps;
      culprit = static_cast<int>(rank);
    }
    for (std::size_t i = 0; i < means.size(); ++i) {
      means[i].value += std::stod(of_rank.at(i + 1).get<std::string>()) / group.size();
    }
  }
  if (!std::isfinite(means.front().value)) {
    const std::string where = group.size() > 1 ? " on rank " + std::to_string(culprit) : "";
    throw Error(subject + ": the loss became " + fmt::format("{}", means.front().value) + where);
  }
  return means;
}

}  // namespace

/// Means of the losses since the last point of the curves, each over the steps that had it; kept on the
/// device, since reading a loss waits for it.
class TrainingLoop::LossAverage {
 public:
  void add(const std::vector<LossTerm>& losses) {
    for (const LossTerm& loss : losses) {
      auto sum =
          std::find_if(sums_.begin(), sums_.end(), [&](const Sum& other) { return other.name == loss.name; });
      if (sum == sums_.end()) sum = sums_.insert(sums_.end(), {loss.name, {}, 0});
      sum->value = sum->count++ == 0 ? loss.value : sum->value + loss.value;
    }
    const auto is_finite = losses.front().value.isfinite().to(torch::kInt64);
    is_finite_ = finite_steps_.defined() ? is_finite_ * is_finite : is_finite;
    finite_steps_ = finite_steps_.defined() ? finite_steps_ + is_finite_ : is_finite_.clone();
  }

  /// Means by name, the total first; starts anew.
  std::vector<Measure> take() {
    std::vector<Measure> means;
    for (const Sum& sum : sums_) means.push_back({sum.name, sum.value.item<double>() / sum.count});
    sums_.clear();
    return means;
  }

  /// After how many steps in all the loss was not finite for the first time.
  std::int64_t finite_steps() const { return finite_steps_.item<std::int64_t>(); }

 private:
  struct Sum {
    std::string name;
    torch::Tensor value;
    int count;
  };

  std::vector<Sum> sums_;
  torch::Tensor is_finite_;  ///< 1 until a loss was not finite
  torch::Tensor finite_steps_;
};

TrainingLoop::TrainingLoop(const RunFolder* run, std::filesystem::path folder, const Options& options,
                           bool resume, ProcessGroup& group, const Context& context)
    : run_(run), folder_(std::move(folder)), options_(options), group_(group), context_(context) {
  if (run_ != nullptr) events_.emplace(run_->events());
  if (resume) read_checkpoint_of(folder_);
}

void TrainingLoop::read_checkpoint_of(const std::filesystem::path& folder) {
  const auto file = latest_checkpoint(folder, context_);
  const auto files = group_.gather(file ? file->filename().string() : "");
  for (std::size_t rank = 0; rank < files.size(); ++rank) {
    if (files[rank] != files.front()) {
      throw InputError("rank " + std::to_string(rank) + " does not see the checkpoint " + files.front() +
                       " in " + folder.string() + "; all processes must see the same folder");
    }
  }
  if (!file) {
    if (group_.is_first()) context_.info("there is no checkpoint yet: starting from the beginning");
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
    const nlohmann::json all_scores = checkpoint_->state.value("scores", nlohmann::json::object());
    for (const auto& [name, scores] : all_scores.items()) scores_[name] = measures_from_json(scores);
    examples_before_ = checkpoint_->state.at("examples_before").get<std::int64_t>();
    if (group_.is_first()) context_.info("continuing from " + checkpoint_name_);
  } catch (const std::exception&) {
    throw InputError(checkpoint_name_ + " is not a checkpoint of such a run");
  }
}

std::optional<StateDict> TrainingLoop::finished_network(const std::string& training) const {
  StateDict network = part_of(finished_, training + ".network.");
  if (network.is_empty()) return std::nullopt;
  return network;
}

std::int64_t TrainingLoop::interrupted_after(const std::string& training) const {
  if (!checkpoint_ || checkpoint_->state.value("fitting", "") != training) return 0;
  return checkpoint_->state.value("examples_seen", std::int64_t{0});
}

std::vector<Measure> TrainingLoop::finished_scores(const std::string& training) const {
  const auto scores = scores_.find(training);
  return scores == scores_.end() ? std::vector<Measure>{} : scores->second;
}

std::int64_t TrainingLoop::restore(Training& training) {
  if (!checkpoint_ || checkpoint_->state.value("fitting", "") != training.name()) return 0;
  const std::int64_t examples_seen = interrupted_after(training.name());
  const nlohmann::json& data = checkpoint_->state["data"];
  if (!data.is_array() || std::ssize(data) != group_.size()) {
    throw InputError(checkpoint_name_ + " was written by " + std::to_string(data.size()) +
                     " processes; resume it with as many");
  }
  training.restore({.network = part_of(checkpoint_->tensors, training.name() + ".network."),
                    .optimizer = part_of(checkpoint_->tensors, training.name() + ".optimizer."),
                    .data = data[static_cast<std::size_t>(group_.rank())]},
                   checkpoint_name_);
  checkpoint_.reset();
  return examples_seen;
}

void TrainingLoop::write(const Training& training, std::int64_t examples_seen, bool finished) {
  const TrainingState state = training.state();
  check_finite(training, state, examples_seen);
  std::vector<torch::Tensor> weights;
  for (const auto& item : state.network) weights.push_back(item.value());
  check_equal_everywhere(group_, weights);
  const std::vector<std::string> data_states = group_.gather(state.data.dump());
  if (run_ != nullptr) {
    write_file(training, state, examples_seen, finished, data_states);
  } else if (finished) {
    add_part(finished_, training.name() + ".network.", training.exported_state());
  }
}

void TrainingLoop::write_file(const Training& training, const TrainingState& state,
                              std::int64_t examples_seen, bool finished,
                              const std::vector<std::string>& data_states) {
  Checkpoint checkpoint;
  const std::string network = training.name() + ".network.";
  if (finished) {
    for (const auto& item : training.exported_state())
      finished_.insert(network + item.key(), item.value().detach());
  } else {
    add_part(checkpoint.tensors, network, state.network);
    add_part(checkpoint.tensors, training.name() + ".optimizer.", state.optimizer);
  }
  add_part(checkpoint.tensors, "", finished_);

  std::vector<std::string> names;
  for (const auto& item : finished_) {
    const std::string name = item.key().substr(0, item.key().find(".network."));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  checkpoint.state = {{"finished", names},
                      {"examples_before", examples_before_ + (finished ? examples_seen : 0)},
                      {"curves", to_json(curves_)},
                      {"scores", nlohmann::json::object()}};
  for (const auto& [name, scores] : scores_) checkpoint.state["scores"][name] = to_json(scores);
  if (!finished) {
    checkpoint.state["fitting"] = training.name();
    checkpoint.state["examples_seen"] = examples_seen;
    for (const std::string& data : data_states) {
      checkpoint.state["data"].push_back(nlohmann::json::parse(data));
    }
  }
  write_checkpoint(folder_, examples_before_ + examples_seen, checkpoint, kKeptCheckpoints);
  events_->flush();
}

std::vector<Measure> TrainingLoop::add_curve_point(TrainingCurves& curves, Training& training,
                                                   std::int64_t examples_seen, LossAverage& average) {
  const auto own = average.take();
  std::vector<Measure> means;
  try {
    means = mean_of_group(group_, own, average.finite_steps(), training.name());
  } catch (const GroupError&) {
    throw;
  } catch (const Error& error) {
    throw Error(std::string(error.what()) + " within " + std::to_string(examples_seen) +
                    " examples; the last checkpoint in " + (folder_ / "checkpoints").string() +
                    " is from before",
                Remedy::lower_learning_rate);
  }
  for (const Measure& mean : means) {
    const auto same = [&](const ChartSeries& series) { return series.name == mean.name; };
    auto series = std::find_if(curves.losses.begin(), curves.losses.end(), same);
    if (series == curves.losses.end())
      series = curves.losses.insert(curves.losses.end(), ChartSeries{mean.name, {}});
    series->points.push_back({static_cast<double>(examples_seen), mean.value});
  }
  const TrainingParts parts = training.parts();
  const std::vector<Measure> measures = parts.measures ? parts.measures() : std::vector<Measure>{};
  add_events(training.name(), means, examples_seen);
  add_events(training.name(), measures, examples_seen);
  means.insert(means.end(), measures.begin(), measures.end());
  return means;
}

void TrainingLoop::add_events(const std::string& training, const std::vector<Measure>& measures,
                              std::int64_t examples_seen) {
  if (!events_) return;
  for (const Measure& measure : measures) {
    events_->add_scalar(training + "/" + measure.name, measure.value, examples_seen);
  }
}

std::vector<Measure> TrainingLoop::validate(Training& training, std::int64_t examples_seen) {
  const TrainingParts parts = training.parts();
  std::vector<Measure> scores = parts.validate ? parts.validate() : std::vector<Measure>{};
  add_events(training.name(), scores, examples_seen);
  return scores;
}

void TrainingLoop::log_course(const std::string& training, std::int64_t examples_seen,
                              const std::string& course) const {
  if (run_ != nullptr && !course.empty()) {
    context_.info(fmt::format("{} after {} examples{}", training, examples_seen, course));
  }
}

void TrainingLoop::save_sample(Training& training, std::int64_t examples_seen) {
  const TrainingParts parts = training.parts();
  if (run_ == nullptr || !parts.sample) return;
  const RgbaImage picture = parts.sample();
  const std::string number = std::to_string(examples_seen);
  write_image(
      run_->samples() / (training.name() + "_" +
                         std::string(10 - std::min<std::size_t>(10, number.size()), '0') + number + ".png"),
      picture);
  events_->add_image(training.name() + "/sample", picture, examples_seen);
}

std::int64_t TrainingLoop::run(Training& training) {
  const std::int64_t total = training.total_examples();
  std::int64_t seen = restore(training);
  const bool begins = curves_.empty() || curves_.back().training != training.name();
  if (begins) curves_.push_back({training.name(), {}});
  TrainingCurves& curves = curves_.back();

  Progress progress(context_, training.name(), total, "examples");
  progress.update(seen);
  LossAverage average;
  std::string note, course;
  std::vector<Measure> scores;
  const auto begun_at = Clock::now();
  if (options_.time.count() > 0)
    progress.end_by(begun_at + std::chrono::duration_cast<Clock::duration>(options_.time));
  auto last_checkpoint = begun_at;
  while (seen < total) {
    const TrainingStep step = training.step(seen);
    const std::int64_t before = std::exchange(seen, std::min(seen + step.examples, total));
    average.add(step.losses);
    const auto passes = [&](std::int64_t parts) { return before * parts / total != seen * parts / total; };
    if (passes(options_.curve_points)) {
      const std::vector<Measure> measures = add_curve_point(curves, training, seen, average);
      note = fmt::format("loss {:.4g}", measures.front().value);
      course = text_of(measures);
    }
    if (passes(options_.validations) && training.parts().validate) {
      scores = validate(training, seen);
      log_course(training.name(), seen, std::exchange(course, {}) + text_of(scores));
    }
    if (passes(options_.samples)) save_sample(training, seen);
    progress.update(seen, note + text_of(scores));
    if (seen == total) break;

    const bool is_due =
        Clock::now() - last_checkpoint >= std::chrono::duration<double>(options_.checkpoint_seconds);
    const bool is_over = options_.time.count() > 0 && Clock::now() - begun_at >= options_.time;
    const Wish own_wish = context_.stop.stop_requested() ? kStop
                          : is_over                      ? kEnd
                          : is_due                       ? kWriteCheckpoint
                                                         : kGoOn;
    const int wish = group_.highest_before(own_wish);
    if (wish != kGoOn) {
      write(training, seen, false);
      log_course(training.name(), seen, std::exchange(course, {}));
      last_checkpoint = Clock::now();
    }
    if (wish == kEnd) break;
    if (wish == kStop) {
      progress.finish();
      throw InterruptedError("interrupted after " + std::to_string(seen) + " of " + std::to_string(total) +
                                 " examples of the " + training.name() + "; everything is saved in " +
                                 folder_.string(),
                             Remedy::resume);
    }
  }
  progress.finish();
  if (scores.empty() || seen < total) {
    scores = validate(training, seen);
    log_course(training.name(), seen, course + text_of(scores));
  }
  last_scores_ = scores;
  if (seen < total) return seen;  // its checkpoint is written
  scores_[training.name()] = std::move(scores);
  write(training, seen, true);
  examples_before_ += total;
  return seen;
}

}  // namespace tha4
