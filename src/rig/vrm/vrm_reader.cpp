#include <algorithm>

#include "exported_rig.h"
#include "gaze.h"
#include "gltf_document.h"
#include "gltf_scene.h"
#include "node_constraints.h"
#include "parameter_table.h"
#include "vrm_expressions.h"
#include "vrm_extension.h"
#include "vrm_humanoid.h"
#include "vrm_materials.h"
#include "vrm_meshes.h"
#include "vrm_terms.h"

#include "tha4/rig/vrm.h"

namespace tha4 {
namespace {

constexpr float kFrameHeight = 512;

void add_meta(const VrmDescription& vrm, const std::filesystem::path& file, VrmReport& report) {
  report.version = vrm.is_version_0 ? "0.x" : "1.0";
  report.name = vrm.title.empty() ? file.stem().string() : vrm.title;
  report.authors = vrm.authors;
  report.license = vrm.license;
}

void add_notes(const VrmDescription& vrm, VrmReport& report) {
  report.notes = vrm.notes;
  std::string missing;
  for (const std::string& bone : required_vrm_bones()) {
    if (!vrm.bones.contains(bone)) missing += (missing.empty() ? "" : ", ") + bone;
  }
  if (!missing.empty()) report.notes.push_back("Bones that VRM requires are missing: " + missing + ".");
  if (vrm.has_spring_bones) report.notes.push_back("Hair and clothes that swing by springs stay still.");
}

/// From metres to the pixels of the rest image.
void apply_framing(const Framing& framing, Rig& rig) {
  for (Bone& bone : rig.bones) bone.joint = framing.point(bone.joint);
  for (Mesh& mesh : rig.meshes) {
    for (glm::vec3& position : mesh.positions) position = framing.point(position);
    for (glm::vec3& normal : mesh.normals) normal = framing.direction(normal);
    for (Morph& morph : mesh.morphs) {
      for (glm::vec3& offset : morph.offsets) offset = framing.scale * framing.direction(offset);
    }
  }
}

Rig make_rig(const GltfDocument& document, const VrmDescription& vrm, const ParameterTable& table,
             VrmReport& report) {
  const GltfScene rest = read_scene(document);
  GltfScene scene = rest;
  lower_arms(scene, vrm);
  follow_constraints(document, rest, scene, report.notes);
  RigSkeleton skeleton = make_skeleton(scene, vrm);
  auto target_names = morph_target_names(document);
  part_names_by_expressions(vrm, target_names);
  VrmMaterials materials(document, vrm.is_version_0);

  Rig rig;
  rig.name = report.name;
  rig.meshes = read_vrm_meshes(document, scene, skeleton, vrm, target_names, materials, report.notes);
  const Framing framing = frame_head(rig.meshes, skeleton, vrm.is_version_0);
  rig.bones = std::move(skeleton.bones);
  apply_framing(framing, rig);
  for (VrmMaterial& entry : materials.materials()) {
    entry.material.outline_width *= entry.outline_is_in_metres ? framing.scale : kFrameHeight;
    rig.materials.push_back(std::move(entry.material));
  }
  rig.textures = materials.take_textures();
  report.notes.insert(report.notes.end(), materials.notes().begin(), materials.notes().end());
  add_bone_controls(rig);
  add_gaze_turns(table, vrm, rig, report);
  add_morph_controls(table, vrm, target_names, rig, report);
  limit_gaze_morphs(table, rig);
  return rig;
}

}  // namespace

VrmImport import_vrm(const std::filesystem::path& file, const std::filesystem::path& parameters) {
  const ParameterTable table = read_parameter_table(parameters);
  const GltfDocument document = read_gltf_document(file);
  const VrmDescription vrm = read_vrm_extension(document);
  VrmImport result;
  add_meta(vrm, file, result.report);
  if (auto exported = read_exported_rig(document)) {
    result.rig = std::move(*exported);
    result.report.uses_parameter_table = false;
  } else {
    add_notes(vrm, result.report);
    result.rig = make_rig(document, vrm, table, result.report);
    check_rig(result.rig, file.string());
  }
  report_missing_parameters(result.rig, result.report);
  return result;
}

VrmMeta read_vrm_meta(const std::filesystem::path& file) {
  return vrm_meta_of(read_gltf_document(file));
}

Rig read_vrm(const std::filesystem::path& file) {
  return import_vrm(file).rig;
}

}  // namespace tha4
