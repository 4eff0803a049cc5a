#pragma once

#include <filesystem>
#include <span>

#include "tha4/pose/pose_spec.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// What to draw and how.
struct PoseJob {
  PoseSequence sequence;
  FrameWindow window;
  int batch = 1;
};

/// Writes the pictures to \p out, whose name says in which form: a folder (no extension), a clip (.mp4), or
/// an image, which holds the one frame, or a sheet of them all.
void write_pictures(Poser& poser, const PoseJob& job, const std::filesystem::path& out);

/// Writes all tensors of the frames as safetensors (design, section 4).
void write_tensors(Poser& poser, const PoseJob& job, const std::filesystem::path& file);

/// Throws InputError if \p out is of no form that write_pictures() knows.
void check_output(const std::filesystem::path& out);

}  // namespace tha4
