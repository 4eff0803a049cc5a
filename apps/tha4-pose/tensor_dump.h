#pragma once

#include <cstdint>
#include <filesystem>

#include "tha4/poser/poser.h"
#include "tha4/weights/state_dict.h"

namespace tha4::app {

/// Collects all tensors of the frames of poses, as float32 on the CPU, and writes them as safetensors
/// (docs/files.md, "Tensor dumps"). Their memory is taken once, when the first frames are there.
class TensorDump {
 public:
  /// Throws InputError, with what it would take, where \p poses frames of \p region do not fit in half of the
  /// machine's memory.
  TensorDump(std::filesystem::path file, std::int64_t poses, const Region& region);

  /// \param first  index of the first of the poses that \p frames are of
  void add(std::int64_t first, const PosedFrame& frames);

  /// Writes the file.
  void finish() const;

 private:
  std::filesystem::path file_;
  std::int64_t poses_;
  StateDict tensors_;
};

}  // namespace tha4::app
