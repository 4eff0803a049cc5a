#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <c10/core/Device.h>

#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/engine/empty_cells.h"
#include "tha4/engine/engine.h"
#include "tha4/image/rgba_image.h"
#include "tha4/nn/teacher/teacher_architecture.h"
#include "tha4/poser/poser.h"

// The front door: from a name to whoever poses a picture.

namespace tha4 {

/// The kinds of posers that can be opened.
enum class PoserKind { rig, character, teacher };

/// One kind, as its users see it.
struct PoserKindRow {
  PoserKind kind;
  std::string_view title;     ///< "a rig"
  std::string_view given_as;  ///< the names that stand for one
  bool has_networks;          ///< whose arithmetic can be chosen
  bool poses_any_picture;     ///< by networks that know nothing of this one picture, which has to be named
};

/// All kinds, in the order in which a name is tried. What opens a kind stands in src/opening/open_poser.cpp.
inline constexpr std::array kPoserKinds = {
    PoserKindRow{PoserKind::rig, "a rig",
                 "procedural:SEED, an avatar.vrm, or rig for the .vrm file beside the picture", false, false},
    PoserKindRow{PoserKind::character, "a character", "its folder or its character_model.yaml", true, false},
    PoserKindRow{PoserKind::teacher, "a teacher", "the folder of its networks", true, true}};

/// The name that stands for the .vrm file of the picture's name beside the picture.
inline constexpr std::string_view kRigBesidePicture = "rig";

const PoserKindRow& row_of(PoserKind kind);

/// All that can be opened, as a line of a help text or of an error lists it.
std::string poser_kinds_text();

/// The kind that \p name stands for. Throws InputError that says what can be opened, if it is none.
PoserKind poser_kind(const std::string& name);

/// Who poses which picture. Only the name, or the picture, must be given.
struct PoserChoice {
  std::string name = {};             ///< see kPoserKinds; where it is empty, the project's own teacher poses
  std::filesystem::path image = {};  ///< a rig and a character have their own, which must be the same
  c10::Device device{c10::kCPU};
  std::optional<Precision> precision = {};        ///< of networks; fp32 where it is not given
  std::optional<Architecture> architecture = {};  ///< of a teacher; that of the files where it is not given
  std::optional<PoserKind> kind = {};             ///< what the name must be of; any where it is not given
  /// What computes the frames of networks. If it is not given, a character's are by the fused kernels where
  /// they can, and so are a teacher's. Whoever measures a character takes the reference, which is what all
  /// others compute.
  std::optional<Engine> engine = {};
  /// What the fused kernels leave out of a character's frames since it is empty in every pose.
  CellSkipping skipping = CellSkipping::kept;
  bool fit = false;                           ///< centre, scale and pad a picture of the wrong size
  std::optional<RgbaImage> usual_image = {};  ///< what a teacher poses where no picture is named
};

/// The members of a PoserChoice that may not go with the others.
enum class PoserOption { name, image, fit, precision, architecture, engine };

/// A member is missing, or does not go with the others.
class PoserChoiceError : public InputError {
 public:
  /// \param problem  what is said of \p option, for example "is of networks, but procedural:7 is a rig"
  PoserChoiceError(PoserOption option, const std::string& problem);

  PoserOption option() const { return option_; }
  const std::string& problem() const { return problem_; }

 private:
  PoserOption option_;
  std::string problem_;
};

/// A poser, and what was opened.
struct OpenedPoser {
  std::unique_ptr<Poser> poser;
  RgbaImage image;   ///< its rest image, as files hold it
  std::string name;  ///< as it was given; of "rig" and where none was given, what was opened
  PoserKind kind = PoserKind::teacher;
};

/// Opens whoever is to pose. Throws PoserChoiceError where the choice does not fit together, InputError where
/// the name stands for nothing, where the picture is another than a rig's or a character's, and as the
/// readers of files do.
std::unique_ptr<Poser> open_poser(const PoserChoice& choice);

/// The same, with what else is known of it then.
OpenedPoser open_poser_and_picture(const PoserChoice& choice);

}  // namespace tha4
