#include "tha4/opening/open_poser.h"

#include <algorithm>
#include <utility>

#include "rig_picture.h"
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "tha4/base/foreign_file.h"
#include "tha4/engine/fused_student.h"
#include "tha4/engine/fused_teacher.h"
#include "tha4/engine/gpu_student_poser.h"
#include "tha4/image/color.h"
#include "tha4/image/rest_image.h"
#include "tha4/poser/base_teacher.h"
#include "tha4/poser/character.h"
#include "tha4/poser/face_motion.h"
#include "tha4/poser/head_placing.h"
#include "tha4/poser/student_poser.h"
#include "tha4/poser/teacher_poser.h"
#include "tha4/render/rig_poser.h"
#include "tha4/rig/rig_source.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// The picture of a rig or a character, which is to be theirs.
RgbaImage load_known_picture(const PoserChoice& choice) {
  return load_rest_image(choice.image, choice.fit ? RestImageFit::scale : RestImageFit::exact);
}

Precision precision_of(const PoserChoice& choice) {
  return choice.precision.value_or(Precision::fp32);
}

OpenedPoser open_rig_poser(const PoserChoice& choice) {
  OpenedPoser opened;
  opened.poser = make_rig_poser(open_rig(choice.name), choice.device);
  opened.image = to_rgba_image(opened.poser->rest_image());
  if (!choice.image.empty()) {
    check_picture_of_rig(load_known_picture(choice), choice.image.string(), opened.image, choice.name);
  }
  return opened;
}

/// Whether fused kernels play \p character. Throws PoserChoiceError where they are asked for and cannot.
bool is_fused(const Character& character, const PoserChoice& choice) {
  if (choice.engine == Engine::reference) return false;
  const auto problem = why_not_fused(character, choice.device, precision_of(choice));
  if (choice.engine == Engine::fused && problem) {
    throw PoserChoiceError(PoserOption::engine,
                           fmt::format("is fused, but {}; leave it out, or choose reference", *problem));
  }
  return !problem;
}

std::unique_ptr<Poser> make_fused_poser(const Character& character, const PoserChoice& choice) {
  if (!choice.device.is_cpu()) {
    spdlog::info("playing {} by fused kernels on {}", choice.name, choice.device.str());
    return std::make_unique<GpuStudentPoser>(character, choice.device);
  }
  const auto workers = std::make_shared<TileWorkers>(usual_threads());
  spdlog::info("playing {} by fused kernels ({}, {} {})", choice.name, fused_student_target(),
               workers->threads(), workers->threads() == 1 ? "thread" : "threads");
  const Context context{.logger = spdlog::default_logger()};
  const EmptyCells empty = cells_to_skip(choice.skipping, choice.name, character, *workers, context);
  return std::make_unique<StudentPoser>(fused(character, workers, empty), choice.device);
}

/// Whether two pictures are the same but for colours that nobody sees.
bool look_alike(const RgbaImage& a, const RgbaImage& b) {
  if (a.width != b.width || a.height != b.height) return false;
  for (std::size_t i = 0; i < a.pixels.size(); i += 4) {
    const bool is_hidden = a.pixels[i + 3] == 0 && b.pixels[i + 3] == 0;
    if (!is_hidden && !std::equal(&a.pixels[i], &a.pixels[i] + 4, &b.pixels[i])) return false;
  }
  return true;
}

OpenedPoser open_character(const PoserChoice& choice) {
  const Character character = load_character(choice.name);
  if (!choice.image.empty() && !look_alike(load_known_picture(choice), character.image)) {
    throw InputError(
        fmt::format("{} is a character of another picture than {}; leave the picture out, or use a teacher "
                    "that poses any",
                    choice.name, choice.image.string()));
  }
  OpenedPoser opened;
  opened.image = character.image;
  opened.poser = is_fused(character, choice)
                     ? make_fused_poser(character, choice)
                     : std::make_unique<StudentPoser>(character, choice.device, precision_of(choice));
  return opened;
}

