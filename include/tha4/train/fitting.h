#pragma once

#include <cstdint>
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

/// What one step of a fitting did.
struct FittingStep {
  std::int64_t examples = 0;     ///< examples that the step has seen
  std::vector<LossTerm> losses;  ///< the first one is the total, which was minimised
};

/// The family of fittings: one network that learns step by step. All randomness of a step comes from the seed
/// and the number of examples seen, so that a restored fitting goes on exactly as if it had never stopped.
class Fitting {
 public:
  virtual ~Fitting() = default;

  /// "face_morpher" or "body_rotator".
  virtual std::string name() const = 0;

  virtual std::int64_t total_examples() const = 0;

  /// Takes one optimisation step after \p examples_seen examples.
  virtual FittingStep step(std::int64_t examples_seen) = 0;

  /// The weights of the network, sharing its memory.
  virtual StateDict network_state() const = 0;

  /// The weights that a finished fitting leaves.
  virtual StateDict exported_state() const { return network_state(); }

  /// All else that changes from step to step: the moments of the optimisers.
  virtual StateDict optimizer_state() const = 0;

  /// Goes back to what the two functions above returned. Throws InputError naming \p source.
  virtual void restore(const StateDict& network, const StateDict& optimizer, const std::string& source) = 0;

  /// A picture that shows how well the network does by now.
  virtual RgbaImage sample() = 0;

  /// Where the data stands, for fittings whose examples come from a sequence. Each process of a group has its
  /// own. Throws InputError where another sequence is restored.
  virtual nlohmann::json data_state() const { return nullptr; }
  virtual void restore_data(const nlohmann::json&) {}

  /// What is worth a curve besides the losses, since this was last asked. All processes of a group take part.
  virtual std::vector<Measure> measures() { return {}; }

  /// How well the network does on examples that it does not learn from. All processes of a group take part.
  virtual std::vector<Measure> validate() { return {}; }
};

/// Seed of the randomness of the step after \p examples_seen examples of a fitting seeded with \p seed.
std::uint64_t step_seed(std::uint64_t seed, std::int64_t examples_seen);

/// \p count numbers from 0 to below \p bound, drawn with repetition.
std::vector<std::int64_t> draw_indices(std::uint64_t seed, int count, std::int64_t bound);

}  // namespace tha4
