#include "poser_options.h"

#include "command_line.h"
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "tha4/poser/character.h"
#include "tha4/poser/picture_check.h"

namespace tha4::app {
namespace {

std::string option_name(PoserOption option) {
  switch (option) {
    case PoserOption::name:
      return "--teacher";
    case PoserOption::image:
      return "--image";
    case PoserOption::fit:
      return "--fit";
    case PoserOption::precision:
      return "--precision";
    case PoserOption::architecture:
      return "--arch";
    case PoserOption::engine:
      return "--engine";
  }
  throw Error("an option that is not known");
}

constexpr const char* kWhatShowsThePlace = ", which --poses preview shows; --fit places it";

/// Whether a finding ends with where the head belongs.
bool is_of_place(PictureFault fault) {
  return fault == PictureFault::hardly_anything || fault == PictureFault::head_misplaced ||
         fault == PictureFault::still_eyes || fault == PictureFault::still_mouth;
}

void refuse_options_of_teachers(const PoserChoice& teacher) {
  if (!teacher.image.empty()) {
    throw InputError("--image goes with --teacher only: a character has its own picture");
  }
  if (teacher.fit) throw InputError("--fit goes with --image only; leave it out");
  if (teacher.architecture) {
    throw InputError("--arch goes with --teacher only: a character's folder says what its networks are");
  }
}

}  // namespace

CLI::Option* add_architecture_option(CLI::App& app, std::optional<Architecture>& architecture,
                                     const std::string& description) {
  const auto parse = [&architecture](const std::string& name) { architecture = parse_architecture(name); };
  return app.add_option_function<std::string>("--arch", parse, description)
      ->type_name(fmt::format("TEXT:{{{}}}", fmt::join(architecture_names(), ",")));
}

void add_fit_option(CLI::App& app, PoserChoice& choice) {
  app.add_flag("--fit", choice.fit,
               "Scale, move and pad a picture of any size so that its head is where it belongs");
}

void add_teacher_options(CLI::App& app, PoserChoice& choice, const std::string& picture,
                         const std::string& if_missing) {
  app.add_option("--image", choice.image, picture);
  add_teacher_option(app, choice.name, "Who poses: " + poser_kinds_text() + "; " + if_missing);
  add_architecture_option(app, choice.architecture);
}

void add_engine_option(CLI::App& app, std::optional<Engine>& engine, const std::string& text) {
  const auto parse = [&engine](const std::string& name) {
    engine = parse_option("--engine", name, parse_engine);
  };
  app.add_option_function<std::string>(
      "--engine", parse, text + ": fused (kernels of the project) or reference (LibTorch's layers)");
}

void add_teacher_engine_option(CLI::App& app, std::optional<Engine>& engine) {
  add_engine_option(
      app, engine,
      "What computes the teacher's frames (if it is not given, fused of a teacher's networks wherever "
      "it can be, reference of a character's)");
}

PoserChoice with_engine_of_teacher(PoserChoice choice) {
  if (!choice.engine && is_character(choice.name)) choice.engine = Engine::reference;
  return choice;
}

void add_threads_option(CLI::App& app) {
  app.add_option_function<int>(
         "--threads", use_threads,
         "Threads that compute on the CPU; if not given, one for each core that may be used, "
         "or OMP_NUM_THREADS")
      ->check(CLI::Range(1, 1024));
}

void PoserOptions::add_to(CLI::App& app) {
  add_character_option(app, character);
  add_teacher_options(app, teacher, "The picture that the teacher shall pose, 512x512 with transparency",
                      "if it is not given, the project's own teacher poses --image");
  add_fit_option(app, teacher);
  add_precision_option(app, teacher.precision, "Of networks: fp32 (if it is not given), fp16 or bf16");
  add_engine_option(app, teacher.engine,
                    "What computes the frames (if it is not given, fused wherever it can be)");
}

OpenedPoser open_chosen_poser(PoserChoice choice, c10::Device device) {
  choice.device = device;
  try {
    return open_poser_and_picture(choice);
  } catch (const PoserChoiceError& error) {
    throw InputError(option_name(error.option()) + " " + error.problem(), error.remedy());
  }
}

OpenedPoser open_chosen_poser(const PoserOptions& options, c10::Device device) {
  PoserChoice choice = options.teacher;
  const bool has_teacher = !choice.name.empty() || !choice.image.empty();
  if (options.character.empty() ? !has_teacher : !choice.name.empty()) {
    throw InputError(
        "name either --character or --teacher, or --image alone for the project's own teacher to pose");
  }
  if (!options.character.empty()) {
    refuse_options_of_teachers(choice);
    choice.name = options.character;
    choice.kind = PoserKind::character;
  }
  return open_chosen_poser(std::move(choice), device);
}

void warn_of_picture(const std::string& file, const OpenedPoser& teacher) {
  if (!row_of(teacher.kind).poses_any_picture) return;
  for (const PictureFinding& finding : check_picture(teacher.image, *teacher.poser)) {
    spdlog::warn("{}: {}{}", file, finding.text, is_of_place(finding.fault) ? kWhatShowsThePlace : "");
  }
}

}  // namespace tha4::app
