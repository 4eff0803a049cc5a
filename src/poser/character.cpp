#include "tha4/poser/character.h"

#include <algorithm>

#include <spdlog/spdlog.h>
#include <torch/types.h>
#include <yaml-cpp/yaml.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/foreign_file.h"
#include "tha4/base/portable_path.h"
#include "tha4/base/printable.h"
#include "tha4/image/image_io.h"
#include "tha4/image/region.h"
#include "tha4/poser/student_packing.h"
#include "tha4/weights/packed_weights.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelFileName = "character_model.yaml";

/// What a character_model.yaml says.
struct CharacterModelFile {
  fs::path image;
  fs::path face_morpher;
  fs::path body_rotator;
  FaceMorpherKind face_morpher_kind = FaceMorpherKind::siren;
  BodyRotatorKind body_rotator_kind = BodyRotatorKind::siren;
};

fs::path model_file_of(const fs::path& path) {
  return fs::is_directory(path) ? path / kModelFileName : path;
}

/// The characters in the folders of \p folder, for whoever named one folder too few.
std::string characters_below(const fs::path& folder) {
  std::string names;
  std::error_code ignored;
  for (fs::directory_iterator item(folder, ignored), end; !ignored && item != end; item.increment(ignored)) {
    if (!fs::exists(item->path() / kModelFileName, ignored)) continue;
    if (!names.empty()) return "; there are characters in its folders, " + names + " for one";
    names = item->path().string();
  }
  return names.empty() ? "" : "; did you mean " + names + "?";
}

/// The text of a character_model.yaml. Throws InputError for files of other kinds.
std::string text_of_model(const fs::path& file) {
  constexpr std::size_t kLargestText = 1 << 20;
  const std::string text = read_text_file(file);
  const bool is_text = text.size() <= kLargestText && std::none_of(text.begin(), text.end(), [](char c) {
                         return (c >= 0 && c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 127;
                       });
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!is_text && file.filename() != kModelFileName && fs::exists(folder / kModelFileName)) {
    throw InputError(file.string() + " is a part of a character; name its folder, " + folder.string());
  }
  refuse_foreign_file(text, file.string());
  if (!is_text) throw InputError(file.string() + " does not list a character's files");
  return text;
}

/// What the character_model.yaml of the character at \p path says.
CharacterModelFile read_model(const fs::path& path) {
  const fs::path file = model_file_of(path);
  if (!fs::exists(file)) {
    throw InputError(path.string() + " is no character: there is no " + file.string() +
                     "; expected the folder of a distilled character, this project's or an official one" +
                     characters_below(path));
  }
  const std::string text = text_of_model(file);
  try {
    const YAML::Node model = YAML::Load(text);
    if (!model.IsMap()) throw InputError(file.string() + " does not list a character's files");
    const auto path_of = [&](const char* key) {
      if (!model[key]) throw InputError(file.string() + ": the key " + key + " is missing");
      const auto name = model[key].as<std::string>();
      if (printable(name) != name) {
        throw InputError(file.string() + ": " + key + " is a name with control characters; rename the file");
      }
      return portable_path(file.parent_path(), name);
    };
    CharacterModelFile result;
    result.image = path_of("character_image_file_name");
    result.face_morpher = path_of("face_morpher_file_name");
    result.body_rotator = path_of("body_morpher_file_name");
    const auto read_kind = [&](const char* key, auto parse, auto& kind) {
      if (!model[key]) return;
      try {
        kind = parse(model[key].as<std::string>());
      } catch (const InputError& error) {
        throw InputError(file.string() + ": " + key + " is wrong: " + printable(error.what()));
      }
    };
    read_kind("face_morpher_kind", parse_face_morpher_kind, result.face_morpher_kind);
    read_kind("body_morpher_kind", parse_body_rotator_kind, result.body_rotator_kind);
    return result;
  } catch (const YAML::Exception& error) {
    throw InputError(file.string() + ", line " + std::to_string(error.mark.line + 1) + ": " +
                     printable(error.msg));
  }
}

/// The files of a character folder in the official layout.
CharacterModelFile model_in(const fs::path& folder, WeightsFormat format, FaceMorpherKind face,
                            BodyRotatorKind body) {
  const std::string extension = format == WeightsFormat::pt ? ".pt" : ".safetensors";
  return {folder / "character.png", folder / ("face_morpher" + extension),
          folder / ("body_morpher" + extension), face, body};
}

void write_model_file(const fs::path& file, const CharacterModelFile& model) {
  std::string text = "character_image_file_name: " + model.image.filename().string() + "\n";
  text += "face_morpher_file_name: " + model.face_morpher.filename().string() + "\n";
  text += "body_morpher_file_name: " + model.body_rotator.filename().string() + "\n";
  if (model.face_morpher_kind != FaceMorpherKind::siren) {
    text += "face_morpher_kind: " + to_string(model.face_morpher_kind) + "\n";
  }
  if (model.body_rotator_kind != BodyRotatorKind::siren) {
    text += "body_morpher_kind: " + to_string(model.body_rotator_kind) + "\n";
  }
  write_text_file(file, text);
}

/// What a file holds of a network: bases of blendshape kinds, nearly all of such a network, as float16. Their
/// rounding, a two-thousandth of each value, cannot be seen.
StateDict stored_state(const torch::nn::Module& network) {
  StateDict stored;
  for (const auto& item : state_dict_of(network)) {
    const bool is_basis = item.key().ends_with("basis");
    stored.insert(item.key(), is_basis ? item.value().to(torch::kHalf) : item.value());
  }
  return stored;
}

