#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/image/rgba_image.h"
#include "tha4/report/measure.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// One term of a loss, a scalar tensor without gradient.
struct LossTerm {
  std::string name;
  torch::Tensor value;
};

/// What one step of a training did.
struct TrainingStep {
  std::int64_t examples = 0;     ///< examples that the step has seen
  std::vector<LossTerm> losses;  ///< the first one is the total, which was minimised
};

/// All that changes from step to step.
struct TrainingState {
  StateDict network;    ///< the weights, sharing the memory of the network
  StateDict optimizer;  ///< the moments of the optimisers, and whatever else there is
  /// Where the data stands, if examples come from a sequence; each process of a group has its own.
  nlohmann::json data = nullptr;
};

/// What a training can do besides learning. What is empty, it cannot.
struct TrainingParts {
  /// A picture that shows how well the network does by now.
  std::function<RgbaImage()> sample = {};

  /// What is worth a curve besides the losses, since this was last asked. All processes of a group take part.
  std::function<std::vector<Measure>()> measures = {};

  /// How well the network does on examples that it does not learn from. All processes of a group take part.
  std::function<std::vector<Measure>()> validate = {};
};

/// The family of trainings, each of one network, which learns step by step. All randomness of a step comes
/// from the seed and the number of examples seen, so that a restored one goes on as if it had never stopped.
class Training {
 public:
  virtual ~Training() = default;

  /// "face_morpher" or "body_rotator".
  virtual std::string name() const = 0;

  virtual std::int64_t total_examples() const = 0;

  /// Takes one optimisation step after \p examples_seen examples.
  virtual TrainingStep step(std::int64_t examples_seen) = 0;

  virtual TrainingState state() const = 0;

  /// Goes back to what state() returned. Throws InputError naming \p source where it is that of another
  /// network or of another sequence of data.
  virtual void restore(const TrainingState& state, const std::string& source) = 0;

  /// The weights that a finished training leaves.
  virtual StateDict exported_state() const { return state().network; }

  /// They call this training, and go with it.
  virtual TrainingParts parts() { return {}; }
};

/// Seed of the randomness of the step after \p examples_seen examples of a training seeded with \p seed.
std::uint64_t step_seed(std::uint64_t seed, std::int64_t examples_seen);

/// \p count numbers from 0 to below \p bound, drawn with repetition.
std::vector<std::int64_t> draw_indices(std::uint64_t seed, int count, std::int64_t bound);

}  // namespace tha4
