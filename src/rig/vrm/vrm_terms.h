#pragma once

#include "gltf_document.h"

#include "tha4/rig/vrm.h"

namespace tha4 {

/// Who made the avatar of a document and what is allowed with it, in the words of VRM 1.0.
VrmMeta vrm_meta_of(const GltfDocument& document);

}  // namespace tha4