/// \p state with its indices in 16 bits, which those of face crops and tiles fit.
StateDict with_short_indices(const StateDict& state) {
  StateDict result;
  for (const auto& item : state) {
    const bool is_index = item.value().scalar_type() == torch::kLong;
    result.insert(item.key(), is_index ? item.value().to(torch::kShort) : item.value());
  }
  return result;
}

/// A network of a character, as it is written to \p file.
/// \param Kind  of its family
template <class Network, class Kind>
void write_network(Network& network, Kind kind, const fs::path& file, WeightsFormat format) {
  if (format == WeightsFormat::packed && kind == Kind::blendshape) {
    write_packed_weights(file, with_short_indices(state_dict_of(network)), packings_of(network));
  } else {
    write_weights(file, stored_state(network));
  }
}

/// Writes what \p from holds to \p to.
/// \param network  of it
template <class Network, class Kind>
void convert_network(Network& network, Kind kind, const fs::path& from, const fs::path& to,
                     WeightsFormat format) {
  const bool is_packed = kind == Kind::blendshape && is_packed_weights(from);
  if (is_packed && format == WeightsFormat::packed) {
    write_file_atomically(to, [&](const fs::path& temporary) {
      fs::copy_file(from, temporary, fs::copy_options::overwrite_existing);
    });
  } else if (is_packed || (kind == Kind::blendshape && format == WeightsFormat::packed)) {
    write_network(network, kind, to, format);
  } else {
    write_weights(to, read_weights(from));
  }
}

bool is_opaque(const RgbaImage& image) {
  for (std::size_t i = 3; i < image.pixels.size(); i += 4) {
    if (image.pixels[i] != 255) return false;
  }
  return true;
}

/// The weights in \p file, with a warning where they are zeros alone: a file that was made and never filled.
StateDict read_some_weights(const fs::path& file) {
  constexpr float kSmallest = 1e-20F;
  StateDict state = read_weights(file);
  const bool is_empty = std::all_of(state.begin(), state.end(), [&](const auto& item) {
    const at::Tensor& tensor = item.value();
    return !at::isFloatingType(tensor.scalar_type()) || tensor.numel() == 0 ||
           tensor.to(at::kFloat).abs().max().template item<float>() < kSmallest;
  });
  if (is_empty) {
    spdlog::warn("{}: all weights are zero, so that nothing moves; copy the file again, or train anew",
                 file.string());
  }
  return state;
}

}  // namespace

WeightsFormat usual_format(const Character& character) {
  const bool has_blendshape = character.face_morpher_kind == FaceMorpherKind::blendshape ||
                              character.body_rotator_kind == BodyRotatorKind::blendshape;
  return has_blendshape ? WeightsFormat::packed : WeightsFormat::pt;
}

Character load_character(const fs::path& path) {
  const CharacterModelFile model = read_model(path);
  Character character;
  character.image = read_image(model.image);
  if (character.image.width != kImageSize || character.image.height != kImageSize) {
    throw InputError(model.image.string() + " is " + std::to_string(character.image.width) + "x" +
                     std::to_string(character.image.height) + "; a character's image is 512x512");
  }
  if (is_opaque(character.image)) {
    spdlog::warn(
        "{} is opaque all over, so that its background moves with the character; put the picture with a "
        "transparent background there that the character was made of",
        model.image.string());
  }
  character.face_morpher_kind = model.face_morpher_kind;
  character.body_rotator_kind = model.body_rotator_kind;
  character.face_morpher = make_face_morpher(model.face_morpher_kind, read_some_weights(model.face_morpher),
                                             model.face_morpher.string());
  character.body_rotator = make_body_rotator(model.body_rotator_kind, read_some_weights(model.body_rotator),
                                             model.body_rotator.string());
  return character;
}

fs::path character_image_file(const fs::path& path) {
  return read_model(path).image;
}

void save_character(const Character& character, const fs::path& folder, WeightsFormat format) {
  const CharacterModelFile model =
      model_in(folder, format, character.face_morpher_kind, character.body_rotator_kind);
  write_image(model.image, character.image);
  write_network(*character.face_morpher, character.face_morpher_kind, model.face_morpher, format);
  write_network(*character.body_rotator, character.body_rotator_kind, model.body_rotator, format);
  write_model_file(folder / kModelFileName, model);
}

void convert_character(const fs::path& path, const fs::path& folder, WeightsFormat format) {
  const Character character = load_character(path);
  const CharacterModelFile from = read_model(path);
  if (fs::weakly_canonical(folder) == fs::weakly_canonical(model_file_of(path)).parent_path()) {
    throw InputError(folder.string() + " is the character's own folder", Remedy::other_output);
  }
  const CharacterModelFile to = model_in(folder, format, from.face_morpher_kind, from.body_rotator_kind);
  write_file_atomically(to.image, [&](const fs::path& temporary) {
    fs::copy_file(from.image, temporary, fs::copy_options::overwrite_existing);
  });
  convert_network(*character.face_morpher, from.face_morpher_kind, from.face_morpher, to.face_morpher,
                  format);
  convert_network(*character.body_rotator, from.body_rotator_kind, from.body_rotator, to.body_rotator,
                  format);
  write_model_file(folder / kModelFileName, to);
}

bool is_character(const fs::path& path) {
  return path.extension() == ".yaml" || fs::exists(path / kModelFileName);
}

}  // namespace tha4
