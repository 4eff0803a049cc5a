#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tha4/base/context.h"
#include "tha4/distill/distill_config.h"
#include "tha4/distributed/process_group.h"
#include "tha4/evaluation/held_out.h"
#include "tha4/opening/open_poser.h"
#include "tha4/poser/character.h"
#include "tha4/train/run_folder.h"

namespace tha4 {

/// When a distillation looks at itself while it runs, in seconds. Each look takes some of the time: there are
/// fewer where they are slow.
struct DistillPace {
  double probe_seconds = 5;   ///< after which it measures how long everything will take
  double first_seconds = 20;  ///< until the first pictures, and PSNR
  double pause_seconds = 10;  ///< between two, at least
};

/// One distillation: with which settings, to where. The picture is its teacher's.
struct DistillJob {
  std::optional<at::Tensor> mask;  ///< face mask, float [1, 128, 128], of no effect on blendshape faces;
                                   ///< derived from the teacher where absent
  DistillConfig config;
  /// Whether preview.png, what the teacher makes of the picture, is drawn before all else; with the box for
  /// the head where the teacher poses any picture.
  bool preview_sheet = false;
  std::filesystem::path out;  ///< becomes both the run folder and the character folder
  RunStart start = RunStart::fresh;
  /// Whose weights the student's SIRENs begin with, see first_weights_of(); a run that is resumed keeps them.
  std::optional<Character> first = {};
  std::string first_name = {};  ///< of it, for messages
  /// That the whole run shall take, what earlier processes took included: the amounts of the settings are
  /// fitted to that, and kept in schedule.json. 0: they stay as they are.
  double minutes = 0;
  DistillPace pace = {};
};

struct DistillResult {
  Character character;
  HeldOutScore score;
  double seconds = 0;  ///< of all processes that worked at the run
};

/// Distils a teacher into a character folder (paper section 5.2): at first, where it is wanted, preview.png,
/// which shows what the teacher makes of the picture, then face mask, face morpher, body rotator, at last
/// report.json, report.html and, where it is wanted, preview.mp4. While it runs, report.html says how far it
/// is. Where \p context asks for a stop, it leaves what can be played by then, a report that says so, and
/// what it is resumed from, and throws InterruptedError. Throws Error when a loss is no longer finite, and
/// InputError, before anything is written, when the minutes are too few.
DistillResult distill(const OpenedPoser& teacher, const DistillJob& job, const Context& context = {});

/// Likewise by the processes of \p group together, each of which calls it with the same job and a teacher of
/// its own, on a device of its own, and sees the same folder. They share each step's windows or crops and the
/// making of the teacher's frames; the student is that of one process, up to rounding. The first process
/// alone writes, measures and scores; others leave when the networks are trained, with a result that is
/// empty. Throws InputError also where the processes cannot share the settings: blendshapes, and batches that
/// they do not divide.
DistillResult distill(const OpenedPoser& teacher, const DistillJob& job, ProcessGroup& group,
                      const Context& context = {});

}  // namespace tha4
