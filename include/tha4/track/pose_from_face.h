#pragma once

#include <memory>
#include <optional>

#include "tha4/pose/pose.h"
#include "tha4/track/face_points.h"
#include "tha4/track/head_angles.h"

namespace tha4 {

/// How much of each movement a character does; 1 is about what the face does, 0 nothing.
struct TrackingGains {
  float brows = 1;
  float eyes = 1;  ///< lids
  float iris = 1;  ///< where they look
  float mouth = 1;
  float head = 1;
  float body = 1;  ///< which follows the head a little
};

struct TrackingSettings {
  bool mirror = true;  ///< the character does what a mirror would show
  TrackingGains gains;
};

/// Makes poses of a face's points: what differs from the face at rest becomes parameters, filtered so that a
/// still face gives a still character (one-euro filters: the faster a parameter changes, the less it is
/// smoothed).
class PoseFromFace {
 public:
  PoseFromFace();
  ~PoseFromFace();
  PoseFromFace(PoseFromFace&&) noexcept;
  PoseFromFace& operator=(PoseFromFace&&) noexcept;

  /// The face of the last half second (the last 15 faces at most) is at rest. Nothing where there was none.
  /// Until this is called, the first half second is taken for it.
  void set_neutral();

  /// The pose after \p face, or without a face: it is held for a moment and then goes to rest.
  /// \param seconds  a clock that rises; only differences matter.
  /// \return values within their ranges; breathing is 0
  Pose update(const std::optional<FacePoints>& face, double seconds, const TrackingSettings& settings = {});

  /// How the head of the last face was turned, against the face at rest; not filtered.
  const HeadAngles& angles() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tha4
