#pragma once

#include <memory>
#include <span>
#include <vector>

#include "gpu_soap.h"
#include "planned_step.h"
#include "siren_layout.h"
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "tha4/base/cuda_program.h"
#include "tha4/train/learning_rate.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// A SIREN that learns on a GPU by kernels of the project's own: products of float16 (gradients: of
/// bfloat16), sums, parameters and Adam's moments of float32. Every step looks at as many windows of the same
/// size.
///
/// Where a step's windows have many pixels, it takes them in several passes, whose gradients add up.
///
/// All that it queues runs on LibTorch's present stream and can be captured as a CudaGraph: memory is
/// allocated when it is made.
class GpuSiren {
 public:
  /// Whether it can be made on \p device: it has tensor cores for bfloat16 (compute capability 8.0), kernels
  /// can be compiled, and no layer is too wide.
  static bool is_possible(const TrainedSiren& siren, c10::Device device);

  /// \param network  initial values
  /// \param window   pixels along a side, at the finest level
  /// \param poses    float [frames, pose size], on \p device: what windows' frames were posed by; of any
  ///                 number
  /// \param max_pixels  of a pass, unless a window has more
  GpuSiren(const StateDict& network, TrainedSiren siren, int windows, int window, at::Tensor poses,
           c10::Device device, int max_pixels = kMaxPixels);

  /// From now on, matrices take SOAP's steps instead of Adam's, see GpuSoap. To be called before anything is
  /// captured.
  void use_soap(int steps, double decay);

  /// Those of two whole frames keep any GPU busy, and take 1.3 GiB for the paper's body.
  static constexpr int kMaxPixels = 2 * 512 * 512;

  /// What is kept of the pixels of a pass.
  static std::int64_t pixel_bytes(const TrainedSiren& siren, int windows, int window,
                                  int max_pixels = kMaxPixels);

  /// From now on, what is planned and queued is of so many windows a step, at most those that it was made
  /// for.
  void use(int windows);

  /// That a step takes; each of the same number of windows.
  int passes() const { return windows_count_ / pass_windows_; }

  /// Corners of windows are multiples of this.
  int alignment() const;

  using PlannedStep = tha4::PlannedStep;

  /// Takes what the next calls of begin_step() will look at, in turn; at most kMaxPlanned.
  void plan(std::span<const PlannedStep> steps);
  static constexpr int kMaxPlanned = 64;

  /// Queues that the next planned step becomes the present one.
  void begin_step();

  /// Where the present step's settings are read when kernels run.
  const kernels::SirenStep* step() const;

  /// The results of the last level at the pixels of the pass's windows, float [pixels, 8]; queues their
  /// evaluation.
  void evaluate(int pass = 0);
  const float* results() const { return results_.back().data_ptr<float>(); }

  /// Where the gradient of the results has to be before differentiate(): bfloat16 [pixels, 16], see
  /// kernels::BodyLoss. What lies beyond the pixels of the windows is 0 and must stay so.
  void* of_results() const { return of_results_.back().data_ptr(); }

  /// Queues what gives the gradients of all parameters, added to those of the passes before.
  void differentiate(int pass = 0);

  /// The gradients of all parameters, float32 on the device, as sums of products have them: what other
  /// processes have may be added. measure_gradients() is to be queued behind that, before update().
  const at::Tensor& gradient_sums() const { return gradient_; }
  void measure_gradients();

  /// Queues one step of Adam, or of SOAP, with the settings of step().
  void update();

  kernels::SirenPixels pixels(int pass = 0) const { return pixels_of(levels_.size() - 1, pass); }
  int pixel_count() const { return pass_windows_ * window_ * window_; }  ///< of a pass

  /// The poses that were given; they may be written over.
  const at::Tensor& poses() const { return poses_; }

  /// Parameters, moments and averages by the names of the network, float32 on the CPU; waits for the device.
  StateDict network() const { return by_name(parameters_); }
  StateDict average() const { return by_name(average_); }
  StateDict moments1() const { return by_name(moments1_); }
  StateDict moments2() const { return by_name(moments2_); }
  StateDict gradients() const;

  /// What SOAP knows besides moments; empty without it.
  StateDict soap() const { return soap_ ? soap_->state() : StateDict(); }
  void restore_soap(const StateDict& state) {
    if (soap_) soap_->restore(state);
  }

  /// Takes parameters, averages and moments of such StateDicts.
  void restore(const StateDict& network, const StateDict& average, const StateDict& moments1,
               const StateDict& moments2);

 private:
  static constexpr int kStep = 16;

  struct Level;
  struct Gradient;

  std::int64_t filled_pixels(std::size_t level) const;
  kernels::SirenPixels pixels_of(std::size_t level, int pass) const;
  void allocate(std::size_t level);
  void queue_update();
  void add_gradients();
  void differentiate_map(std::size_t level, int pass);
  void sum_gradient(const Gradient& gradient, int pass);
  void add_gradient(std::size_t level, std::size_t matrix, int outputs, int inputs);
  void queue_gradient_sum(const at::Tensor& parts, bool adds);
  StateDict by_name(const at::Tensor& flat) const;
  void take(const at::Tensor& flat, const StateDict& values);
  kernels::SirenWindow* windows(int pass) const;

  TrainedSiren siren_;
  c10::Device device_;
  CudaLimits limits_;
  int windows_count_, window_, pass_windows_;
  int max_windows_, max_pass_windows_;
  StateDict shapes_;  ///< the network's names and shapes
  at::Tensor poses_, pose_inputs_, windows_, step_, plan_, next_;
  std::vector<std::shared_ptr<Level>> levels_;
  std::vector<at::Tensor> results_, of_results_;
  std::vector<std::shared_ptr<Gradient>> gradients_;
  ParameterPlaces places_;
  CudaProgram map_gradient_, update_program_;
  at::Tensor table_, parts_table_, no_parts_table_, gradient_, squares_;
  at::Tensor parameters_, average_, moments1_, moments2_, directions_, is_taken_;
  std::unique_ptr<GpuSoap> soap_;
  at::Tensor forward_, backward_, plain_;
  int largest_gradient_ = 0;
};

}  // namespace tha4
