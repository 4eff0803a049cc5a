#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gpu_siren.h"
#include "kernel_training.h"
#include "teacher_store.h"

#include "tha4/base/cuda_graph.h"
#include "tha4/distill/distill_config.h"
#include "tha4/distributed/batch_share.h"
#include "tha4/poser/poser.h"
#include "tha4/train/training.h"

namespace tha4 {

/// A teacher that is asked for frames as a training goes on, in place of frames that were made beforehand.
struct FreshFrames {
  Poser& teacher;
  PoseSource poses;
  int batch;  ///< poses that the teacher is given at a time
};

/// What the trainings of both SIRENs by kernels of the project's own are (gpu_siren.h). Every step draws
/// windows of frames that the teacher made beforehand, or looks at windows of fresh ones, each of them once.
/// One call of step() takes many steps, each of which is the same CUDA graph; the frames of all of them are
/// made first, if they are fresh ones. Several processes draw the same windows, of which each looks at its
/// share; the graph adds up their gradients.
class GpuSirenTraining : public Training {
 public:
  std::int64_t total_examples() const override { return pace_.examples; }
  TrainingStep step(std::int64_t examples_seen) override;
  TrainingState state() const override;
  void restore(const TrainingState& state, const std::string& source) override;
  StateDict exported_state() const override;

 protected:
  /// \param siren  for the windows of this process' share of a step
  /// \param store  of the frames, or with room for those of fresh_steps() steps
  GpuSirenTraining(std::unique_ptr<GpuSiren> siren, TeacherStore store, KernelPace pace,
                   std::optional<FreshFrames> fresh, BatchShare share);

  /// To be called once by whoever is made: compiles, and captures the step.
  void capture();

  /// A window of a frame, from three random numbers within [0, 1).
  virtual kernels::SirenWindow window_at(int frame, double where, double x, double y) const = 0;

  /// Sets the weights of the loss's terms after so many examples.
  virtual void weigh(kernels::SirenStep& step, std::int64_t examples_seen) const = 0;

  /// Queues the loss of a pass of siren() and its gradient. Each block of \p grid writes the sums of 4 terms
  /// to \p losses.
  virtual void queue_loss(int pass, const CudaProgram& program, const CudaGrid& grid, float* losses) = 0;

  /// Fills \p store with what a teacher makes of fresh poses.
  virtual void make_frames(TeacherStore& store, const FreshFrames& fresh, const at::Tensor& poses) = 0;

  /// The losses of a step, the total first, from the means of the kernel's sums.
  virtual std::vector<LossTerm> terms(const kernels::SirenStep& step, const at::Tensor& means) const = 0;

  /// Called before and after the steps of a plan are queued.
  virtual void before_plan() {}
  virtual void after_plan() {}

  /// What changes from step to step besides the network and its optimiser, and back to that.
  virtual StateDict other_state() const { return StateDict(); }
  virtual void restore_other(const StateDict&) {}

  GpuSiren& siren() { return *siren_; }
  const GpuSiren& siren() const { return *siren_; }
  const TeacherStore& store() const { return store_; }
  const std::optional<FreshFrames>& fresh() const { return fresh_; }
  const BatchShare& share() const { return share_; }

 private:
  GpuSiren::PlannedStep planned(std::int64_t examples_seen, int in_plan) const;
  void queue_step();
  int batch_at(std::int64_t examples_seen) const { return pace_.steps.batch_at(examples_seen, pace_.batch); }

  std::unique_ptr<GpuSiren> siren_;
  TeacherStore store_;
  KernelPace pace_;
  std::optional<FreshFrames> fresh_;
  BatchShare share_;
  at::Tensor block_losses_, loss_sums_;
  CudaProgram losses_;
  std::map<int, std::unique_ptr<CudaGraph>> graphs_;  ///< of steps of so many examples
};

/// Steps that are taken at a time where each example is a fresh frame.
/// \param batch  of one process
int fresh_steps(int batch);

/// The memory for frames of which such a network learns by kernels on a GPU, where \p batch windows of a step
/// are one process'.
FrameMemory frame_memory(const SirenBodyConfig& config, const StateDict& network, int batch);

/// Whether such networks have kernels on that device.
bool can_train_on_gpu(const SirenFaceConfig& config, const StateDict& network, c10::Device device);
bool can_train_on_gpu(const SirenBodyConfig& config, const StateDict& network, c10::Device device);

/// The training of the paper's face morpher on a GPU (section 5.2.1), from face crops.
/// \param store    crops, or room for batch * fresh_steps(batch) fresh ones, the batch of one process
/// \param network  first weights
/// \param fresh    of fresh crops; its teacher must outlive the training
std::unique_ptr<Training> make_gpu_face_training(TeacherStore store, const at::Tensor& mask,
                                                 const StateDict& network, const SirenFaceConfig& config,
                                                 std::optional<FreshFrames> fresh = {},
                                                 BatchShare share = {});

/// Of its body rotator (section 5.2.2), from frames.
std::unique_ptr<Training> make_gpu_body_training(TeacherStore store, const StateDict& network,
                                                 const SirenBodyConfig& config,
                                                 std::optional<FreshFrames> fresh = {},
                                                 BatchShare share = {});

}  // namespace tha4
