#pragma once

#include <filesystem>

#include "tha4/base/context.h"
#include "tha4/distill/distill_config.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// \p count poses of \p source, float32 [count, 45]. \p seed takes the place of the source's own.
at::Tensor draw_poses(const PoseSource& source, int count, std::uint64_t seed);

/// The face crops that a teacher makes of many poses.
struct TeacherCrops {
  at::Tensor poses;  ///< float32 [N, 45]
  at::Tensor faces;  ///< float32 [N, 4, 128, 128], on the CPU
};

/// Widths and heights of the maps that frames are kept as, in cells.
struct FrameMapSizes {
  int flow;
  int appearance;
};

/// What a blendshape body rotator learns of a teacher's frames. On the CPU. Where the character never comes,
/// flow and appearance may be 0.
struct TeacherFrames {
  at::Tensor poses;       ///< float32 [N, 45]
  at::Tensor faces;       ///< float16 [N, 4, 128, 128]
  at::Tensor blended;     ///< float16 [N, 4, 512, 512]
  at::Tensor flow;        ///< float32 [N, 2, S, S], averaged over the frame's pixels in each cell
  at::Tensor appearance;  ///< float16 [N, 5, S, S], likewise: alpha, and blended - (1 - alpha) * warped
};

/// How frames are collected.
struct TeacherCollection {
  int batch = 1;                       ///< poses that the teacher is given at a time
  std::filesystem::path cache_folder;  ///< what is done is kept here, so that an interrupted run need not
                                       ///< make it again
  double checkpoint_seconds = 60;      ///< time after which what was made since is written there
};

/// Asks \p teacher for all the crops or frames of \p poses, telling \p context how far it is. What the cache
/// folder holds of the same poses is not asked for again, and the result is the same to the last bit. Throws
/// InterruptedError where \p context asks for a stop; all that is done by then is in the cache folder.
TeacherCrops collect_teacher_crops(Poser& teacher, const at::Tensor& poses,
                                   const TeacherCollection& collection, const Context& context = {});
TeacherFrames collect_teacher_frames(Poser& teacher, const at::Tensor& poses, const FrameMapSizes& sizes,
                                     const TeacherCollection& collection, const Context& context = {});

}  // namespace tha4
