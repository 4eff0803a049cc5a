#pragma once

#include <vector>

#include "readers.h"

namespace tha4::fuzz {

/// torch.save archives as they are, the pickles within them, safetensors with all that they may stand for,
/// and checkpoints.
std::vector<FileReader> weights_readers();

/// Pictures of all formats.
std::vector<FileReader> picture_readers();

/// VRM avatars, and the files that change what moves their parameters.
std::vector<FileReader> avatar_readers();

/// Shards, dataset.json and the settings of datasets.
std::vector<FileReader> dataset_readers();

/// Poses, descriptions of characters, the official distiller's settings, and kept empty cells.
std::vector<FileReader> text_readers();

/// The content of tests/fixtures/NAME.
std::string fixture(const std::string& name);

}  // namespace tha4::fuzz
