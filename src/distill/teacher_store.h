#pragma once

#include <optional>
#include <vector>

#include "frame_tiles.h"
#include "kernels/siren_pass_arguments.h"
#include <ATen/core/Tensor.h>

#include "tha4/base/context.h"
#include "tha4/distributed/batch_share.h"
#include "tha4/image/region.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// What a teacher made of many poses, on its device in 8 or 16 bits, ready for every step of a training: 9
/// bytes for each pixel at or near which something is drawn.
class TeacherStore {
 public:
  /// Asks \p teacher for the frames of \p poses [N, 45], telling \p context how far it is. Throws
  /// InterruptedError where \p context asks for a stop.
  /// \param batch  poses that the teacher is given at a time
  /// \param share  of several processes, whose teachers make them in turn: each has all of them afterwards,
  /// as
  ///               one alone would have made them
  static TeacherStore of_frames(Poser& teacher, const at::Tensor& poses, int batch, const FrameMemory& memory,
                                const Context& context, BatchShare share = {});

  /// Only the face crops of such poses.
  static TeacherStore of_faces(Poser& teacher, const at::Tensor& poses, int batch, const Context& context,
                               BatchShare share = {});

  /// Room for so many whole frames, or face crops, which take_frames() or take_faces() fill.
  static TeacherStore room_for_frames(Poser& teacher, std::int64_t count);
  static TeacherStore room_for_faces(Poser& teacher, std::int64_t count);

  /// Writes what \p teacher makes of \p poses, at most count(), over the first frames.
  /// \param batch  poses that the teacher is given at a time
  void take_frames(Poser& teacher, const at::Tensor& poses, int batch);
  void take_faces(Poser& teacher, const at::Tensor& poses, int batch);

  std::int64_t count() const { return poses_.size(0); }
  const at::Tensor& poses() const { return poses_; }  ///< float [N, 45], on the device

  at::Tensor poses_of(const std::vector<std::int64_t>& indices) const;

  /// Where the character is in any frame; outside of it, nothing is drawn.
  const Region& region() const { return region_; }

  /// How much the frames differ from the rest image, their sums in each cell (window_places.h) of the frame.
  const at::Tensor& moving() const { return moving_; }

  /// The frames of \p indices within \p window, of frames of the usual size, with what bits took away. Where
  /// nothing is drawn, flow and direct colours may be none and transparent.
  PosedFrame frames(const std::vector<std::int64_t>& indices, const Region& window) const;

  /// There 0, and 1 where flow and direct colours are the teacher's: [N, 1, H, W].
  at::Tensor kept(const std::vector<std::int64_t>& indices, const Region& window) const;

  /// Of flow, direct colours and alpha: how much memory they take.
  const FrameTiles& tiles() const { return *tiles_; }

  /// The face crops of \p indices, [N, 4, 128, 128].
  at::Tensor faces(const std::vector<std::int64_t>& indices) const;

  /// The face-pasted rest images of \p indices, [N, 4, 512, 512].
  at::Tensor images(const std::vector<std::int64_t>& indices) const;

  /// As kernels read it; valid while this lives.
  kernels::TeacherFrameStore view() const;

 private:
  TeacherStore(Poser& teacher, const at::Tensor& poses);
  at::Tensor moved_in(const PosedFrame& frame) const;
  void put_others(std::int64_t first, const PosedFrame& frame);
  at::Tensor take_poses(const at::Tensor& poses);

  at::Tensor poses_, image_, rest_image_;
  at::Tensor faces_, moving_;
  std::optional<FrameTiles> tiles_;  ///< of frames
  Region region_;
};

}  // namespace tha4
