#include "remedy_text.h"

namespace tha4::app {
namespace {

/// "or --set A, or --set B", with a comma before.
std::string alternatives(const std::vector<std::string>& settings) {
  std::string text;
  for (const std::string& setting : settings) text += ", or --set " + setting;
  return text;
}

std::string less_device_memory(const std::vector<std::string>& settings, const std::string& of_command) {
  if (!settings.empty()) return "take one with more" + alternatives(settings);
  return of_command.empty() ? "use --device cpu" : of_command + " or --device cpu";
}

std::string first_of(const std::vector<std::string>& details) {
  return details.empty() ? "" : details.front();
}

}  // namespace

std::string remedy_text(const Remedy& remedy, const std::string& memory_remedy) {
  switch (remedy.kind) {
    case Remedy::none:
      return "";
    case Remedy::other_output:
      return "choose another --out";
    case Remedy::continue_or_other_output:
      return "choose another --out, or continue it with --resume";
    case Remedy::resume:
      return "--resume goes on from there";
    case Remedy::resume_or_start:
      return "name the run's folder by --out, or leave out --resume to start a new run";
    case Remedy::same_run_or_other_output:
      return "go on with the same, or choose another --out";
    case Remedy::wait_or_other_output:
      return "wait for its end, or choose another --out";
    case Remedy::train_first:
      return "train that one first with the same --out";
    case Remedy::complete_teacher:
      return "put what is missing there, or train it with tha4-train-teacher";
    case Remedy::other_initial_weights:
      return "name another one by --init, or leave it out";
    case Remedy::scale_picture:
      return "with --fit it is scaled and moved so that its head is where it belongs";
    case Remedy::usual_resolution:
      return "leave --resolution out, or use a character";
    case Remedy::lower_learning_rate:
      return "start again with a lower learning rate (--set)";
    case Remedy::other_batch:
      return "start another number of them, or --set " + first_of(remedy.details) + "=...";
    case Remedy::name_backbone:
      return "name the file by --vgg16, or train without it: --set perceptual.backbone=none";
    case Remedy::make_dataset:
      if (remedy.details.empty()) return "make one with tha4-make-dataset";
      return "make them with tha4-make-dataset --step " + first_of(remedy.details);
    case Remedy::finish_dataset:
      return "an unfinished one is finished by running tha4-make-dataset again, its last job to the end";
    case Remedy::more_test_characters:
      return "make it anew of more characters, or with another tha4-make-dataset --test-fraction; a training "
             "does without tests by --set validation_images=0";
    case Remedy::launch_processes:
      return "start them by torchrun --no-python or srun, or set RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR "
             "and MASTER_PORT for each";
    case Remedy::compute_on_cpu:
      return "use --device cpu";
    case Remedy::less_device_memory:
      return less_device_memory(remedy.details, memory_remedy);
    case Remedy::less_memory:
      return memory_remedy;
  }
  return "";
}

std::string error_text(const std::exception& error, const std::string& memory_remedy) {
  const Error known = as_error(error);
  const std::string remedy = remedy_text(known.remedy(), memory_remedy);
  return remedy.empty() ? known.what() : known.what() + ("; " + remedy);
}

}  // namespace tha4::app
