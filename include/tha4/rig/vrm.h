#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tha4/rig/rig.h"

namespace tha4 {

/// What reading a VRM file found out besides the rig.
struct VrmReport {
  std::string version;               ///< of the VRM specification: "0.x" or "1.0"
  std::string name;                  ///< of the character, as its author calls it
  std::vector<std::string> authors;  ///< may be empty
  std::string license;               ///< name or address of the licence, as the file states it; may be empty
  /// Names of the pose parameters that move nothing that can be seen, in the order of the pose table.
  std::vector<std::string> missing_parameters;
  /// For each parameter that works, what moves it, in words: "Fcl_EYE_Close_L", "head turns".
  std::map<std::string, std::string> sources;
  /// What else was left out or guessed, one sentence each.
  std::vector<std::string> notes;
  /// False for a file that write_vrm() wrote: it says itself what moves its parameters.
  bool uses_parameter_table = true;
};

struct VrmImport {
  Rig rig;
  VrmReport report;
};

/// Reads a VRM 0.x or 1.0 avatar (.vrm: binary glTF 2) and frames it for the rest image: facing the viewer,
/// the head in the 128x128 box centred at (256, 128), arms lowered from the T-pose to the sides. Only the
/// file itself is read. A file that write_vrm() wrote gives back the same rig.
///
/// \param parameters  a JSON file that changes the built-in table (data/vrm/parameters.json, which says how)
///                    of which morphs and expressions move which pose parameter; empty: nothing is changed
///
/// Throws InputError that names the file, the part and what to do when the file is damaged, cut off, not a
/// VRM, refers to other files, or lacks one of the bones hips, spine and head; or when it is larger than is
/// read: 512 MiB; in all meshes together 4 million vertices, 24 million corners of triangles and 32 million
/// offsets of morph targets; 65,536 meshes, nodes or the like in a list; textures of 8192 pixels a side, and
/// of 256 megapixels in all.
VrmImport import_vrm(const std::filesystem::path& file, const std::filesystem::path& parameters = {});

/// The rig alone.
Rig read_vrm(const std::filesystem::path& file);

/// What a VRM file says about itself besides the character.
struct VrmMeta {
  std::string author = "unknown";
  /// Anybody may use, change and pass on the character, for any purpose; else only its author, VRM's default.
  bool is_free = false;
  /// VRM 1.0's object `meta` as JSON, whose authors, licence and terms of use are written instead of the
  /// above; empty for none.
  std::string terms = {};
};

/// Who made the avatar in \p file and what is allowed with it, to be written with a copy. Those of VRM 0.x
/// come in the words of VRM 1.0; what these do not have stays under the names of VRM 0.x in
/// `otherLicenseUrl`. The avatar's thumbnail is left out. Throws as import_vrm() does.
VrmMeta read_vrm_meta(const std::filesystem::path& file);

/// Writes \p rig as VRM 1.0, atomically: 512 pixels of the rest image are a metre. The bones that VRM
/// requires are added where \p rig lacks them, its face parameters become expressions (VRM's own where there
/// is one, and one for each parameter). What VRM cannot express, such as layers and controls, is kept in the
/// file's `extras`. Throws InputError when \p rig is not sound (check_rig).
void write_vrm(const Rig& rig, const std::filesystem::path& file, const VrmMeta& meta = {});

}  // namespace tha4
