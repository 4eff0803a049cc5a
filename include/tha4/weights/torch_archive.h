#pragma once

#include <filesystem>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// Reads the tensors of a file that torch.save wrote (the zip format of PyTorch 1.6 and newer, or the stream
/// of pickles of 0.1.10 and newer, in which torchvision still publishes VGG16), onto the CPU. The file must
/// hold a dict or OrderedDict from names to tensors or parameters, or one that has such a dict under
/// 'state_dict'. Nothing in the file is run: every class or function but those that describe tensors is
/// refused by name. Strided views become contiguous; contiguous views of one storage share its memory, as
/// with torch.load. Each storage is read once, straight to its place. Throws InputError.
StateDict read_torch_archive(const std::filesystem::path& file);

/// Writes \p state as torch.save would, an OrderedDict of tensors, for torch.load(weights_only=True) and the
/// official apps. Tensors are written one after the other, without a copy of them all; every tensor becomes a
/// storage of its own. Same tensors, same bytes. Throws Error when a tensor cannot be written (sparse,
/// quantised, complex) or the disk is full; \p file is then as it was.
void write_torch_archive(const std::filesystem::path& file, const StateDict& state);

}  // namespace tha4
