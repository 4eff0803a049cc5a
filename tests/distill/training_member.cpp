// One process of a group that shares trainings, for shared_training_test.cpp: training_member SCENARIO DEVICE
// OUT. The group is in the environment, as a launcher would leave it.

#include <cmath>
#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "distill_fixture.h"
#include "gpu_siren.h"
#include "soap.h"
#include "teacher_store.h"
#include <c10/core/DeviceGuard.h>
#include <torch/types.h>

#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/base/terminal.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/distributed/batch_share.h"
#include "tha4/distributed/gradient_reducer.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/weights/safetensors.h"
#include "tha4/weights/state_dict_parts.h"

namespace {

using namespace tha4;

/// Frames in batches that do not come out even, and not enough for all processes to have one each.
StateDict made_frames(Poser& teacher, BatchShare share) {
  constexpr int kFrames = 5;
  const at::Tensor poses = draw_poses(PoseSource{}, kFrames, 1);
  StateDict made;
  for (const int batch : {2, 4}) {
    const TeacherStore store = TeacherStore::of_frames(teacher, poses, batch, {}, {}, share);
    const TeacherStore crops = TeacherStore::of_faces(teacher, poses, batch, {}, share);
    const PosedFrame frames = store.frames({0, 1, 2, 3, 4}, FrameWindow{}.region);
    const std::string key = "batch_" + std::to_string(batch) + ".";
    made.insert(key + "blended", frames.blended.cpu());
    made.insert(key + "flow", frames.flow.cpu());
    made.insert(key + "face", frames.face.cpu());
    made.insert(key + "kept", store.tiles().all_kept().cpu());
    made.insert(key + "moving", store.moving().cpu());
    made.insert(key + "crops", crops.faces({0, 1, 2, 3, 4}).cpu());
    const Region& region = store.region();
    made.insert(key + "region", torch::tensor({region.x, region.y, region.width, region.height}));
  }
  return made;
}

template <class Siren>
void set_steps(Siren& siren, int steps) {
  siren.batch = 4;
  siren.examples = siren.batch * static_cast<std::int64_t>(steps);
  // So low that rounding does not grow: by 1e-3, steps of 16 bits ended up to a seventh of their way apart.
  siren.learning_rate = {{siren.examples, 5e-5}};
  siren.steps.warm_up_examples = 8;
  siren.steps.max_gradient_norm = 0.5;
  siren.steps.weight_average = 0.9;
}

/// What a scenario's name says.
struct Scenario {
  explicit Scenario(const std::string& name)
      : is_stored(name.find("stored") != std::string::npos),
        is_by_soap(name.find("soap") != std::string::npos),
        kernels(name.find("layers") != std::string::npos ? SirenKernels::layers : SirenKernels::own) {}

