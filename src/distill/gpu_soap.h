#pragma once

#include <future>

#include "kernels/siren_pass_arguments.h"
#include "soap.h"
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/Event.h>

#include "tha4/base/cuda_program.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// SOAP for a SIREN that learns on a GPU (soap.h). Statistics and steps are kernels. Every so many steps, the
/// CPU looks for the eigenvectors of the statistics while the GPU goes on: they are taken up when it looks
/// for the next ones, whenever it is done, so that the same settings give the same result.
class GpuSoap {
 public:
  /// \param steps  after which bases are looked for, by whole plans
  /// \param decay  of the statistics, a step
  GpuSoap(SoapPlaces places, int steps, double decay, c10::Device device);
  ~GpuSoap();
  GpuSoap(const GpuSoap&) = delete;
  GpuSoap& operator=(const GpuSoap&) = delete;

  /// To be called before the steps of a plan are queued, with their number and the second moments.
  void begin_plan(int steps, const at::Tensor& moments2);

  /// For SirenDirection.
  const unsigned char* is_rotated() const { return is_rotated_.data_ptr<unsigned char>(); }
  float* clipped() const { return gradients_.data_ptr<float>(); }

  /// Queues which way matrices go. All is of the network's parameters, one after the other.
  void find_directions(const kernels::SirenStep* step, const int* is_taken, const at::Tensor& moments1,
                       const at::Tensor& moments2, const at::Tensor& directions) const;

  /// Its memory and the bases that come next; and back to that, or to the beginning where \p state is empty.
  StateDict state() const;
  void restore(const StateDict& state);

 private:
  struct Stage {
    at::Tensor tiles;
    unsigned count = 0;
  };

  Stage stage(bool has_statistics, int products) const;
  void take_up(const at::Tensor& moments2);
  void look_for_bases();

  SoapPlaces places_;
  int steps_;
  double decay_;
  c10::Device device_;
  CudaProgram program_;
  SoapMemory memory_;
  at::Tensor matrices_, is_rotated_, gradients_, rotated_gradients_, rotated_moments_;
  Stage rows_, columns_;
  at::Tensor copied_;  ///< of the statistics, on the CPU
  std::shared_future<at::Tensor> next_;
};

}  // namespace tha4
