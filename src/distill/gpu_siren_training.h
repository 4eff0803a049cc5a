#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gpu_siren.h"
#include "kernel_training.h"
#include "teacher_store.h"

#include "tha4/base/cuda_graph.h"
#include "tha4/distill/distill_config.h"
#include "tha4/poser/poser.h"
#include "tha4/train/training.h"

namespace tha4 {

/// What the trainings of both SIRENs by kernels of the project's own are (gpu_siren.h): the teacher made its
/// frames beforehand, and every step draws windows of them. One call of step() takes many steps, each of
/// which is the same CUDA graph.
class GpuSirenTraining : public Training {
 public:
  std::int64_t total_examples() const override { return pace_.examples; }
  TrainingStep step(std::int64_t examples_seen) override;
  TrainingState state() const override;
  void restore(const TrainingState& state, const std::string& source) override;
  StateDict exported_state() const override;

 protected:
  GpuSirenTraining(std::unique_ptr<GpuSiren> siren, TeacherStore store, KernelPace pace);

  /// To be called once by whoever is made: compiles, and captures the step.
  void capture();

  /// A window of a frame, from three random numbers within [0, 1).
  virtual kernels::SirenWindow window_at(int frame, double where, double x, double y) const = 0;

  /// Sets the weights of the loss's terms after so many examples.
  virtual void weigh(kernels::SirenStep& step, std::int64_t examples_seen) const = 0;

  /// Queues the loss of siren() and its gradient. Each block of \p grid writes the sums of 4 terms to \p
  /// losses.
  virtual void queue_loss(const CudaProgram& program, const CudaGrid& grid, float* losses) = 0;

  /// The losses of a step, the total first, from the means of the kernel's sums.
  virtual std::vector<LossTerm> terms(const kernels::SirenStep& step, const at::Tensor& means) const = 0;

  GpuSiren& siren() { return *siren_; }
  const GpuSiren& siren() const { return *siren_; }
  const TeacherStore& store() const { return store_; }

 private:
  GpuSiren::PlannedStep planned(std::int64_t examples_seen) const;
  void queue_step();

  std::unique_ptr<GpuSiren> siren_;
  TeacherStore store_;
  KernelPace pace_;
  at::Tensor block_losses_, loss_sums_;
  CudaProgram losses_;
  std::unique_ptr<CudaGraph> graph_;
};

/// Whether such networks have kernels on that device.
bool can_train_on_gpu(const SirenFaceConfig& config, const StateDict& network, c10::Device device);
bool can_train_on_gpu(const SirenBodyConfig& config, const StateDict& network, c10::Device device);

/// The training of the paper's face morpher on a GPU (section 5.2.1), from face crops.
/// \param network  first weights
std::unique_ptr<Training> make_gpu_face_training(TeacherStore store, const at::Tensor& mask,
                                                 const StateDict& network, const SirenFaceConfig& config);

/// Of its body rotator (section 5.2.2), from frames.
std::unique_ptr<Training> make_gpu_body_training(TeacherStore store, const StateDict& network,
                                                 const SirenBodyConfig& config);

}  // namespace tha4
