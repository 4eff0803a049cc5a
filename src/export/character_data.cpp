#include "character_data.h"

#include <string_view>

#include "base64.h"
#include "compact_text.h"
#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/engine/empty_cells.h"
#include "tha4/engine/tile_workers.h"
#include "tha4/image/image_io.h"
#include "tha4/poser/character.h"
#include "tha4/poser/student_packing.h"
#include "tha4/weights/packed_weights.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = 64 << 20;

/// A folder of this export's own, which is removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "tha4_export_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      throw Error("cannot make a folder in " + fs::temp_directory_path().string());
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Integers to either side of a SIREN's weights. docs/web.md says what fewer would cost.
constexpr double kSirenLevels = 32767;

/// All matrices of a SIREN, with a step for each output.
Packings siren_packings(const StateDict& state) {
  Packings packings;
  for (const auto& item : state) {
    if (!item.key().ends_with("weight")) continue;
    const at::Tensor largest = item.value().detach().flatten(1).abs().amax(1);
    packings[item.key()] = {.steps = largest.clamp_min(1e-30) / kSirenLevels};
  }
  return packings;
}

/// The weights in \p file, packed, as text.
std::string packed_weights(const fs::path& file, bool is_blendshape) {
  if (!is_blendshape) {
    const StateDict state = read_weights(file);
    write_packed_weights(file, state, siren_packings(state));
  }
  return compact_text_of(read_text_file(file, kLargestFile));
}

/// \p cells as 64 rows of 64 letters, and whether there are any.
nlohmann::json letters_of(const EmptyCells& cells) {
  nlohmann::json rows = nlohmann::json::array();
  for (int row = 0; row < EmptyCells::kAcross; ++row) {
    std::string letters;
    for (int column = 0; column < EmptyCells::kAcross; ++column) {
      letters.push_back(cells.is_empty(column, row) ? '.' : '#');
    }
    rows.push_back(std::move(letters));
  }
  return rows;
}

std::string name_of(const fs::path& path) {
  const fs::path whole = fs::weakly_canonical(path);
  return (whole.extension() == ".yaml" ? whole.parent_path() : whole).filename().string();
}

}  // namespace

CharacterData character_data(const fs::path& path, const Context& context) {
  const Character character = load_character(path);
  if (character.body_rotator_kind == BodyRotatorKind::siren_single_resolution ||
      character.body_rotator_kind == BodyRotatorKind::vanilla_siren) {
    throw InputError("the page plays the body rotators siren and blendshape, and " + path.string() +
                     " has a " + to_string(character.body_rotator_kind));
  }
  const ScratchFolder scratch;
  const fs::path folder = scratch.path() / "character";
  convert_character(path, folder, WeightsFormat::packed);

  CharacterData result;
  nlohmann::json data;
  data["name"] = name_of(path);
  // Written anew, so that the page needs to read one kind of PNG only.
  const fs::path picture = scratch.path() / "picture.png";
  write_image(picture, character.image);
  data["picture"] = base64_of(read_text_file(picture, kLargestFile));
  data["face"]["kind"] = to_string(character.face_morpher_kind);
  result.face = packed_weights(folder / "face_morpher.safetensors",
                               character.face_morpher_kind == FaceMorpherKind::blendshape);
  data["body"]["kind"] = to_string(character.body_rotator_kind);
  result.body = packed_weights(folder / "body_morpher.safetensors",
                               character.body_rotator_kind == BodyRotatorKind::blendshape);
  if (can_skip_cells(character)) {
    TileWorkers workers(usual_threads());
    data["empty"] = letters_of(empty_cells_of(path, character, workers, context));
  }
  std::string& text = result.description =
      data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  for (std::size_t place = text.find('<'); place != std::string::npos; place = text.find('<', place)) {
    text.replace(place, 1, "\\u003c");
  }
  return result;
}

}  // namespace tha4
