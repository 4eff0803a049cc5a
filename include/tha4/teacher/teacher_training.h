#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "tha4/base/cuda_graph.h"
#include "tha4/data/training_feed.h"
#include "tha4/distributed/gradient_reducer.h"
#include "tha4/evaluation/validation_set.h"
#include "tha4/teacher/network_task.h"
#include "tha4/teacher/perceptual_loss.h"
#include "tha4/teacher/teacher_config.h"
#include "tha4/train/adam.h"
#include "tha4/train/loss_scale.h"
#include "tha4/train/training.h"
#include "tha4/train/weight_average.h"

namespace tha4 {

/// Trains one of a teacher's networks through the phases of its configuration (paper, appendix B), each
/// process of a group on its share of every batch.
class TeacherTraining final : public Training {
 public:
  /// What a training is made of.
  struct Parts {
    std::unique_ptr<NetworkTask> task;
    std::unique_ptr<TripleSource> source;       ///< of this process' share of the training data
    std::optional<PerceptualLoss> perceptual;   ///< on the device, where a phase needs it
    std::unique_ptr<ValidationSet> validation;  ///< may be null
  };

  /// Throws InputError if \p group cannot share the batch of \p config.
  /// \param group  must outlive the training
  /// \param time   after which the run will be ended, for the learning rate to have fallen by then; 0: never
  TeacherTraining(const TeacherTrainingConfig& config, Parts parts, ProcessGroup& group, c10::Device device,
                  std::chrono::duration<double> time = {}, const Context& context = {});

  std::string name() const override;
  std::int64_t total_examples() const override { return config_.total_examples(); }
  /// Throws Error that says what takes less memory where the device has not enough.
  TrainingStep step(std::int64_t examples_seen) override;
  TrainingState state() const override;
  void restore(const TrainingState& state, const std::string& source) override;
  /// The average of the weights where one is kept, else the trained ones.
  StateDict exported_state() const override;
  /// Samples and scores where there is a validation set.
  TrainingParts parts() override;

  /// As TrainingParts::measures().
  std::vector<Measure> measures();

 private:
  StateDict network_state() const;
  StateDict optimizer_state() const;
  RgbaImage sample();
  std::vector<Measure> validate();
  TrainingStep take_step(std::int64_t examples_seen);
  void enter_phase(std::int64_t examples_seen);
  void make_optimizer();
  /// The losses of \p batch, and their gradients added to those of the parameters.
  std::vector<LossTerm> descend(const TripleBatch& batch, double fraction, std::uint64_t seed, bool is_last);
  std::vector<LossTerm> losses_of(const TripleBatch& batch, double fraction, std::uint64_t seed,
                                  at::Tensor& loss);
  bool is_captured() const;
  /// As descend(), of the whole share of a process, by a graph that is captured in each phase anew.
  std::vector<LossTerm> descend_captured(const TripleBatch& batch);
  void capture(const TripleBatch& batch);
  /// One step of the optimiser down the gradients.
  void take_in_gradients();
  /// What the networks make by now.
  ImageMaker image_maker() const;
  /// Calls \p work while the networks hold the exported weights.
  template <class Work>
  auto with_exported_weights(Work work);

  TeacherTrainingConfig config_;
  std::unique_ptr<NetworkTask> task_;
  std::optional<PerceptualLoss> perceptual_;
  std::unique_ptr<ValidationSet> validation_;
  ProcessGroup& group_;
  c10::Device device_;
  int share_;  ///< examples of a batch that are this process'
  int part_;   ///< examples that it computes at a time
  TrainingFeed feed_;
  std::chrono::duration<double> time_;
  std::size_t phase_ = 0;
  std::optional<Adam> optimizer_;
  std::optional<LossScale> loss_scale_;  ///< of float16
  bool has_entered_phase_ = false;
  std::optional<GradientReducer> reducer_;  ///< of phases that are not captured
  std::optional<WeightAverage> average_;    ///< of all parameters, where one is kept

  // Forward and backward as one graph:
  std::unique_ptr<CudaGraph> graph_;
  TripleBatch graph_batch_;               ///< what it reads
  std::vector<std::string> graph_terms_;  ///< names of the losses
  at::Tensor graph_losses_;               ///< [terms], what it writes

  double min_done_ = 0;  ///< of the time of the run, the same in all processes

  // Since measures() was last asked:
  at::Tensor gradient_norm_sum_;
  at::Tensor steps_taken_;
  std::int64_t examples_ = 0;
  std::int64_t drawn_ = 0;  ///< of the feed, when it was last asked
  double learning_rate_ = 0;
  std::chrono::steady_clock::time_point measured_at_ = std::chrono::steady_clock::now();
  const std::chrono::steady_clock::time_point begun_at_ = measured_at_;
};

}  // namespace tha4
