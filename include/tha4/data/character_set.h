#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/data/motion.h"
#include "tha4/image/rgba_image.h"
#include "tha4/pose/pose.h"
#include "tha4/rig/rig.h"

namespace tha4 {

/// A picture, and how its surfaces have moved.
struct MovedPicture {
  RgbaImage picture;
  PictureMotion motion;
};

/// Draws the characters of a set. Not for two threads at once: each thread makes its own, and uses and
/// destroys it itself.
class CharacterRenderer {
 public:
  virtual ~CharacterRenderer() = default;

  /// The rest image of the character \p index: 512x512, straight alpha, sRGB. The next calls are fastest for
  /// the same character. Throws InputError if this character cannot be used (a damaged file), Error if no
  /// character can be drawn (no driver).
  virtual RgbaImage rest(std::uint64_t index) = 0;

  /// The character \p index in \p poses, one picture each, each with what only its rest image shows where
  /// that is to be \p shown; the same errors.
  virtual std::vector<RgbaImage> posed(std::uint64_t index, std::span<const Pose> poses,
                                       PictureMorphs shown = PictureMorphs::gone) = 0;

  /// What of \p pose the character \p index can show: 0 for parameters that move nothing of it, so that the
  /// picture is the same. The same errors.
  virtual Pose within_reach(std::uint64_t index, const Pose& pose);

  /// The same, each with its motion from the picture of the same expression with the body at rest
  /// (PoseStep::body). Also throws Error where the characters do not know it, as those that are no rigs.
  virtual std::vector<MovedPicture> moved(std::uint64_t index, std::span<const Pose> poses);
};

/// Characters that can be drawn, by number. Its members may be called from several threads at once.
class CharacterSet {
 public:
  virtual ~CharacterSet() = default;

  virtual std::uint64_t size() const = 0;

  /// Id of the character \p index < size(): letters, digits, '-' and '_' alone, at most 80 of them, different
  /// for each character, and the same in every process.
  virtual std::string id(std::uint64_t index) const = 0;

  /// What tells this set from others, for the settings of a dataset.
  virtual nlohmann::json description() const = 0;

  /// \param cuda_device  the GPU that draws, as RigRenderer's, where the characters are rigs
  virtual std::unique_ptr<CharacterRenderer> make_renderer(int cuda_device) const = 0;
};

/// The characters that \p text names:
/// - procedural:N[:SEED]: N characters of the generator, of the seeds from SEED on (0 if it is not given);
/// - a folder: the .vrm files in it, in the order of their names.
///
/// Throws InputError that says what is possible, and where the folder has no .vrm file.
std::unique_ptr<CharacterSet> open_character_set(const std::string& text);

/// The parts of the characters: those that are learnt from, and those that are kept for tests.
enum class Split { train, test };

/// "train" or "test"; parse_split() throws InputError for other texts.
std::string_view split_name(Split split);
Split parse_split(std::string_view text);

/// The split that a character belongs to, with all of its images: a matter of its id alone, so that every
/// process agrees, and that a character stays where it is when others come and go.
/// \param test_fraction  the expected fraction of the characters that are tested on, in [0, 1]
Split split_of(std::string_view character, double test_fraction);

}  // namespace tha4
