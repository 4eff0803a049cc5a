#include "tha4/teacher/teacher_training.h"

#include <algorithm>
#include <utility>

#include <ATen/Context.h>
#include <c10/util/Exception.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/peak_memory.h"
#include "tha4/distributed/batch_share.h"
#include "tha4/teacher/autocast.h"
#include "tha4/teacher/phase_loss.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {
namespace {

int share_of(const TeacherTrainingConfig& config, const ProcessGroup& group) {
  check_equal_shares(config.batch, group.size(), "batch");
  return config.batch / group.size();
}

/// The processes share the capacity of the replay as they share a batch, of which \p share is that of each.
TrainingFeedOptions feed_options(const TeacherTrainingConfig& config, const PictureView& view, int share,
                                 int processes) {
  return {.view = view,
          .batch = share,
          .batches_ahead = config.data.batches_ahead,
          .replay_capacity = config.data.replay_capacity / processes,
          .replay_min = config.data.replay_min / processes,
          .augmentation = config.augmentation};
}

/// The highest of the values of all processes, which wait for the slowest one. Collective.
double highest_of(ProcessGroup& group, double value) {
  double highest = value;
  for (const std::string& text : group.gather(std::to_string(value))) {
    highest = std::max(highest, std::stod(text));
  }
  return highest;
}

std::vector<at::Tensor> all_parameters(const NetworkTask& task) {
  std::vector<at::Tensor> parameters;
  for (const NamedNetwork& named : task.networks()) {
    for (const at::Tensor& parameter : named.network->parameters()) parameters.push_back(parameter);
  }
  return parameters;
}

std::vector<at::Tensor> all_buffers(const NetworkTask& task) {
  std::vector<at::Tensor> buffers;
  for (const NamedNetwork& named : task.networks()) {
    for (const at::Tensor& buffer : named.network->buffers()) buffers.push_back(buffer);
  }
  return buffers;
}

Error out_of_memory(const TeacherTrainingConfig& config, int part) {
  std::vector<std::string> settings;
  if (part > 1) settings.push_back("micro_batch=" + std::to_string((part + 1) / 2));
  if (can_checkpoint_activations(config.network) && !config.activation_checkpointing) {
    settings.emplace_back("activation_checkpointing=true");
  }
  if (config.precision == Precision::fp32) settings.emplace_back("precision=bf16");
  const std::string examples = part == 1 ? "an example" : std::to_string(part) + " examples at a time";
  return Error("the device has not enough memory for " + examples,
               Remedy(Remedy::less_device_memory, std::move(settings)));
}

void use_channels_last(const NetworkTask& task) {
  for (at::Tensor& parameter : all_parameters(task)) {
    // A copy even of 1x1 weights, which lie as they should: gradients come with the strides of the layout.
    if (parameter.dim() == 4) parameter.set_data(parameter.clone(at::MemoryFormat::ChannelsLast));
  }
}

TripleBatch part_of(const TripleBatch& batch, std::int64_t first, std::int64_t count, bool channels_last) {
  const auto images = [&](const at::Tensor& tensor) {
    const at::Tensor part = tensor.narrow(0, first, count);
    return channels_last ? part.contiguous(at::MemoryFormat::ChannelsLast) : part.contiguous();
  };
  return {.rest = images(batch.rest),
          .posed = images(batch.posed),
          .poses = batch.poses.narrow(0, first, count),
          .motion = changed(batch.motion, images)};
}

void copy_values(const TripleBatch& to, const TripleBatch& from) {
  to.rest.copy_(from.rest);
  to.posed.copy_(from.posed);
  to.poses.copy_(from.poses);
  if (!to.motion.is_known()) return;
  to.motion.flow.copy_(from.motion.flow);
  to.motion.visible.copy_(from.motion.visible);
  to.motion.hidden.copy_(from.motion.hidden);
}

/// Adds the losses of a part of a batch to those of the parts before.
void add_losses(std::vector<LossTerm>& sums, const std::vector<LossTerm>& losses) {
  if (sums.empty()) {
    sums = losses;
    return;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i].value = sums[i].value + losses[i].value;
}

}  // namespace

TeacherTraining::TeacherTraining(const TeacherTrainingConfig& config, Parts parts, ProcessGroup& group,
                                 c10::Device device, std::chrono::duration<double> time,
                                 const Context& context)
    : config_(config),
      task_(std::move(parts.task)),
      perceptual_(std::move(parts.perceptual)),
      validation_(std::move(parts.validation)),
      group_(group),
      device_(device),
      share_(share_of(config, group)),
      part_(config.micro_batch > 0 ? std::min(config.micro_batch, share_) : share_),
      feed_(std::move(parts.source), feed_options(config, task_->view(), share_, group.size()), device,
            context),
      time_(time) {
  // All batches have one size, so that trying convolution algorithms once pays.
  if (device_.is_cuda()) at::globalContext().setBenchmarkCuDNN(true);
  task_->to(device_, at::kFloat);
  if (config_.channels_last) use_channels_last(*task_);
  task_->set_activation_checkpointing(config_.activation_checkpointing);
  make_optimizer();
  enter_phase(0);
  if (config_.ema_decay > 0) average_.emplace(all_parameters(*task_), config_.ema_decay);
}

