#pragma once

#include <optional>

#include "gltf_document.h"

#include "tha4/rig/rig.h"

namespace tha4 {

/// The rig that write_vrm() wrote into \p document, just as it was; nothing where the document comes from
/// elsewhere. Throws InputError where what it says of the rig does not fit the rest of the file.
std::optional<Rig> read_exported_rig(const GltfDocument& document);

}  // namespace tha4
