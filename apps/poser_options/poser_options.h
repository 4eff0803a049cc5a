#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "tha4/opening/open_poser.h"

// The options that say who poses which picture. What they name, and what goes with what, is for open_poser()
// to say.

namespace tha4::app {

/// Adds --arch, the architecture of the networks that --teacher names; \p architecture must outlive \p app.
/// InputError of a wrong one names the nearest right one.
CLI::Option* add_architecture_option(
    CLI::App& app, std::optional<Architecture>& architecture,
    const std::string& description =
        "Architecture of a teacher's networks; if it is not given, the one whose files are in the folder");

/// Adds --fit.
void add_fit_option(CLI::App& app, PoserChoice& choice);

/// Adds --image, --teacher and --arch. \p choice must outlive \p app.
/// \param picture     what --help says of --image
/// \param if_missing  what --help says of a command without --teacher
void add_teacher_options(CLI::App& app, PoserChoice& choice, const std::string& picture,
                         const std::string& if_missing);

/// Adds --engine. \p engine must outlive \p app.
/// \param text  what --help says before the two engines
void add_engine_option(CLI::App& app, std::optional<Engine>& engine, const std::string& text);

/// The same, of a teacher that something is measured by, or learnt from. What is named may be a character,
/// whose networks then count as they are: see with_engine_of_teacher().
void add_teacher_engine_option(CLI::App& app, std::optional<Engine>& engine);

/// \p choice with the engine of whoever is learnt from, or measured by: where none is named, a character's is
/// the reference, for what its kernels round would be in the result.
PoserChoice with_engine_of_teacher(PoserChoice choice);

/// Adds --threads, which is in force as soon as it is read.
void add_threads_option(CLI::App& app);

/// The options of a command that plays any poser.
struct PoserOptions {
  std::string character;
  PoserChoice teacher;

  /// Adds --character, --image, --fit, --teacher, --arch, --precision and --engine.
  void add_to(CLI::App& app);
};

/// Opens whom the options name, on \p device, as open_poser_and_picture(); what does not go together is said
/// of the options.
OpenedPoser open_chosen_poser(PoserChoice choice, c10::Device device);
OpenedPoser open_chosen_poser(const PoserOptions& options, c10::Device device);

/// Logs a warning for whatever is wrong with a picture that networks of a teacher shall pose, see
/// check_picture(). Does nothing where the picture is a rig's or a character's own.
/// \param file  of the picture
void warn_of_picture(const std::string& file, const OpenedPoser& teacher);

}  // namespace tha4::app
