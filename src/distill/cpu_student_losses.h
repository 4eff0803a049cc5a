#pragma once

#include <array>

#include "cpu_siren_window.h"
#include "teacher_store.h"
#include <ATen/core/Tensor.h>

// The losses of both students' networks where they learn on a CPU, and their gradients with respect to the
// networks' results.

namespace tha4 {

/// The body's four-term loss (paper section 5.2.2): flow, warped, direct, final.
class CpuBodyLoss final : public StudentLoss {
 public:
  /// \param store  on the CPU; must outlive this
  explicit CpuBodyLoss(const TeacherStore& store) : teacher_(store.view()) {}

  void differentiate(const kernels::SirenStep& step, const LossPixels& pixels,
                     std::array<double, kTerms>& terms) const override;

 private:
  kernels::TeacherFrameStore teacher_;
};

/// The face's loss (paper section 5.2.1): over the whole and inside the mask.
class CpuFaceLoss final : public StudentLoss {
 public:
  /// \param store  on the CPU; must outlive this
  /// \param mask   float [1, 128, 128]
  CpuFaceLoss(const TeacherStore& store, const at::Tensor& mask);

  void differentiate(const kernels::SirenStep& step, const LossPixels& pixels,
                     std::array<double, kTerms>& terms) const override;

 private:
  kernels::TeacherFrameStore teacher_;
  at::Tensor mask_;
};

}  // namespace tha4
