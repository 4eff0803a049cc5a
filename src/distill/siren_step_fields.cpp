#include "siren_step_fields.h"

#include <algorithm>
#include <limits>

#include "tha4/train/adam_fields.h"

namespace tha4 {
namespace {

void check_window_choice(const ConfigReader& reader, const WindowChoice& windows) {
  if (windows.anywhere_fraction + windows.drawn_fraction + windows.moving_fraction + windows.error_fraction >
      1) {
    reader.fail("anywhere_fraction",
                "must not be more than 1 together with drawn_fraction, moving_fraction and error_fraction");
  }
}

}  // namespace

const Fields<SirenSteps>& siren_steps_fields() {
  using Steps = SirenSteps;
  static const Fields<Steps> fields({
      field::optional(
          field::integer("frames", &Steps::frames, {0, 1'000'000},
                         "Frames, of a face its crops, that the teacher makes beforehand and steps "
                         "draw from; 0: each step asks the teacher.")),
      field::optional(field::number("frames_gib", &Steps::frames_gib, {0, 1e6},
                                    "GiB of a GPU's memory that these frames may take, the others lie in the "
                                    "machine's; 0: as many as there is room for.")),
      field::optional(field::integer("warm_up_examples", &Steps::warm_up_examples, {0, kMaxExamples},
                                     "Examples over which the learning rate rises from 0.")),
      field::optional(field::boolean("rate_falls", &Steps::rate_falls,
                                     "Whether the learning rate falls to 0 along a half cosine.")),
      field::optional(field::number("max_gradient_norm", &Steps::max_gradient_norm, {0, 1e9},
                                    "Norm that gradients are scaled down to; 0: they are left as they are.")),
      field::optional(
          field::number("weight_average", &Steps::weight_average, {0, 1},
                        "Decay, a step, of the average of the weights that the student gets; 0: it "
                        "gets the last ones.")),
      field::optional(
          field::number("position_scale", &Steps::position_scale, {0, 1e3},
                        "Factor of the first weights by which sine layers depend on the position: above 1, "
                        "the network begins with finer detail than SIRENs of so many inputs do.")),
      field::optional(
          field::integer("soap_steps", &Steps::soap_steps, {0, 100'000},
                         "Steps after which SOAP (Vyas et al. 2024), which takes Adam's steps in the "
                         "bases of the eigenvectors of its gradients' statistics, finds these anew; 0: "
                         "Adam.")),
      field::optional(field::number("soap_decay", &Steps::soap_decay, {0, 1},
                                    "Decay, a step, of the statistics of SOAP.")),
      field::optional(field::integer("early_batch", &Steps::early_batch, {0, kMaxBatch},
                                     "Examples of each of the first steps; 0: as many as of all.")),
      field::optional(field::integer("early_examples", &Steps::early_examples, {0, kMaxExamples},
                                     "Examples that these steps see.")),
  });
  return fields;
}

const Fields<WindowChoice>& window_choice_fields() {
  using Choice = WindowChoice;
  static const Fields<Choice> fields(
      {
          field::optional(field::number("anywhere_fraction", &Choice::anywhere_fraction, {0, 1},
                                        "Fraction of the windows that lie anywhere in the frame, so that "
                                        "what is empty stays empty, where "
                                        "frames are made beforehand and kernels learn from them; "
                                        "others lie where the character "
                                        "ever is. LibTorch's layers look at one window a step, anywhere.")),
          field::optional(field::number(
              "drawn_fraction", &Choice::drawn_fraction, {0, 1},
              "Fraction of them that lies around what is drawn in the very frame, or rests there.")),
          field::optional(field::number(
              "moving_fraction", &Choice::moving_fraction, {0, 1},
              "Fraction of them that is drawn more often where frames differ from the rest image.")),
          field::optional(
              field::number("error_fraction", &Choice::error_fraction, {0, 1},
                            "Fraction of them that is drawn more often where the student errs, on a GPU.")),
          field::optional(
              field::boolean("errors_of_frames", &Choice::errors_of_frames,
                             "Whether these go by the errors in each frame by itself, which they choose, "
                             "too; otherwise by those in all frames together.")),
      },
      check_window_choice);
  return fields;
}

const Fields<BodyLossPhase>& loss_phase_fields() {
  using Phase = BodyLossPhase;
  static const Fields<Phase> fields(
      {
          field::integer(
              "until_examples", &Phase::until_examples, {1, kMaxExamples},
              "Examples that have been seen when the phase ends; the last one ends with the training."),
          field::number("flow", &Phase::flow, {0, 1e6}, "Weight of the error of the flow."),
          field::number("warped", &Phase::warped, {0, 1e6}, "Weight of the L1 error of the warped image."),
          field::number("direct", &Phase::direct, {0, 1e6}, "Weight of that of the directly drawn image."),
          field::number("final", &Phase::final, {0, 1e6}, "Weight of that of the blended image."),
          field::optional(field::number("squared", &Phase::squared, {0, 1e6},
                                        "Weight of the blended image's squared error.")),
      },
      nullptr, "phases of the loss");
  return fields;
}

std::int64_t SirenSteps::steps_before(std::int64_t examples_seen, int batch) const {
  const std::int64_t early = early_batch > 0 ? std::min(examples_seen, early_examples) : 0;
  const std::int64_t early_steps = early > 0 ? (early + early_batch - 1) / early_batch : 0;
  return early_steps + std::max<std::int64_t>(0, examples_seen - early_steps * early_batch) / batch;
}

double SirenSteps::rate_at(std::int64_t examples_seen, std::int64_t examples) const {
  const CosineLearningRate shape{.value = 1, .warm_up_examples = warm_up_examples};
  return shape.at(examples_seen, rate_falls ? examples : std::numeric_limits<std::int64_t>::max());
}

}  // namespace tha4
