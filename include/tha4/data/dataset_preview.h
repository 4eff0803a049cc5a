#pragma once

#include <filesystem>
#include <span>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// Some triples of shards on disk, each as its rest image and its posed image side by side, of as many
/// different characters as there are. Throws InputError where one cannot be read or there is none.
RgbaImage preview_sheet(std::span<const std::filesystem::path> shards, int triples = 16);

}  // namespace tha4
