#pragma once

#include <filesystem>
#include <string>

#include "tiny_gltf_memory.h"
#include <nlohmann/json.hpp>

namespace tha4 {

/// Most that is read of one file: nodes, meshes and the like in a list; vertices and corners of triangles in
/// all; offsets of morph targets in all.
inline constexpr std::size_t kMaxGltfList = 65'536;
inline constexpr std::size_t kMaxVertexCount = 4'000'000;
inline constexpr std::size_t kMaxCornerCount = 24'000'000;
inline constexpr std::size_t kMaxMorphEntryCount = 32'000'000;

/// The end of messages about files that contradict themselves.
inline constexpr const char* kExportAgain = "; the file is damaged: export it again";

/// A binary glTF file in memory. Indices and sizes within `model` are not to be believed: read accessors by
/// gltf_accessors.h, and nodes by gltf_scene.h.
struct GltfDocument {
  std::string name;       ///< the file, for messages
  nlohmann::json json;    ///< all of it
  tinygltf::Model model;  ///< without images, extensions and extras of the file: those are in `json`

  /// Throws InputError: "<name>: <part> <problem>".
  [[noreturn]] void fail(const std::string& part, const std::string& problem) const;
};

/// Reads \p file and nothing else. Throws InputError when it is not binary glTF 2, damaged, too large,
/// requires an extension of glTF that is not known here, or refers to other files.
GltfDocument read_gltf_document(const std::filesystem::path& file);

/// The bytes of image \p index of the document, as a file of their own would hold them. They live as long as
/// the document or \p storage, into which data URIs are decoded.
std::string_view gltf_image_bytes(const GltfDocument& document, int index, std::string& storage);

}  // namespace tha4