/// Whether fused kernels play \p teacher: if nothing else is said, wherever they can. Throws PoserChoiceError
/// where they are asked for and cannot.
bool is_fused(const Teacher& teacher, const PoserChoice& choice) {
  if (choice.engine == Engine::reference) return false;
  const bool has_precision = choice.device.is_cpu() && precision_of(choice) != Precision::fp32;
  const auto problem = has_precision
                           ? std::optional<std::string_view>("the kernels have a precision of their own")
                           : why_no_fused_teacher(choice.device, teacher.architecture());
  if (choice.engine == Engine::fused && problem) {
    throw PoserChoiceError(PoserOption::engine, fmt::format("is fused, but {}; leave it out", *problem));
  }
  return !problem;
}

std::unique_ptr<Poser> make_teacher_poser_of(Teacher teacher, const at::Tensor& image,
                                             const PoserChoice& choice) {
  if (!is_fused(teacher, choice)) {
    return make_teacher_poser(std::move(teacher), image, choice.device, precision_of(choice));
  }
  if (choice.device.is_cpu()) {
    spdlog::info("playing the teacher by fused kernels ({}, {} {})", cpu_teacher_kernels(), usual_threads(),
                 usual_threads() == 1 ? "thread" : "threads");
  }
  const Precision precision = choice.precision.value_or(fused_precision(teacher.architecture()));
  return make_fused_teacher_poser(std::move(teacher), image, choice.device, precision);
}

/// The picture, placed by what a teacher of the choice moves in it; where it finds no face, centred, with a
/// warning.
RgbaImage load_placed_picture(const PoserChoice& choice) {
  const RgbaImage picture = load_picture(choice.image);
  // A teacher of its own: kernels that play networks stay with them.
  Teacher teacher = load_teacher(choice.name, choice.architecture);
  if (choice.device.is_cpu() && !why_no_fused_teacher(choice.device, teacher.architecture())) {
    play_by_fused_kernels(teacher, choice.device, fused_precision(teacher.architecture()));
  }
  const auto place = place_of_head(picture, [&](const RgbaImage& image) {
    return measure_face_motion(*make_teacher_poser(teacher, to_image_tensor(image), choice.device));
  });
  if (!place) {
    spdlog::warn(
        "{}: the teacher finds no face to place: the picture is centred; scale and move the character in a "
        "paint program so that its head is inside the 128x128 box centred at (256,128)",
        choice.image.string());
  }
  const PicturePlace taken = place.value_or(centred_place(picture));
  const bool stays = picture.width == kImageSize && picture.height == kImageSize && taken.scale == 1 &&
                     taken.x == 0 && taken.y == 0;
  if (stays) return picture;
  if (place) {
    spdlog::info("placing the head of {}: {:.3g} times as large, its corner at ({:.0f},{:.0f})",
                 choice.image.string(), taken.scale, taken.x, taken.y);
  }
  return placed(picture, taken);
}

OpenedPoser open_teacher(const PoserChoice& choice) {
  if (choice.image.empty() && !choice.usual_image) {
    throw PoserChoiceError(PoserOption::image,
                           "is missing: the networks in " + choice.name + " pose any picture; name yours");
  }
  OpenedPoser opened;
  opened.image = choice.image.empty() ? *choice.usual_image
                 : choice.fit         ? load_placed_picture(choice)
                                      : load_rest_image(choice.image);
  opened.poser = make_teacher_poser_of(load_teacher(choice.name, choice.architecture),
                                       to_image_tensor(opened.image), choice);
  return opened;
}

/// How a kind is told by its name, and opened.
struct PoserOpener {
  PoserKind kind;
  bool (*is_meant)(const std::string& name);
  OpenedPoser (*open)(const PoserChoice& choice);
};

constexpr std::array kOpeners = {
    PoserOpener{PoserKind::rig, [](const std::string& name) { return names_rig(name); }, open_rig_poser},
    PoserOpener{PoserKind::character, [](const std::string& name) { return is_character(name); },
                open_character},
    PoserOpener{PoserKind::teacher, [](const std::string& name) { return fs::is_directory(name); },
                open_teacher}};
static_assert(kOpeners.size() == kPoserKinds.size());

template <class Table>
const auto& entry_of(const Table& table, PoserKind kind) {
  return *std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.kind == kind; });
}

