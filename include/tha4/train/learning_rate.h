#pragma once

#include <cstdint>
#include <span>

namespace tha4 {

/// Adam's constants; weight decay is decoupled (AdamW).
struct AdamConfig {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double weight_decay = 0;
};

/// A piece of a stepwise learning rate: `value` until so many examples have been seen.
struct LearningRateStep {
  std::int64_t until_examples;
  double value;
};

/// The value after \p examples_seen; that of the last piece beyond its end. \p steps must not be empty.
double learning_rate_at(std::span<const LearningRateStep> steps, std::int64_t examples_seen);

/// A linear rise over the first examples to `value`, under a half cosine that falls to 0 at the end.
struct CosineLearningRate {
  double value = 0;
  std::int64_t warm_up_examples = 0;

  double at(std::int64_t examples_seen, std::int64_t total_examples) const;
};

}  // namespace tha4
