#include "tha4/train/adam_fields.h"

namespace tha4 {

const Fields<AdamConfig>& adam_fields() {
  static const Fields<AdamConfig> fields(
      {
          field::number("beta1", &AdamConfig::beta1, {0, 0.999999},
                        "How much of the mean of the gradients each step keeps."),
          field::number("beta2", &AdamConfig::beta2, {0, 0.999999},
                        "How much of the mean of their squares each step keeps."),
          field::optional(
              field::number("weight_decay", &AdamConfig::weight_decay, {0, 1},
                            "Fraction of each weight, times the learning rate, that a step takes away.")),
      },
      nullptr, "adam");
  return fields;
}

}  // namespace tha4
