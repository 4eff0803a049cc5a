#include "cpu_siren_training.h"

#include <random>
#include <string>
#include <utility>

#include "cpu_student_losses.h"
#include "sample_pictures.h"
#include "window_places.h"
#include <torch/types.h>

#include "tha4/nn/student/student_kind.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

class CpuFaceTraining final : public CpuSirenTraining {
 public:
  CpuFaceTraining(std::unique_ptr<CpuSiren> siren, TeacherStore store, const at::Tensor& mask,
                  const SirenFaceConfig& config, BatchShare share)
      : CpuSirenTraining(std::move(siren), std::move(store), pace_of(config), share),
        mask_weight_(config.mask_weight),
        squared_(config.squared),
        loss_(this->store(), mask) {}

  std::string name() const override { return "face_morpher"; }
  TrainingParts parts() override {
    return {.sample = [this] { return siren_face_sample(exported_state(), shown_faces(store())); }};
  }

 private:
  kernels::SirenWindow window_at(int frame, double, double, double) const override { return {frame, 0, 0}; }
  void weigh(kernels::SirenStep& step, std::int64_t) const override {
    step.masked = static_cast<float>(mask_weight_);
    step.squared = static_cast<float>(squared_);
  }
  const StudentLoss& loss() const override { return loss_; }
  std::vector<LossTerm> terms(const kernels::SirenStep&, const at::Tensor& means) const override {
    return face_terms(mask_weight_, means);
  }

  double mask_weight_, squared_;
  CpuFaceLoss loss_;
};

class CpuBodyTraining final : public CpuSirenTraining {
 public:
  CpuBodyTraining(std::unique_ptr<CpuSiren> siren, TeacherStore store, const SirenBodyConfig& config,
                  BatchShare share)
      : CpuSirenTraining(std::move(siren), std::move(store), pace_of(config), share),
        config_(config),
        places_(config.windows, config.window, 1, this->store().region(), this->store().moving(),
                this->store().tiles().all_kept()),
        loss_(this->store()) {}

  std::string name() const override { return "body_rotator"; }
  TrainingParts parts() override {
    return {.sample = [this] { return body_sample(config_.kind, exported_state(), shown_frames(store())); }};
  }

 private:
  kernels::SirenWindow window_at(int frame, double where, double x, double y) const override {
    return places_.at(frame, where, x, y);
  }
  void weigh(kernels::SirenStep& step, std::int64_t examples_seen) const override {
    weigh_body(step, config_.loss_phases, examples_seen);
  }
  const StudentLoss& loss() const override { return loss_; }
  std::vector<LossTerm> terms(const kernels::SirenStep& step, const at::Tensor& means) const override {
    return body_terms(step, means);
  }

  SirenBodyConfig config_;
  WindowPlaces places_;
  CpuBodyLoss loss_;
};

}  // namespace

PlannedStep CpuSirenTraining::planned(std::int64_t examples_seen) const {
  PlannedStep planned{.windows = {}, .settings = settings_at(pace_, examples_seen)};
  std::mt19937_64 random(step_seed(pace_.seed, examples_seen));
  std::uniform_real_distribution<double> uniform;
  const int batch = pace_.steps.batch_at(examples_seen, pace_.batch);
  const int begin = share_.begin(batch), end = begin + share_.of(batch);
  for (int i = 0; i < batch; ++i) {
    const int frame = static_cast<int>(uniform(random) * static_cast<double>(store_.count()));
    const double where = uniform(random), x = uniform(random), y = uniform(random);
    if (i < begin || i >= end) continue;
    planned.windows.push_back(window_at(frame, where, x, y));
  }
  weigh(planned.settings, examples_seen);
  return planned;
}

TrainingStep CpuSirenTraining::step(std::int64_t examples_seen) {
  const PlannedStep step = planned(examples_seen);
  auto means = siren_->differentiate(step, loss());
  share_.average(siren_->gradient_sums());
  siren_->update(step.settings);
  const at::Tensor tensor =
      torch::from_blob(means.data(), {static_cast<std::int64_t>(means.size())}, torch::kFloat64).clone();
  return {pace_.steps.batch_at(examples_seen, pace_.batch), terms(step.settings, tensor)};
}

bool can_train_on_cpu(const SirenFaceConfig& config, const StateDict& network, c10::Device device) {
  return config.steps.frames > 0 && device.is_cpu() && CpuSiren::is_possible(trained_face(network));
}

bool can_train_on_cpu(const SirenBodyConfig& config, const StateDict& network, c10::Device device) {
  return config.steps.frames > 0 && device.is_cpu() && config.kind != BodyRotatorKind::vanilla_siren &&
         config.direct_target == DirectTarget::direct &&
         CpuSiren::is_possible(trained_body(network, config.kind));
}

std::unique_ptr<Training> make_cpu_face_training(TeacherStore store, const at::Tensor& mask,
                                                 const StateDict& network, const SirenFaceConfig& config,
                                                 int threads, SirenNumbers numbers, BatchShare share) {
  auto siren = std::make_unique<CpuSiren>(network, trained_face(network), kFaceCrop.width,
                                          store.poses().narrow(1, 0, kFacePoseSize), threads, numbers);
  return std::make_unique<CpuFaceTraining>(std::move(siren), std::move(store), mask, config, share);
}

std::unique_ptr<Training> make_cpu_body_training(TeacherStore store, const StateDict& network,
                                                 const SirenBodyConfig& config, int threads,
                                                 SirenNumbers numbers, BatchShare share) {
  auto siren = std::make_unique<CpuSiren>(network, trained_body(network, config.kind), config.window,
                                          store.poses(), threads, numbers);
  return std::make_unique<CpuBodyTraining>(std::move(siren), std::move(store), config, share);
}

}  // namespace tha4