std::string TeacherTraining::name() const {
  return std::string(trained_network_name(config_.network));
}

void TeacherTraining::make_optimizer() {
  optimizer_.emplace(all_parameters(*task_), config_.adam);
  if (config_.precision == Precision::fp16) loss_scale_.emplace(device_);
}

void TeacherTraining::enter_phase(std::int64_t examples_seen) {
  const PhasePosition position = phase_position(config_, examples_seen);
  if (has_entered_phase_ && position.phase == phase_) return;
  has_entered_phase_ = true;
  phase_ = position.phase;
  // A run that is resumed within the phase has the moments of its checkpoint.
  if (position.examples_seen == 0 && config_.phases[phase_].new_optimizer) make_optimizer();
  constexpr std::int64_t kMegabyte = 1 << 20;
  reducer_.reset();
  graph_.reset();
  optimizer_->zero_grad();
  const std::vector<at::Tensor> parameters = task_->parameters(config_.phases[phase_]);
  if (is_captured()) {
    const torch::NoGradGuard no_grad;
    group_.broadcast(parameters);
    group_.broadcast(all_buffers(*task_));
  } else {
    reducer_.emplace(group_, parameters, all_buffers(*task_), config_.bucket_megabytes * kMegabyte);
  }
}

TrainingStep TeacherTraining::step(std::int64_t examples_seen) {
  try {
    return take_step(examples_seen);
  } catch (const c10::OutOfMemoryError&) {
    throw out_of_memory(config_, part_);
  }
}

TrainingStep TeacherTraining::take_step(std::int64_t examples_seen) {
  enter_phase(examples_seen);
  // Each process changes its own examples in its own way.
  const std::uint64_t seed = step_seed(config_.seed, examples_seen);
  const TripleBatch batch = feed_.next(step_seed(seed, group_.rank()));
  TrainingStep result;
  if (is_captured()) {
    result.losses = descend_captured(seen(batch, feed_.left_to_see()));
  } else {
    optimizer_->zero_grad();
    for (int first = 0; first < share_; first += part_) {
      const int count = std::min(part_, share_ - first);
      const auto losses =
          descend(seen(part_of(batch, first, count, config_.channels_last), feed_.left_to_see()),
                  static_cast<double>(count) / share_, seed, first + count == share_);
      add_losses(result.losses, losses);
    }
  }
  learning_rate_ = teacher_learning_rate(config_, examples_seen, min_done_);
  take_in_gradients();
  if (average_) average_->update();
  examples_ += config_.batch;
  result.examples = config_.batch;
  return result;
}

/// \param fraction  of the whole batch that \p batch is
/// \param loss   what is minimised, with its gradient
/// \return the terms, without gradients
std::vector<LossTerm> TeacherTraining::losses_of(const TripleBatch& batch, double fraction,
                                                 std::uint64_t seed, at::Tensor& loss) {
  const TrainingPhase& phase = config_.phases[phase_];
  std::vector<LossTerm> losses;
  {
    const Autocast autocast(device_, config_.precision);
    losses = phase_loss(task_->run(batch, phase), phase, perceptual_ ? &*perceptual_ : nullptr, seed,
                        batch.motion);
  }
  loss = losses.front().value * fraction;
  if (loss_scale_) loss = loss_scale_->scaled(loss);
  for (LossTerm& term : losses) term.value = term.value.detach() * fraction;
  return losses;
}

std::vector<LossTerm> TeacherTraining::descend(const TripleBatch& batch, double fraction, std::uint64_t seed,
                                               bool is_last) {
  at::Tensor loss;
  auto losses = losses_of(batch, fraction, seed, loss);
  reducer_->backward(loss, is_last);
  return losses;
}

/// The draws of the perceptual loss change what is calculated from step to step.
bool TeacherTraining::is_captured() const {
  return config_.cuda_graph && device_.is_cuda() && config_.phases[phase_].perceptual_weight == 0;
}

void TeacherTraining::capture(const TripleBatch& batch) {
  const TripleBatch own = part_of(batch, 0, share_, config_.channels_last);
  graph_batch_ = {.rest = own.rest.clone(),
                  .posed = own.posed.clone(),
                  .poses = own.poses.clone(),
                  .motion = changed(own.motion, [](const at::Tensor& tensor) { return tensor.clone(); })};
  graph_ = std::make_unique<CudaGraph>(device_, [this] {
    // Gradients that are not there are written, not added to.
    optimizer_->zero_grad();
    at::Tensor loss;
    const auto losses = losses_of(graph_batch_, 1, 0, loss);
    loss.backward();
    graph_terms_.clear();
    std::vector<at::Tensor> values;
    for (const LossTerm& term : losses) {
      graph_terms_.push_back(term.name);
      values.push_back(term.value);
    }
    graph_losses_ = torch::stack(values);
  });
}

