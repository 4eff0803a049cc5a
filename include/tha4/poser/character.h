#pragma once

#include <filesystem>
#include <memory>

#include "tha4/image/rgba_image.h"
#include "tha4/nn/student/student_kind.h"

namespace tha4 {

/// A distilled character: its rest image and its student's two networks.
struct Character {
  RgbaImage image;  ///< 512x512
  FaceMorpherKind face_morpher_kind = FaceMorpherKind::siren;
  BodyRotatorKind body_rotator_kind = BodyRotatorKind::siren;
  std::shared_ptr<StudentFaceMorpher> face_morpher;
  std::shared_ptr<StudentBodyRotator> body_rotator;

  /// Whether the official apps can open it: they know the paper's networks only.
  bool is_official() const {
    return face_morpher_kind == FaceMorpherKind::siren && body_rotator_kind == BodyRotatorKind::siren;
  }
};

/// The file formats that weights of a character can be kept in.
enum class WeightsFormat {
  pt,
  safetensors,
  packed  ///< safetensors, those of blendshape networks rounded and compressed (weights/packed_weights.h)
};

/// What a new character is kept in: packed where a network is a blendshape, else pt, which the official apps
/// open.
WeightsFormat usual_format(const Character& character);

/// Reads a character folder (docs/files.md, "Character folder"), or one by its character_model.yaml. Throws
/// InputError that names the file and what is wrong with it.
Character load_character(const std::filesystem::path& path);

/// The file of the picture of the character at \p path, whatever its character_model.yaml calls it. Throws
/// InputError as load_character() does.
std::filesystem::path character_image_file(const std::filesystem::path& path);

/// Writes a character folder in the official layout: character.png, the two weights files, and at last
/// character_model.yaml, so that a folder that has one is whole. Kinds other than the paper's are named in
/// it; the bases of blendshape kinds are kept as float16, or packed.
void save_character(const Character& character, const std::filesystem::path& folder,
                    WeightsFormat format = WeightsFormat::pt);

/// Copies the character at \p path to \p folder with its weights in \p format, bit for bit and type for type,
/// but for those of blendshape networks that are packed there or here: these are written as save_character()
/// does, and copied where both are. The character is opened first, so that nothing is written when it is not
/// whole. Throws InputError if \p folder is where it is already.
void convert_character(const std::filesystem::path& path, const std::filesystem::path& folder,
                       WeightsFormat format);

/// Whether \p path is a character folder or a character_model.yaml, by what is there.
bool is_character(const std::filesystem::path& path);

}  // namespace tha4
