#include "gltf_document.h"

#include <algorithm>
#include <array>
#include <utility>

#include "glb_container.h"

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/error.h"
#include "tha4/base/json_nesting.h"
#include "tha4/base/json_text.h"
#include "tha4/base/printable.h"

namespace tha4 {
namespace {

constexpr std::size_t kMaxFile = std::size_t{512} << 20;
constexpr std::size_t kMaxJson = std::size_t{96} << 20;

/// Programs write null where there is nothing; glTF and VRM have no other meaning for it. In lists, where
/// places count, it stays.
void erase_null_members(nlohmann::json& value) {
  if (value.is_object()) {
    for (auto member = value.begin(); member != value.end();) {
      if (member->is_null()) {
        member = value.erase(member);
      } else {
        erase_null_members(*member++);
      }
    }
  } else if (value.is_array()) {
    for (nlohmann::json& entry : value) erase_null_members(entry);
  }
}

nlohmann::json parse_json(std::string_view text, const std::string& name) {
  if (text.size() > kMaxJson) {
    throw InputError(name + ": its JSON is larger than " + std::to_string(kMaxJson >> 20) +
                     " MiB; export the model with fewer parts");
  }
  check_json_nesting(text, name);
  nlohmann::json parsed;
  try {
    parsed = nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception&) {
    throw InputError(name + ": its JSON is not valid" + kExportAgain);
  }
  if (!parsed.is_object()) throw InputError(name + ": its JSON is not an object" + kExportAgain);
  erase_null_members(parsed);
  return parsed;
}

void check_lists(const GltfDocument& document) {
  for (const auto& [key, value] : document.json.items()) {
    if (value.is_array() && value.size() > kMaxGltfList) {
      document.fail(key, "has " + std::to_string(value.size()) + " entries; at most " +
                             std::to_string(kMaxGltfList) + " are read: simplify the model");
    }
  }
}

bool is_data_uri(const std::string& uri) {
  return uri.starts_with("data:");
}

/// Only what the file itself holds is read.
void check_no_external_references(const GltfDocument& document) {
  for (const char* list : {"buffers", "images"}) {
    if (!document.json.contains(list)) continue;
    const ConfigReader reader(document.json, document.name);
    bool is_first_buffer = std::string_view(list) == "buffers";
    for (const ConfigReader& entry : reader.objects(list)) {
      const bool may_be_binary_chunk = std::exchange(is_first_buffer, false);
      if (!entry.has("uri")) {
        if (may_be_binary_chunk || entry.has("bufferView")) continue;
        entry.fail("uri", std::string("is missing") + kExportAgain);
      }
      const auto uri = entry.get<std::string>("uri");
      if (is_data_uri(uri)) continue;
      entry.fail("uri", "is an external reference ('" + uri.substr(0, 80) +
                            "'); other files are never read: export the model as one .vrm file");
    }
  }
}

std::string remedy_for(const std::string& extension) {
  if (extension.find("texture") != std::string::npos) return "with PNG, JPEG or WebP pictures";
  const bool is_compression = extension.find("compression") != std::string::npos;
  return is_compression ? "without compression" : "without it";
}

void check_required_extensions(const GltfDocument& document) {
  constexpr std::array kKnown = {"VRM",
                                 "VRMC_vrm",
                                 "VRMC_materials_mtoon",
                                 "VRMC_materials_hdr_emissiveMultiplier",
                                 "VRMC_springBone",
                                 "VRMC_springBone_extended_collider",
                                 "VRMC_node_constraint",
                                 "KHR_materials_unlit",
                                 "KHR_materials_emissive_strength",
                                 "KHR_mesh_quantization",
                                 "KHR_texture_transform",
                                 "EXT_texture_webp"};
  if (!document.json.contains("extensionsRequired")) return;
  for (const auto& extension : document.json["extensionsRequired"]) {
    if (!extension.is_string())
      document.fail("extensionsRequired", std::string("must hold names") + kExportAgain);
    const auto name = extension.get<std::string>();
    if (std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end()) continue;
    // Of materials, nothing but colours is drawn anyway.
    if (name.starts_with("KHR_materials_") && name != "KHR_materials_pbrSpecularGlossiness") continue;
    document.fail("extensionsRequired", "asks for " + name.substr(0, 80) +
                                            ", which is not supported; export the model " + remedy_for(name));
  }
}

/// Parts that are only there in a compressed form, though the file does not say that it needs it read.
void check_compression(const GltfDocument& document) {
  const auto fail = [&](const std::string& part, const char* compression) {
    document.fail(part, std::string("is there only compressed by ") + compression +
                            ", which is not read; export the model without compression");
  };
  const auto has_extension = [](const nlohmann::json& object, const char* name) {
    return object.is_object() && object.contains("extensions") && object["extensions"].is_object() &&
           object["extensions"].contains(name);
  };
  const auto& model = document.model;
  for (std::size_t m = 0; m < model.meshes.size(); ++m) {
    for (std::size_t p = 0; p < model.meshes[m].primitives.size(); ++p) {
      if (!has_extension(document.json["meshes"][m]["primitives"][p], "KHR_draco_mesh_compression")) continue;
      const auto& attributes = model.meshes[m].primitives[p].attributes;
      const auto position = attributes.find("POSITION");
      if (position == attributes.end() || position->second < 0 ||
          static_cast<std::size_t>(position->second) >= model.accessors.size() ||
          model.accessors[static_cast<std::size_t>(position->second)].bufferView < 0) {
        fail("meshes." + std::to_string(m) + ".primitives." + std::to_string(p),
             "Draco (KHR_draco_mesh_compression)");
      }
    }
  }
  if (!document.json.contains("bufferViews")) return;
  for (std::size_t i = 0; i < document.json["bufferViews"].size(); ++i) {
    for (const char* name : {"EXT_meshopt_compression", "KHR_meshopt_compression"}) {
      if (has_extension(document.json["bufferViews"][i], name)) {
        fail("bufferViews." + std::to_string(i), "meshoptimizer (EXT_meshopt_compression)");
      }
    }
  }
}

/// tinygltf sees only what it is used for; the pictures and VRM's extensions are read from the JSON.
void parse_model(GltfDocument& document, std::string_view binary) {
  nlohmann::json core = nlohmann::json::object();
  for (const char* key : {"asset", "buffers", "bufferViews", "accessors", "materials", "meshes", "nodes",
                          "scene", "scenes", "skins", "textures"}) {
    if (document.json.contains(key)) core[key] = document.json[key];
  }
  if (!core.contains("scenes")) core["scenes"] = nlohmann::json::array();
  const std::string bytes = join_glb(json_text(core), binary);
  tinygltf::TinyGLTF reader;
  std::string error;
  std::string warning;
  bool is_read = false;
  try {
    is_read = reader.LoadBinaryFromMemory(&document.model, &error, &warning,
                                          reinterpret_cast<const unsigned char*>(bytes.data()),
                                          static_cast<unsigned int>(bytes.size()), "", 0);
  } catch (const std::exception& problem) {
    error = problem.what();
  }
  if (is_read) return;
  throw InputError(printable(document.name + " is not valid glTF: " + error.substr(0, 200)) + kExportAgain);
}

void check_buffer_views(const GltfDocument& document) {
  const tinygltf::Model& model = document.model;
  for (std::size_t i = 0; i < model.bufferViews.size(); ++i) {
    const tinygltf::BufferView& view = model.bufferViews[i];
    const std::string part = "bufferViews." + std::to_string(i);
    if (view.buffer < 0 || static_cast<std::size_t>(view.buffer) >= model.buffers.size()) {
      document.fail(
          part, "refers to buffer " + std::to_string(view.buffer) + ", which is not there" + kExportAgain);
    }
    const std::size_t size = model.buffers[static_cast<std::size_t>(view.buffer)].data.size();
    if (view.byteOffset > size || view.byteLength > size - view.byteOffset) {
      document.fail(part, "reaches beyond its buffer of " + std::to_string(size) + " bytes" + kExportAgain);
    }
    if (view.byteStride > 252) {
      document.fail(part, "has the stride " + std::to_string(view.byteStride) +
                              ", more than the 252 allowed" + kExportAgain);
    }
  }
}

}  // namespace

void GltfDocument::fail(const std::string& part, const std::string& problem) const {
  throw InputError(printable(name + ": " + part + " " + problem));
}

GltfDocument read_gltf_document(const std::filesystem::path& file) {
  GltfDocument document;
  document.name = file.string();
  const std::string bytes = read_text_file(file, kMaxFile);
  const GlbParts parts = split_glb(bytes, document.name);
  document.json = parse_json(parts.json, document.name);
  check_lists(document);
  check_required_extensions(document);
  check_no_external_references(document);
  parse_model(document, parts.binary);
  check_compression(document);
  check_buffer_views(document);
  return document;
}

std::string_view gltf_image_bytes(const GltfDocument& document, int index, std::string& storage) {
  const std::string part = "images." + std::to_string(index);
  const auto images = document.json.find("images");
  if (images == document.json.end() || index < 0 || static_cast<std::size_t>(index) >= images->size()) {
    document.fail(part, std::string("is not there, but a texture refers to it") + kExportAgain);
  }
  const ConfigReader image((*images)[static_cast<std::size_t>(index)], document.name, part);
  if (image.has("uri")) {
    std::vector<unsigned char> bytes;
    std::string type;
    if (!tinygltf::DecodeDataURI(&bytes, type, image.get<std::string>("uri"), 0, false)) {
      image.fail("uri", "is not a picture as data URI; export the model as one .vrm file");
    }
    storage.assign(bytes.begin(), bytes.end());
    return storage;
  }
  const auto view_count = static_cast<std::int64_t>(document.model.bufferViews.size());
  const auto& view =
      document.model.bufferViews[static_cast<std::size_t>(image.integer("bufferView", 0, view_count - 1))];
  const auto& buffer = document.model.buffers[static_cast<std::size_t>(view.buffer)].data;
  return {reinterpret_cast<const char*>(buffer.data()) + view.byteOffset, view.byteLength};
}

}  // namespace tha4