std::vector<LossTerm> TeacherTraining::descend_captured(const TripleBatch& batch) {
  if (!graph_) capture(batch);
  copy_values(graph_batch_, batch);
  graph_->launch();
  average_gradients(group_, task_->parameters(config_.phases[phase_]));
  const auto values = graph_losses_.clone().unbind();
  std::vector<LossTerm> losses;
  for (std::size_t i = 0; i < values.size(); ++i) losses.push_back({graph_terms_[i], values[i]});
  return losses;
}

void TeacherTraining::take_in_gradients() {
  const std::vector<at::Tensor> gradients = optimizer_->gradients();
  const at::Tensor overflow = loss_scale_ ? loss_scale_->unscale(gradients) : at::Tensor();
  at::Tensor norm = norm_of(gradients), taken = torch::ones_like(norm);
  if (overflow.defined()) {
    taken = 1 - overflow;
    norm = torch::where(taken > 0, norm, torch::zeros_like(norm));
  }
  optimizer_->step(learning_rate_, overflow);
  gradient_norm_sum_ = gradient_norm_sum_.defined() ? gradient_norm_sum_ + norm : norm;
  steps_taken_ = steps_taken_.defined() ? steps_taken_ + taken : taken;
}

StateDict TeacherTraining::network_state() const {
  StateDict state;
  for (const NamedNetwork& named : task_->networks()) {
    add_part(state, named.name + ".", state_dict_of(*named.network));
  }
  return state;
}

StateDict TeacherTraining::optimizer_state() const {
  StateDict state;
  add_part(state, "adam.", optimizer_->state());
  if (loss_scale_) add_part(state, "adam.", loss_scale_->state());
  if (average_) add_part(state, "", average_->state());
  return state;
}

TrainingState TeacherTraining::state() const {
  return {.network = network_state(), .optimizer = optimizer_state(), .data = to_json(feed_.position())};
}

void TeacherTraining::restore(const TrainingState& state, const std::string& source) {
  for (const NamedNetwork& named : task_->networks()) {
    load_state_dict(*named.network, part_of(state.network, named.name + "."), source);
  }
  const StateDict adam = part_of(state.optimizer, "adam.");
  optimizer_->restore(adam, source);
  if (loss_scale_) loss_scale_->restore(adam, source);
  if (average_) average_->restore(state.optimizer, source);
  feed_.restore(parse_source_position(state.data, "the checkpoint"));
}

TrainingParts TeacherTraining::parts() {
  TrainingParts parts{.measures = [this] { return measures(); }};
  if (validation_) {
    parts.sample = [this] { return sample(); };
    parts.validate = [this] { return validate(); };
  }
  return parts;
}

StateDict TeacherTraining::exported_state() const {
  StateDict state = network_state();
  if (!average_) return state;
  StateDict averaged;
  std::size_t next = 0;
  for (const NamedNetwork& named : task_->networks()) {
    for (const auto& item : named.network->named_parameters()) {
      averaged.insert(named.name + "." + item.key(), average_->values()[next++]);
    }
  }
  for (const auto& item : state) {
    if (!averaged.contains(item.key())) averaged.insert(item.key(), item.value());
  }
  return averaged;
}

template <class Work>
auto TeacherTraining::with_exported_weights(Work work) {
  const torch::NoGradGuard no_grad;
  const Autocast autocast(device_, config_.precision);
  return average_ ? average_->while_in_place(work) : work();
}

ImageMaker TeacherTraining::image_maker() const {
  return [this](const TripleBatch& whole) {
    return task_->run(seen(whole, task_->view()), config_.phases[phase_]);
  };
}

RgbaImage TeacherTraining::sample() {
  return with_exported_weights([&] { return validation_->sample_picture(image_maker()); });
}

std::vector<Measure> TeacherTraining::validate() {
  return with_exported_weights([&] { return validation_->score(image_maker()); });
}

std::vector<Measure> TeacherTraining::measures() {
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - std::exchange(measured_at_, now)).count();
  std::vector<Measure> measures = {
      {"learning_rate", learning_rate_},
      {"examples_per_second", static_cast<double>(std::exchange(examples_, 0)) / seconds},
      {"drawn_per_second",
       static_cast<double>(feed_.drawn() - std::exchange(drawn_, feed_.drawn())) * group_.size() / seconds},
      {"waiting_for_data", highest_of(group_, feed_.take_waiting_seconds() / seconds)}};
  measures.push_back({"phase", static_cast<double>(phase_ + 1)});
  if (time_.count() > 0) {
    const std::chrono::duration<double> passed = now - begun_at_;
    min_done_ = std::stod(group_.broadcast(std::to_string(passed / time_)));
  }
  constexpr double kGibibyte = 1 << 30;
  if (const auto bytes = peak_memory_used(device_)) {
    measures.push_back({"most_memory_gib", static_cast<double>(*bytes) / kGibibyte});
  }
  const at::Tensor norm_sum = std::exchange(gradient_norm_sum_, {}), taken = std::exchange(steps_taken_, {});
  if (const double steps = taken.defined() ? taken.item<double>() : 0; steps > 0) {
    measures.push_back({"gradient_norm", norm_sum.item<double>() / steps});
  }
  return measures;
}

}  // namespace tha4
