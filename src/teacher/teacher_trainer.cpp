#include "tha4/teacher/teacher_trainer.h"

#include <chrono>
#include <optional>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/data/open_source.h"
#include "tha4/nn/teacher/teacher_architecture.h"
#include "tha4/render/rig_renderer.h"
#include "tha4/teacher/teacher_training.h"
#include "tha4/train/run_log.h"
#include "tha4/train/training_loop.h"
#include "tha4/weights/weights_folder.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

std::optional<PerceptualLoss> open_perceptual_loss(const TeacherTrainingJob& job, c10::Device device) {
  if (!job.config.needs_backbone()) return std::nullopt;
  if (job.vgg16.empty()) {
    throw InputError(
        "the perceptual loss needs torchvision's weights of VGG16: " + where_to_get(BackboneKind::vgg16),
        Remedy::name_backbone);
  }
  return PerceptualLoss(load_backbone(BackboneKind::vgg16, job.vgg16).to(device, at::kFloat),
                        job.config.rgb_probability);
}

TeacherTraining::Parts make_parts(const TeacherTrainingJob& job, ProcessGroup& group, c10::Device device,
                                  const Context& context) {
  TeacherTraining::Parts parts;
  parts.perceptual = open_perceptual_loss(job, device);
  parts.task = make_network_task(job.config, job.out);
  parts.source = open_training_source(job.config, parts.task->step(), Split::train, group, device, context);
  if (job.config.validation_images > 0) {
    const auto tests =
        open_training_source(job.config, parts.task->step(), Split::test, group, device, context);
    parts.validation = std::make_unique<ValidationSet>(*tests, job.config.validation_images, group, device);
  }
  return parts;
}

/// The official files of \p networks, one each.
std::vector<fs::path> write_networks(const std::vector<std::string>& names, const StateDict& state,
                                     const fs::path& out) {
  std::vector<fs::path> files;
  for (const std::string& name : names) {
    StateDict network;
    for (const auto& item : state) {
      if (item.key().starts_with(name + "."))
        network.insert(item.key().substr(name.size() + 1), item.value());
    }
    files.push_back(out / (name + ".pt"));
    write_weights(files.back(), network);
  }
  return files;
}

void load_initial_weights(const NetworkTask& task, const fs::path& folder) {
  for (const NamedNetwork& named : task.networks()) {
    const auto file = find_weights_file(folder, named.name);
    if (!file) {
      throw InputError(folder.string() + " has no " + named.name + ".pt or " + named.name +
                           ".safetensors, which this network would begin with",
                       Remedy::other_initial_weights);
    }
    load_state_dict(*named.network, read_weights(*file), file->string());
  }
}

/// A new run replaces no weights that something else made: nobody could bring them back.
void refuse_networks_that_are_there(const std::vector<std::string>& names, const fs::path& out) {
  for (const std::string& name : names) {
    if (const auto file = find_weights_file(out, name)) {
      throw InputError(file->string() + " is there already, and this run would replace it",
                       Remedy::other_output);
    }
  }
}

/// The architecture that the teacher in \p out has, or will have: one whose \p network has just been written
/// is compact where there is a network that only that has.
Architecture becoming_architecture(const fs::path& out, TrainedNetwork network) {
  const bool is_tha3 = network == TrainedNetwork::tha3_rotator || network == TrainedNetwork::tha3_editor;
  if (is_tha3) return Architecture::tha3;
  for (const TeacherNetwork own : {TeacherNetwork::unet_face_morpher, TeacherNetwork::editor}) {
    if (find_weights_file(out, file_of(Architecture::compact, own))) return Architecture::compact;
  }
  return Architecture::tha4;
}

}  // namespace

std::unique_ptr<TripleSource> open_training_source(const TeacherTrainingConfig& config, PoseStep step,
                                                   Split split, const ProcessGroup& group, c10::Device device,
                                                   const Context& context) {
  SourceOptions options = config.data.reading;
  options.split = split;
  options.step = step;
  options.motion = split == Split::train && config.needs_motion();
  options.seed = config.seed;
  options.share = {.rank = group.rank(), .world_size = group.size()};
  // The more characters, the more a score says: a test sees each in one pose.
  if (split == Split::test) options.poses_per_character = options.characters_at_once = 1;
  options.cuda_device = device.is_cuda() ? device.index() : kAnyGpu;
  return open_triple_source(config.data.source, options, context);
}

fs::path run_folder_of(const fs::path& out, TrainedNetwork network) {
  return out / "runs" / std::string(trained_network_name(network));
}

TeacherTrainingResult train_teacher(const TeacherTrainingJob& job, ProcessGroup& group, c10::Device device,
                                    const Context& context) {
  const auto begin = std::chrono::steady_clock::now();
  RunLog log(context);  // of which the data, opened before the run, has a part
  TeacherTraining::Parts parts = make_parts(job, group, device, log.context());
  if (job.start == RunStart::fresh && !job.init.empty()) load_initial_weights(*parts.task, job.init);
  std::vector<std::string> names;
  for (const NamedNetwork& named : parts.task->networks()) names.push_back(named.name);
  const fs::path folder = run_folder_of(job.out, job.config.network);
  // Those of a run that is there can be gone on with, which is said when it is opened.
  if (job.start == RunStart::fresh && !fs::exists(folder)) refuse_networks_that_are_there(names, job.out);
  TeacherTraining training(job.config, std::move(parts), group, device, job.time, log.context());

  std::optional<RunFolder> run;
  if (group.is_first()) {
    run.emplace(
        folder, to_json(job.config), job.start,
        [](const nlohmann::json& stored, const std::string& file) {
          return to_json(parse_teacher_config(stored, file));
        },
        log.context());
    log.write_to(run->log_file());
  }
  group.gather("");  // nobody goes on where the folder was refused
  TrainingLoop loop(run ? &*run : nullptr, folder,
                    {.checkpoint_seconds = job.config.checkpoint_seconds,
                     .samples = job.config.samples,
                     .curve_points = job.config.curve_points,
                     .validations = job.config.validations,
                     .time = job.time},
                    job.start == RunStart::resume, group, log.context());
  TeacherTrainingResult result;
  result.total_examples = job.config.total_examples();
  const auto finished = loop.finished_network(training.name());
  const auto export_networks = [&](const StateDict& state) {
    if (group.is_first()) result.files = write_networks(names, state, job.out);
  };
  if (finished) {
    result.examples = result.total_examples;
    result.validation = loop.finished_scores(training.name());
    export_networks(*finished);
  } else {
    try {
      result.examples = loop.run(training);
    } catch (const InterruptedError&) {
      export_networks(training.exported_state());
      throw;
    }
    result.validation = loop.last_scores();
    export_networks(training.exported_state());
  }
  if (group.is_first())
    result.missing = missing_files(job.out, becoming_architecture(job.out, job.config.network));
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace tha4