/// The file that "rig" stands for.
std::string rig_beside_picture(const PoserChoice& choice) {
  if (choice.image.empty()) {
    throw PoserChoiceError(PoserOption::image,
                           "is missing: rig stands for the .vrm file beside the picture; name the picture");
  }
  const fs::path file = fs::path(choice.image).replace_extension(".vrm");
  if (!fs::exists(file)) {
    throw InputError(fmt::format("there is no {} beside {}; put the rig there, or name its .vrm file",
                                 file.string(), choice.image.string()));
  }
  return file.string();
}

/// The name of what is opened, whatever stands for it.
std::string resolved_name(const PoserChoice& choice) {
  const bool may_be_rig = choice.kind.value_or(PoserKind::rig) == PoserKind::rig;
  if (may_be_rig && choice.name == kRigBesidePicture) return rig_beside_picture(choice);
  if (!choice.name.empty()) return choice.name;
  const std::string folder = base_teacher_folder().string();
  spdlog::info("posing with the project's own teacher, data/teacher");
  return folder;
}

void check_options(const PoserChoice& choice, const PoserKindRow& row) {
  if (choice.architecture && row.kind != PoserKind::teacher) {
    throw PoserChoiceError(
        PoserOption::architecture,
        fmt::format("is of a teacher's networks, but {} is {}; leave it out", choice.name, row.title));
  }
  if (choice.engine == Engine::fused && !row.has_networks) {
    throw PoserChoiceError(
        PoserOption::engine,
        fmt::format("is fused, which networks are, but {} is {}; leave it out", choice.name, row.title));
  }
  if (choice.precision && !row.has_networks) {
    throw PoserChoiceError(PoserOption::precision,
                           fmt::format("is of networks, but {} is {}; leave it out", choice.name, row.title));
  }
}

std::string_view words_for(PoserOption option) {
  switch (option) {
    case PoserOption::name:
      return "the name";
    case PoserOption::image:
      return "the picture";
    case PoserOption::fit:
      return "fitting";
    case PoserOption::precision:
      return "the precision";
    case PoserOption::architecture:
      return "the architecture";
    case PoserOption::engine:
      return "the engine";
  }
  throw Error("an option that is not known");
}

}  // namespace

PoserChoiceError::PoserChoiceError(PoserOption option, const std::string& problem)
    : InputError(fmt::format("{} {}", words_for(option), problem)), option_(option), problem_(problem) {}

const PoserKindRow& row_of(PoserKind kind) {
  return entry_of(kPoserKinds, kind);
}

std::string poser_kinds_text() {
  std::string text;
  for (const PoserKindRow& row : kPoserKinds) {
    if (!text.empty()) text += row.kind == kPoserKinds.back().kind ? ", or " : ", ";
    text += fmt::format("{} ({})", row.title, row.given_as);
  }
  return text;
}

PoserKind poser_kind(const std::string& name) {
  for (const PoserOpener& opener : kOpeners) {
    if (opener.is_meant(name)) return opener.kind;
  }
  refuse_file_for_folder(name, "what poses pictures; name " + poser_kinds_text());
  throw InputError(fmt::format("'{}' {}; name {}", name,
                               fs::exists(name) ? "is nothing that poses pictures" : "is not there",
                               poser_kinds_text()));
}

OpenedPoser open_poser_and_picture(const PoserChoice& given) {
  PoserChoice choice = given;
  if (choice.name.empty() && choice.image.empty() && !choice.usual_image) {
    throw PoserChoiceError(PoserOption::name, "is missing, and so is a picture; name " + poser_kinds_text() +
                                                  ", or a picture for the project's own teacher to pose");
  }
  if (choice.fit && choice.image.empty()) {
    throw PoserChoiceError(PoserOption::fit, "is of a picture, and none is named; leave it out");
  }
  choice.name = resolved_name(choice);
  const PoserKind kind = choice.kind ? *choice.kind : poser_kind(choice.name);
  check_options(choice, row_of(kind));
  OpenedPoser opened = entry_of(kOpeners, kind).open(choice);
  opened.name = choice.name;
  opened.kind = kind;
  return opened;
}

std::unique_ptr<Poser> open_poser(const PoserChoice& choice) {
  return open_poser_and_picture(choice).poser;
}

}  // namespace tha4
