#pragma once

#include <future>
#include <initializer_list>

#include "kernels/siren_pass_arguments.h"
#include "soap.h"
#include "soap_share.h"
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/Event.h>

#include "tha4/base/cuda_program.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// SOAP for a SIREN that learns on a GPU (soap.h). Statistics and steps are kernels. Every so many steps, the
/// CPU looks for the eigenvectors of the statistics while the GPU goes on: they are taken up when it looks
/// for the next ones, whenever it is done, so that the same settings give the same result. Of several
/// processes each does this for its share of the matrices; which way these go is exchanged within the step.
class GpuSoap {
 public:
  /// \param steps  after which bases are looked for, by whole plans
  /// \param decay  of the statistics, a step
  /// \param share  of processes that take the same steps, all of which call state() and whole_moments()
  GpuSoap(SoapPlaces places, int steps, double decay, c10::Device device, BatchShare share = {});
  ~GpuSoap();
  GpuSoap(const GpuSoap&) = delete;
  GpuSoap& operator=(const GpuSoap&) = delete;

  /// To be called before the steps of a plan are queued, with their number and the second moments.
  void begin_plan(int steps, const at::Tensor& moments2);

  /// For SirenDirection.
  const unsigned char* is_rotated() const { return is_rotated_.data_ptr<unsigned char>(); }
  float* clipped() const { return gradients_.data_ptr<float>(); }

  /// For SirenUpdate: of several processes, the ways of matrices, else null.
  const float* ways() const { return share_.is_shared() ? ways_.data_ptr<float>() : nullptr; }
  const int* way_places() const { return share_.is_shared() ? way_places_.data_ptr<int>() : nullptr; }

  /// Queues which way matrices go. All is of the network's parameters, one after the other; \p directions
  /// are those of matrices in the end where ways() is null.
  void find_directions(const kernels::SirenStep* step, const int* is_taken, const at::Tensor& moments1,
                       const at::Tensor& moments2, const at::Tensor& directions) const;

  /// The second moments of all processes' matrices.
  at::Tensor whole_moments(const at::Tensor& moments2) const { return share_.whole_moments(moments2); }

  /// Its memory and the bases that come next, of all processes' matrices; and back to that, or to the
  /// beginning where \p state is empty.
  StateDict state() const;
  void restore(const StateDict& state);

 private:
  struct Stage {
    at::Tensor tiles;
    unsigned count = 0;
  };

  Stage stage(bool is_of_rows, std::initializer_list<kernels::SirenSoapProduct> products) const;
  void queue_products(const kernels::SirenStep* step, const int* is_taken, const at::Tensor& moments1,
                      const at::Tensor& moments2, const at::Tensor& directions) const;
  void take_up(const at::Tensor& moments2);
  void look_for_bases();

  SoapShare share_;
  int steps_;
  double decay_;
  c10::Device device_;
  CudaProgram program_;
  SoapMemory memory_;
  at::Tensor matrices_, is_rotated_, gradients_, rotated_gradients_, rotated_moments_;
  at::Tensor ways_, way_places_;  ///< see SoapShare
  Stage rows_, columns_, rows_back_, columns_back_;
  at::Tensor copied_;  ///< of the statistics, on the CPU
  std::shared_future<at::Tensor> next_;
};

}  // namespace tha4