  bool is_stored;  ///< of frames that are made beforehand
  bool is_by_soap;
  SirenKernels kernels;
};

DistillConfig config_of(const Scenario& scenario, int steps, int soap_steps) {
  DistillConfig config;
  SirenFaceConfig face;
  face.network = {.pose_size = kFacePoseSize, .width = 24, .sine_layers = 2};
  face.mask_weight = 2;
  face.seed = 2;
  set_steps(face, steps);
  SirenBodyConfig body;
  body.network = {.levels = {{128, 36}, {256, 24}, {512, 12}}, .sine_layers = 2};
  body.seed = 3;
  body.window = 64;
  set_steps(body, steps);
  body.loss_phases = {{body.examples / 2, 1, 1, 2, 1, 5}, {body.examples, 1, 1, 1, 5, 20}};
  if (scenario.is_by_soap) face.steps.soap_steps = body.steps.soap_steps = soap_steps;
  if (scenario.is_stored) {
    face.steps.frames = body.steps.frames = 6;
    if (steps > 1) body.steps.early_batch = 2;
    body.steps.early_examples = body.examples / 4;
    body.windows = {.anywhere_fraction = 0.1, .error_fraction = 0.5, .errors_of_frames = true};
  }
  config.face_morpher = face;
  config.body_rotator = body;
  config.teacher_batch = 2;
  return config;
}

/// Of a network that goes on learning.
StateDict copied(const StateDict& state) {
  StateDict copy;
  for (const auto& item : state) copy.insert(item.key(), item.value().detach().cpu().clone());
  return copy;
}

/// The first moments of Adam, which are the gradient of a first step but for a factor, and what SOAP knows of
/// it.
StateDict moments_of(const Training& training) {
  StateDict moments;
  for (const auto& item : copied(training.state().optimizer)) {
    const std::string& key = item.key();
    const bool is_of_moments = key.starts_with("moment1.") || key.starts_with("moment2.") ||
                               key.ends_with(".exp_avg") || key == "soap.moment2" || key == "soap.statistics";
    if (is_of_moments) moments.insert(key, item.value());
  }
  return moments;
}

void train(Training& training, ProcessGroup& group, StateDict& result) {
  add_part(result, training.name() + ".first.", copied(training.state().network));
  for (std::int64_t seen = 0; seen < training.total_examples();) seen += training.step(seen).examples;
  add_part(result, training.name() + ".moments.", moments_of(training));
  std::vector<at::Tensor> weights;
  for (const auto& item : training.state().network) weights.push_back(item.value());
  check_equal_everywhere(group, weights);
  add_part(result, training.name() + ".last.", copied(training.state().network));
  add_part(result, training.name() + ".exported.", copied(training.exported_state()));
}

std::unique_ptr<Training> face_of(Poser& teacher, const DistillConfig& config, SirenKernels kernels,
                                  BatchShare share) {
  return make_face_training(teacher, config, {}, torch::ones({1, 128, 128}), {}, StateDict(), kernels, share);
}

std::unique_ptr<Training> body_of(Poser& teacher, const DistillConfig& config, SirenKernels kernels,
                                  BatchShare share) {
  return make_body_training(teacher, config, {}, {}, StateDict(), kernels, share);
}

StateDict trained(Poser& teacher, const DistillConfig& config, SirenKernels kernels, ProcessGroup& group) {
  StateDict result;
  train(*face_of(teacher, config, kernels, BatchShare(group)), group, result);
  train(*body_of(teacher, config, kernels, BatchShare(group)), group, result);
  return result;
}

void expect_same(const StateDict& made, const StateDict& expected, const std::string& what) {
  if (made.size() != expected.size()) throw Error(what + ": other tensors");
  for (const auto& item : expected) {
    if (!torch::equal(item.value().cpu(), made[item.key()].cpu())) throw Error(what + ": " + item.key());
  }
}

/// That a training which another one's state is given to in the middle ends where that one does.
void check_resumes(const std::function<std::unique_ptr<Training>()>& make) {
  const auto whole = make(), resumed = make();
  const std::int64_t total = whole->total_examples();
  std::int64_t seen = 0;
  while (2 * seen < total) seen += whole->step(seen).examples;
  const TrainingState state = whole->state();
  resumed->restore({.network = copied(state.network), .optimizer = copied(state.optimizer)}, "the middle");
  for (Training* training : {whole.get(), resumed.get()}) {
    for (std::int64_t at = seen; at < total;) at += training->step(at).examples;
  }
  const TrainingState made = resumed->state(), expected = whole->state();
  expect_same(made.network, expected.network, "the network");
  expect_same(made.optimizer, expected.optimizer, "the optimiser");
  expect_same(resumed->exported_state(), whole->exported_state(), "what is exported");
}

StateDict some_network() {
  const SeededScope seeded(4);
  SirenBodyRotator body(SirenBodyRotatorOptions{.levels = {{256, 71}, {512, 17}}, .sine_layers = 2});
  return copied(state_dict_of(*body));
}

/// That LibTorch's operations take the same steps of SOAP by all processes and by one alone.
void check_soap(BatchShare share, c10::Device device) {
  const SeededScope seeded(5);
  const SoapPlaces places = soap_places(some_network());
  Soap alone(places, 3, 0.9, device), shared(places, 3, 0.9, device, share);
  const at::Tensor first1 = torch::zeros({places.parameters}, torch::device(device));
  const at::Tensor first2 = first1.clone(), other1 = first1.clone(), other2 = first1.clone();
  for (int number = 1; number <= 8; ++number) {
    const at::Tensor gradient = torch::randn({places.parameters}).to(device);
    const AdamStep step{.beta1 = 0.9,
                        .beta2 = 0.99,
                        .correction1 = 1 - std::pow(0.9, number),
                        .correction2 = 1 - std::pow(0.99, number)};
    const at::Tensor way = alone.directions(gradient, first1, first2, step);
    if (!way.equal(shared.directions(gradient, other1, other2, step))) throw Error("another way");
  }
  if (!first2.equal(shared.whole_moments(other2))) throw Error("other moments");
  expect_same(shared.state(), alone.state(), "SOAP");
}

/// The same of kernels on a GPU, of gradients that are the same in all processes, and of bases that are found
/// twice.
void check_gpu_soap(BatchShare share, c10::Device device) {
  const SeededScope seeded(6);
  constexpr int kWindow = 32;
  const StateDict network = some_network();
  const TrainedSiren trained = trained_body(network, SirenResolution::multiple);
  const at::Tensor poses = torch::rand({4, trained.pose_size}).to(device);
  GpuSiren alone(network, trained, 2, kWindow, poses, device),
      shared(network, trained, 2, kWindow, poses, device);
  alone.use_soap(2, 0.9);
  shared.use_soap(2, 0.9, share);
  for (int number = 1; number <= 12; ++number) {
    GpuSiren::PlannedStep step{.windows = {{0, 0, 0}, {3, 448, 448}}, .settings = {}};
    step.settings.beta1 = 0.9F;
    step.settings.beta2 = 0.99F;
    step.settings.correction1 = 1 - std::pow(0.9F, static_cast<float>(number));
    step.settings.correction2 = 1 - std::pow(0.99F, static_cast<float>(number));
    step.settings.learning_rate = 1e-3F;
    const at::Tensor gradient = torch::randn({2 * kWindow * kWindow, 16}).to(torch::kBFloat16);
    for (GpuSiren* siren : {&alone, &shared}) {
      siren->plan({&step, 1});
      siren->begin_step();
      siren->evaluate();
      torch::from_blob(siren->of_results(), gradient.sizes(), torch::device(device).dtype(torch::kBFloat16))
          .copy_(gradient);
      siren->differentiate();
      siren->update();
    }
  }
  expect_same(shared.network(), alone.network(), "the network");
  expect_same(shared.average(), alone.average(), "the average");
  expect_same(shared.moments2(), alone.moments2(), "the moments");
  expect_same(shared.soap(), alone.soap(), "SOAP");
}

StateDict played(ProcessGroup& group, const std::string& name, c10::Device device) {
  const BatchShare share(group);
  if (name == "soap") {
    check_soap(share, device);
    if (device.is_cuda()) check_gpu_soap(share, device);
    return StateDict();
  }
  StudentPoser teacher(small_character(), device);
  if (name == "frames") return made_frames(teacher, share);
  const Scenario scenario(name);
  if (name.starts_with("resumed")) {
    // Bases are looked for twice before the middle and after it; a GPU takes 64 steps at a time.
    const int steps = device.is_cuda() ? 8 * 64 : 12, soap_steps = device.is_cuda() ? 64 : 2;
    const DistillConfig config = config_of(scenario, steps, soap_steps);
    check_resumes([&] { return face_of(teacher, config, scenario.kernels, share); });
    check_resumes([&] { return body_of(teacher, config, scenario.kernels, share); });
    return StateDict();
  }
  // Bases that rounding turns would lead elsewhere: there are none yet.
  constexpr int kFar = 1000;
  const auto train_for = [&](int steps, int soap_steps) {
    return trained(teacher, config_of(scenario, steps, soap_steps), scenario.kernels, group);
  };
  StateDict result;
  add_part(result, "step.", train_for(1, kFar));
  add_part(result, "course.", train_for(12, kFar));
  // A GPU takes 64 steps at a time, and then draws by their errors: weights must be the same everywhere.
  if (device.is_cuda()) train_for(320, 64);
  return result;
}

int play(ProcessGroup& group, const std::string& scenario, c10::Device device, const std::string& out) {
  const StateDict result = played(group, scenario, device);
  if (group.is_first() && !result.is_empty()) write_safetensors(out, result);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  terminal_context({.log_level = "error", .shows_progress = false});
  try {
    const ProcessRank process = process_rank_from_environment();
    const c10::Device device = own_device(parse_device(argv[2]), process);
    const c10::OptionalDeviceGuard guard(device);
    ProcessGroup group(process, device, std::chrono::seconds(60));
    return run_together(group, [&] { return play(group, argv[1], device, argv[3]); });
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    return error.exit_code();
  }
}
