#include "tha4/distill/student_trainings.h"

#include <string>
#include <utility>

#include "cpu_siren_training.h"
#include "face_inputs.h"
#include "gpu_siren_training.h"
#include "teacher_store.h"
#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/distill/blendshape_training.h"
#include "tha4/distill/siren_training.h"
#include "tha4/engine/tile_workers.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

/// Crops for each of those that show what parameters do by themselves, where there are any of these.
constexpr int kMinCropsOfSingle = 4;

const BlendshapeFaceConfig* blendshape_face(const DistillConfig& config) {
  return std::get_if<BlendshapeFaceConfig>(&config.face_morpher);
}

const BlendshapeBodyConfig* blendshape_body(const DistillConfig& config) {
  return std::get_if<BlendshapeBodyConfig>(&config.body_rotator);
}

/// The poses of the frames that a teacher makes beforehand.
at::Tensor stored_poses(const DistillConfig& config, const SirenSteps& steps) {
  return draw_poses(config.poses, steps.frames, config.poses.seed);
}

/// How much memory the frames of \p store take.
void tell_memory(const TeacherStore& store, const Context& context) {
  const auto gib = [](std::int64_t bytes) { return static_cast<double>(bytes) / (std::int64_t{1} << 30); };
  const FrameTiles& tiles = store.tiles();
  context.info(fmt::format(
      "the teacher's {} frames take {:.2f} GiB{}", store.count(), gib(tiles.device_bytes()),
      tiles.machine_bytes() > 0
          ? fmt::format(" of the GPU's memory and {:.2f} of the machine's", gib(tiles.machine_bytes()))
          : std::string()));
}

void tell_of_cpu_kernels(const std::string& what, const Context& context) {
  const bool has_pairs = CpuSiren::usual_numbers() == SirenNumbers::pairs;
  context.info("the " + what + " learns by kernels for this CPU, of " +
               (has_pairs ? "pairs of 16 bits" : "float32") + ", on " + std::to_string(usual_threads()) +
               " threads");
}

/// By the project's own kernels, where there are some.
std::unique_ptr<Training> make_siren_training(Poser& teacher, const at::Tensor& mask,
                                              const DistillConfig& config, const SirenFaceConfig& face,
                                              const StateDict& first, const Context& context,
                                              SirenKernels kernels, BatchShare share) {
  const StateDict network = state_dict_of(*first_network(face, first));
  const bool is_own = kernels == SirenKernels::own;
  const bool is_on_gpu = is_own && can_train_on_gpu(face, network, teacher.device());
  const int batch = share.of(face.batch);
  if (face.steps.frames == 0 && is_on_gpu) {
    return make_gpu_face_training(TeacherStore::room_for_faces(teacher, batch * fresh_steps(batch)), mask,
                                  network, face, FreshFrames{teacher, config.poses, config.teacher_batch},
                                  share);
  }
  if (face.steps.frames == 0) {
    return std::make_unique<SirenFaceTraining>(teacher, mask, config.poses, face, nullptr, first, share);
  }
  auto store =
      TeacherStore::of_faces(teacher, stored_poses(config, face.steps), config.teacher_batch, context, share);
  if (is_on_gpu) return make_gpu_face_training(std::move(store), mask, network, face, {}, share);
  if (is_own && can_train_on_cpu(face, network, teacher.device())) {
    tell_of_cpu_kernels("face morpher", context);
    return make_cpu_face_training(std::move(store), mask, network, face, usual_threads(),
                                  CpuSiren::usual_numbers(), share);
  }
  return std::make_unique<SirenFaceTraining>(teacher, mask, config.poses, face,
                                             std::make_shared<const TeacherStore>(std::move(store)), first,
                                             share);
}

std::unique_ptr<Training> make_siren_training(Poser& teacher, const DistillConfig& config,
                                              const SirenBodyConfig& body, const StateDict& first,
                                              const Context& context, SirenKernels kernels,
                                              BatchShare share) {
  const StateDict network = state_dict_of(*first_network(body, first));
  const bool is_own = kernels == SirenKernels::own;
  const bool is_on_gpu = is_own && can_train_on_gpu(body, network, teacher.device());
  const int batch = share.of(body.batch);
  if (body.steps.frames == 0 && is_on_gpu) {
    return make_gpu_body_training(TeacherStore::room_for_frames(teacher, batch * fresh_steps(batch)), network,
                                  body, FreshFrames{teacher, config.poses, config.teacher_batch}, share);
  }
  if (body.steps.frames == 0) {
    return std::make_unique<SirenBodyTraining>(teacher, config.poses, body, nullptr, first, share);
  }
  auto store =
      TeacherStore::of_frames(teacher, stored_poses(config, body.steps), config.teacher_batch,
                              is_on_gpu ? frame_memory(body, network, batch) : FrameMemory(), context, share);
  tell_memory(store, context);
  if (is_on_gpu) return make_gpu_body_training(std::move(store), network, body, {}, share);
  if (is_own && can_train_on_cpu(body, network, teacher.device())) {
    tell_of_cpu_kernels("body rotator", context);
    return make_cpu_body_training(std::move(store), network, body, usual_threads(), CpuSiren::usual_numbers(),
                                  share);
  }
  return std::make_unique<SirenBodyTraining>(
      teacher, config.poses, body, std::make_shared<const TeacherStore>(std::move(store)), first, share);
}

