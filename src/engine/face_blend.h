#pragma once

#include <vector>

#include "blend_map.h"

namespace tha4 {

/// A blendshape face morpher that draws one pose after the other, in tasks that several threads may share.
/// All tasks of a step must be done before those of the next.
class FaceBlend {
 public:
  explicit FaceBlend(FaceBlendProgram program);

  /// First step: the weights of a region.
  /// \param pose  [39]
  int weight_tasks() const { return static_cast<int>(program_.regions.size()); }
  void find_weights(int task, const float* pose);
  /// Second step: a part of a region's sum.
  int sum_tasks() const { return static_cast<int>(parts_.size()); }
  void sum(int task);
  /// Third step: a channel.
  /// \param face  [4, 128, 128]
  int channel_tasks() const;
  void write_channel(int task, float* face) const;

 private:
  /// Of a region: what its weights are worked out in, and its sum.
  struct Values {
    std::vector<float> hidden;
    std::vector<float> weights;
    std::vector<WeightedPair> pairs;
    float step = 0;
    std::vector<float> sums;
  };
  struct Part {
    std::size_t region;
    int first_chunk;
    int chunks;
  };

  FaceBlendProgram program_;
  std::vector<Values> values_;
  std::vector<Part> parts_;
};

}  // namespace tha4
