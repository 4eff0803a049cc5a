#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cpu_siren_window.h"
#include "planned_step.h"
#include "siren_layout.h"
#include "soap.h"
#include <ATen/core/Tensor.h>

#include "tha4/engine/tile_workers.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// A SIREN that learns on a CPU by kernels of the project's own. Windows are shared out among threads; the
/// same steps give the same parameters, to the last bit, with any number of them.
class CpuSiren {
 public:
  /// Whether there are kernels for it.
  static bool is_possible(const TrainedSiren& siren);

  /// What this machine is fastest with.
  static SirenNumbers usual_numbers();

  /// \param network  initial values
  /// \param window   pixels along a side, at the finest level
  /// \param poses    float [frames, pose size]: what windows' frames were posed by
  CpuSiren(const StateDict& network, const TrainedSiren& siren, int window, at::Tensor poses, int threads,
           SirenNumbers numbers = usual_numbers());
  ~CpuSiren();

  /// From now on, matrices take SOAP's steps instead of Adam's; its products may be rounded otherwise with
  /// another number of threads.
  void use_soap(int steps, double decay);

  /// The means of the terms of a loss over all windows of a step; gradients() are then its gradients.
  std::array<double, StudentLoss::kTerms> differentiate(const PlannedStep& step, const StudentLoss& loss);

  /// All gradients, float32 on the CPU, sharing memory: what other processes have may be added before
  /// update().
  const at::Tensor& gradient_sums() const { return gradient_sums_; }

  /// One step of Adam, or of SOAP, down the gradients.
  void update(const kernels::SirenStep& step);

  int threads() const { return workers_.threads(); }

  /// Parameters, moments, averages and gradients by the names of the network.
  StateDict network() const { return by_name(parameters_); }
  StateDict average() const { return by_name(average_); }
  StateDict moments1() const { return by_name(moments1_); }
  StateDict moments2() const { return by_name(moments2_); }
  StateDict gradients() const { return by_name(gradient_); }

  /// What SOAP knows besides moments; empty without it.
  StateDict soap() const { return soap_ ? soap_->state() : StateDict(); }
  void restore_soap(const StateDict& state) {
    if (soap_) soap_->restore(state);
  }

  /// Takes parameters, averages and moments of such StateDicts; moments are 0 where there are none.
  void restore(const StateDict& network, const StateDict& average, const StateDict& moments1,
               const StateDict& moments2);

 private:
  /// Some neighbouring numbers of all parameters, whose gradient is summed and which are updated together.
  struct Row {
    std::size_t level;
    int matrix;  ///< negative: that of a first layer
    int output;
  };
  struct Group;

  std::vector<WindowPart> parts_of(const PlannedStep& step) const;
  WindowWorker& worker(int thread);
  void sum_row(const Row& row, std::size_t groups);
  void sum_bias(const Row& row, std::size_t groups);
  /// Of a row's place among all parameters: its weights and, unless it is negative, its bias.
  struct RowPlace {
    std::size_t weights;
    std::size_t count;
    std::ptrdiff_t bias;
  };
  RowPlace place_of(const Row& row) const;
  double squares_of(const Row& row) const;
  void update_row(const Row& row, const kernels::SirenStep& step, float factor);
  void update_range(std::size_t begin, std::size_t count, const kernels::SirenStep& step, float factor);
  void update_by_soap(const kernels::SirenStep& step, float factor);
  void pack();
  void for_rows(const std::function<void(std::size_t)>& work);
  StateDict by_name(const std::vector<float>& flat) const;
  void take(std::vector<float>& flat, const StateDict& values) const;

  SirenNumbers numbers_;
  int window_;
  StateDict shapes_;  ///< the network's names and shapes
  at::Tensor poses_;
  std::vector<PackedLevel> levels_;
  std::vector<Row> rows_;
  TileWorkers workers_;
  std::vector<std::unique_ptr<WindowWorker>> window_workers_;  ///< of each thread, when it has been used
  std::vector<std::unique_ptr<Group>> groups_;
  std::vector<double> squares_;  ///< of each row's gradient
  std::vector<float> parameters_, average_, moments1_, moments2_, gradient_;
  at::Tensor gradient_sums_;  ///< gradient_
  std::optional<Soap> soap_;
};

}  // namespace tha4