template <class Siren>
void check_batches(const Siren& siren, const std::string& name, int processes) {
  check_equal_shares(siren.batch, processes, name + ".batch");
  check_equal_shares(siren.steps.early_batch, processes, name + ".early_batch");
}

[[noreturn]] void refuse_blendshape(const std::string& what) {
  throw InputError("a blendshape " + what +
                   " is made by one process: start a single one, or choose SIRENs, which several share");
}

}  // namespace

void check_shareable(const DistillConfig& config, int processes) {
  if (processes == 1) return;
  const auto* face = std::get_if<SirenFaceConfig>(&config.face_morpher);
  const auto* body = std::get_if<SirenBodyConfig>(&config.body_rotator);
  if (face == nullptr) refuse_blendshape("face");
  if (body == nullptr) refuse_blendshape("body");
  check_batches(*face, "face_morpher", processes);
  check_batches(*body, "body_rotator", processes);
}

FaceMorpherKind face_morpher_kind(const DistillConfig& config) {
  return blendshape_face(config) != nullptr ? FaceMorpherKind::blendshape : FaceMorpherKind::siren;
}

BodyRotatorKind body_rotator_kind(const DistillConfig& config) {
  return blendshape_body(config) != nullptr ? BodyRotatorKind::blendshape
                                            : std::get<SirenBodyConfig>(config.body_rotator).kind;
}

bool learns_from_crops(const DistillConfig& config) {
  return blendshape_face(config) != nullptr;
}

bool learns_from_frames(const DistillConfig& config) {
  return blendshape_body(config) != nullptr;
}

TeacherCrops collect_face_crops(Poser& teacher, const DistillConfig& config,
                                const TeacherCollection& collection, std::optional<int> count,
                                const Context& context) {
  const BlendshapeFaceConfig* blendshape = blendshape_face(config);
  const PoseSource& poses = blendshape != nullptr ? blendshape->poses : config.poses;
  const int wanted = blendshape != nullptr ? blendshape->crops : config.mask_poses;
  at::Tensor drawn = draw_poses(poses, count.value_or(wanted), poses.seed);
  // The last ones of many are those that show what each parameter does.
  if (const at::Tensor single = single_face_poses();
      blendshape != nullptr && drawn.size(0) >= kMinCropsOfSingle * single.size(0)) {
    drawn.narrow(0, drawn.size(0) - single.size(0), single.size(0)).copy_(single);
  }
  return collect_teacher_crops(teacher, drawn, collection, context);
}

TeacherFrames collect_body_frames(Poser& teacher, const DistillConfig& config,
                                  const TeacherCollection& collection, std::optional<int> count,
                                  const Context& context) {
  const BlendshapeBodyConfig* blendshape = blendshape_body(config);
  if (blendshape == nullptr) throw Error("the body rotator learns from no frames that are made beforehand");
  const at::Tensor poses = draw_poses(config.poses, count.value_or(blendshape->frames), config.poses.seed);
  return collect_teacher_frames(teacher, poses, {blendshape->map_size, blendshape->appearance_map()},
                                collection, context);
}

std::unique_ptr<Training> make_face_training(Poser& teacher, const DistillConfig& config, TeacherCrops crops,
                                             const at::Tensor& mask, const Context& context,
                                             const StateDict& first, SirenKernels kernels, BatchShare share) {
  if (const BlendshapeFaceConfig* blendshape = blendshape_face(config)) {
    return std::make_unique<BlendshapeFaceTraining>(std::move(crops), *blendshape, teacher.device());
  }
  return make_siren_training(teacher, mask, config, std::get<SirenFaceConfig>(config.face_morpher), first,
                             context, kernels, share);
}

std::unique_ptr<Training> make_body_training(Poser& teacher, const DistillConfig& config,
                                             TeacherFrames frames, const Context& context,
                                             const StateDict& first, SirenKernels kernels, BatchShare share) {
  if (const BlendshapeBodyConfig* blendshape = blendshape_body(config)) {
    return std::make_unique<BlendshapeBodyTraining>(std::move(frames), teacher.rest_image(), *blendshape,
                                                    teacher.device());
  }
  return make_siren_training(teacher, config, std::get<SirenBodyConfig>(config.body_rotator), first, context,
                             kernels, share);
}

}  // namespace tha4
