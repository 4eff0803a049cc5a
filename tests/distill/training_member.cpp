// One process of a group that shares trainings, for shared_training_test.cpp: training_member SCENARIO DEVICE
// OUT. The group is in the environment, as a launcher would leave it.

#include <iostream>
#include <string>

#include "distill_fixture.h"
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

/// \p stored: of frames that are made beforehand.
DistillConfig config_of(bool stored, int steps) {
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
  if (stored) {
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

/// The first moments of Adam, which are the gradient of a first step but for a factor.
StateDict moments_of(const Training& training) {
  StateDict moments;
  for (const auto& item : copied(training.state().optimizer)) {
    const std::string& key = item.key();
    if (key.starts_with("moment1.") || key.ends_with(".exp_avg")) moments.insert(key, item.value());
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

StateDict trained(Poser& teacher, const DistillConfig& config, SirenKernels kernels, ProcessGroup& group) {
  const BatchShare share(group);
  StateDict result;
  {
    const auto face =
        make_face_training(teacher, config, {}, torch::ones({1, 128, 128}), {}, StateDict(), kernels, share);
    train(*face, group, result);
  }
  const auto body = make_body_training(teacher, config, {}, {}, StateDict(), kernels, share);
  train(*body, group, result);
  return result;
}

int play(ProcessGroup& group, const std::string& scenario, c10::Device device, const std::string& out) {
  StudentPoser teacher(small_character(), device);
  StateDict result;
  if (scenario == "frames") {
    result = made_frames(teacher, BatchShare(group));
  } else {
    const SirenKernels kernels = scenario == "layers" ? SirenKernels::layers : SirenKernels::own;
    const auto train_for = [&](int steps) {
      return trained(teacher, config_of(scenario == "stored", steps), kernels, group);
    };
    add_part(result, "step.", train_for(1));
    add_part(result, "course.", train_for(12));
    // A GPU takes 64 steps at a time, and then draws by their errors: weights must be the same everywhere.
    if (device.is_cuda()) train_for(160);
  }
  if (group.is_first()) write_safetensors(out, result);
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
