#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "kernels/siren_pass_arguments.h"

#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/student_kind.h"
#include "tha4/weights/state_dict.h"

// How a SIREN's numbers are laid out for the kernels that train it.

namespace tha4 {

/// One linear layer of a SIREN, as a StateDict names it ("….weight" and "….bias").
struct SirenLayer {
  std::string name;
  int outputs = 0;
};

/// The layers that are evaluated at one resolution.
struct TrainedLevel {
  int resolution = 0;  ///< pixels along a side of the frame
  int features = 0;    ///< of the level before, which the first layer takes before x, y and the pose
  std::vector<SirenLayer> sines;
  std::vector<int> sine_steps;  ///< their outputs, in steps of 16
  int result_steps = 0;  ///< of the map for the next level's first layer, or of the last layer's results

  int first_channels() const { return 16 * sine_steps.front(); }
  int result_channels() const { return 16 * result_steps; }

  /// Outputs of all layers after the first.
  int biases() const;

  /// Inputs and outputs, in steps of 16, of the layers after the first and of the results.
  std::vector<std::pair<int, int>> matrices() const;
};

/// A SIREN, level by level.
struct TrainedSiren {
  std::vector<TrainedLevel> levels{};
  SirenLayer last{};  ///< the linear layer
  int pose_size = 0;
};

/// Of a SirenBodyRotator's weights. Throws InputError.
TrainedSiren trained_body(const StateDict& network, SirenResolution resolution);

/// Of the weights of a body rotator of that kind, which is no blendshape. Throws InputError.
TrainedSiren trained_body(const StateDict& network, BodyRotatorKind kind);

/// Of a SirenFaceMorpher's weights. Throws InputError.
TrainedSiren trained_face(const StateDict& network);

/// How the layers of a level are laid out for a pass over them.
struct ChainLayout {
  int tiles = 0;                     ///< of 16 pixels that a warp has
  int warps = 0;                     ///< of a block
  int pairs = 0;                     ///< steps of 16 outputs in a chunk of weights
  int stages = 0;                    ///< chunks in shared memory; 0: all
  std::vector<int> chunk_offsets{};  ///< in bytes
  int slot_bytes = 0;
  int kept_steps = 0;
  std::vector<int> matrix_offsets{};  ///< where each matrix begins, in bytes

  std::size_t shared_bytes() const;  ///< besides biases
};

/// The fastest layout that fits into shared memory; nothing for layers too wide for a thread's registers.
/// \param matrices  inputs and outputs in steps of 16, in the order of their use
std::optional<ChainLayout> lay_out_chain(const std::vector<std::pair<int, int>>& matrices,
                                         std::size_t shared_bytes);

/// Where kernels read and write the parameters of one level.
struct LevelPlaces {
  int first_weights = 0;  ///< in the plain numbers: [2 + pose size + 1][first channels]
  int biases = 0;         ///< in the plain numbers
  int forward = 0;        ///< in the float16 weights, in numbers
  int backward = 0;       ///< in the bfloat16 weights
  std::vector<int>
      gradients{};  ///< of each matrix after the first layer's, in the list of all; [0]: the first layer's
};

/// Where each parameter is, in the order of the StateDict, one after the other.
struct ParameterPlaces {
  std::vector<LevelPlaces> levels;
  std::vector<kernels::SirenParameter> table;
  int plain = 0, forward = 0, backward = 0, gradients = 0;  ///< how many numbers there are
};

/// Inputs of a first layer's gradient: x and y as two numbers each, the pose, zeros.
int first_inputs(int pose_size);

ParameterPlaces place_parameters(const StateDict& network, const TrainedSiren& siren,
                                 const std::vector<ChainLayout>& forward,
                                 const std::vector<ChainLayout>& backward);

}  // namespace tha4
