#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cpu_siren.h"
#include "kernel_training.h"
#include "teacher_store.h"

#include "tha4/distributed/batch_share.h"

namespace tha4 {

/// What the trainings of both SIRENs by kernels for CPUs are (cpu_siren.h): the teacher made its frames
/// beforehand, and every step draws windows of them. Several processes draw the same windows, of which each
/// looks at its share.
class CpuSirenTraining : public Training {
 public:
  std::int64_t total_examples() const override { return pace_.examples; }
  TrainingStep step(std::int64_t examples_seen) override;
  TrainingState state() const override { return state_of_kernels(*siren_); }
  void restore(const TrainingState& state, const std::string& source) override {
    restore_kernels(*siren_, state, source);
  }
  StateDict exported_state() const override {
    return pace_.steps.weight_average > 0 ? siren_->average() : siren_->network();
  }

 protected:
  CpuSirenTraining(std::unique_ptr<CpuSiren> siren, TeacherStore store, KernelPace pace, BatchShare share)
      : siren_(std::move(siren)), store_(std::move(store)), pace_(std::move(pace)), share_(share) {
    if (pace_.steps.soap_steps > 0) siren_->use_soap(pace_.steps.soap_steps, pace_.steps.soap_decay);
  }

  /// A window of a frame, from three random numbers within [0, 1).
  virtual kernels::SirenWindow window_at(int frame, double where, double x, double y) const = 0;

  /// Sets the weights of the loss's terms after so many examples.
  virtual void weigh(kernels::SirenStep& step, std::int64_t examples_seen) const = 0;

  virtual const StudentLoss& loss() const = 0;

  /// The losses of a step, the total first, from the means of the terms of loss().
  virtual std::vector<LossTerm> terms(const kernels::SirenStep& step, const at::Tensor& means) const = 0;

  const TeacherStore& store() const { return store_; }

 private:
  PlannedStep planned(std::int64_t examples_seen) const;

  std::unique_ptr<CpuSiren> siren_;
  TeacherStore store_;
  KernelPace pace_;
  BatchShare share_;
};

/// Whether such networks have kernels on that device.
bool can_train_on_cpu(const SirenFaceConfig& config, const StateDict& network, c10::Device device);
bool can_train_on_cpu(const SirenBodyConfig& config, const StateDict& network, c10::Device device);

/// The training of the paper's face morpher on a CPU (section 5.2.1), from face crops.
/// \param network  first weights
/// \param threads  that share the work; they do not change what it gives
std::unique_ptr<Training> make_cpu_face_training(TeacherStore store, const at::Tensor& mask,
                                                 const StateDict& network, const SirenFaceConfig& config,
                                                 int threads,
                                                 SirenNumbers numbers = CpuSiren::usual_numbers(),
                                                 BatchShare share = {});

/// Of its body rotator (section 5.2.2), from frames.
std::unique_ptr<Training> make_cpu_body_training(TeacherStore store, const StateDict& network,
                                                 const SirenBodyConfig& config, int threads,
                                                 SirenNumbers numbers = CpuSiren::usual_numbers(),
                                                 BatchShare share = {});

}  // namespace tha4
