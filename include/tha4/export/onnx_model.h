#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "tha4/nn/teacher/teacher_architecture.h"

// Characters and teachers as ONNX graphs (docs/files.md, "ONNX"), opset 17, float32. Either as one graph from
// rest image and poses to frames, or as one graph for each network, with the names and shapes of EasyVtuber's
// models, that take and give 8-bit pictures. Files are written whole or not at all.

namespace tha4 {

/// Writes the student of the character at \p path, a folder or its character_model.yaml. Throws InputError
/// where there is no character.
/// \return the size of \p file in bytes
std::uintmax_t write_onnx_character(const std::filesystem::path& path, const std::filesystem::path& file);

/// Writes each of its networks into \p folder: face_morpher.onnx and body_morpher.onnx.
/// \return the files
std::vector<std::filesystem::path> write_onnx_character_networks(const std::filesystem::path& path,
                                                                 const std::filesystem::path& folder);

/// Writes the teacher in \p teacher, which is load_teacher()'s. Throws InputError as it does, and Error where
/// the file would be larger than 2 GiB.
std::uintmax_t write_onnx_teacher(const std::filesystem::path& teacher, const std::filesystem::path& file,
                                  std::optional<Architecture> architecture = {});

/// Writes each of its networks into \p folder, in the order of use: decomposer.onnx, combiner.onnx,
/// morpher.onnx, body_morpher.onnx and upscaler.onnx. The last two of THA3 are rotator.onnx and editor.onnx;
/// the compact teacher has neither of the first two.
/// \return the files
std::vector<std::filesystem::path> write_onnx_teacher_networks(const std::filesystem::path& teacher,
                                                               const std::filesystem::path& folder,
                                                               std::optional<Architecture> architecture = {});

}  // namespace tha4
