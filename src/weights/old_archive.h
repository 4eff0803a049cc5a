#pragma once

#include "tha4/base/input_file.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

// The format of torch.save before PyTorch 1.6, in which torchvision still publishes VGG16: five pickles one
// after the other (a magic number, the version, the machine, the tensors, the keys of their storages), then
// each storage as its number of elements and its bytes.

/// Whether \p file begins with the magic number.
bool looks_like_old_archive(const InputFile& file);

/// The tensors of such a file; the same rules and errors as of read_torch_archive().
StateDict read_old_archive(const InputFile& file);

}  // namespace tha4
