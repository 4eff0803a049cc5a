#include <array>
#include <vector>

#include "augmentation_limits.h"

#include "tha4/base/settings.h"
#include "tha4/data/augmentation.h"

namespace tha4 {
namespace {

struct Member {
  const char* name;
  double AugmentationSettings::*value;
  double max;
  const char* meaning;
};

constexpr std::array<Member, 21> kMembers = {
    {{"rest", &AugmentationSettings::rest, 1,
      "Probability that nothing moves: the picture before stands for both, and the pose is 0."},
     {"mirror", &AugmentationSettings::mirror, 1,
      "Probability of mirroring the picture, and the pose with it."},
     {"shift", &AugmentationSettings::shift, 64,
      "Largest shift to either side, in pixels of the 512x512 picture."},
     {"scale", &AugmentationSettings::scale, 0.5, "Largest change of the size: 0.05 is 0.95 to 1.05 times."},
     {"shrink", &AugmentationSettings::shrink, 0.5,
      "How much smaller it may be besides: 0.3 is 0.7 to 1 times, as of faces whose heads are mostly hair."},
     {"rotation", &AugmentationSettings::rotation, 45,
      "Largest turn in the plane of the picture, in degrees."},
     {"warp", &AugmentationSettings::warp, 64,
      "Pixels by which smooth bumps move the picture's parts: other proportions, turned heads."},
     {"hue", &AugmentationSettings::hue, 180, "Largest turn of the hue, in degrees."},
     {"saturation", &AugmentationSettings::saturation, 1,
      "Largest change of the saturation: 0.3 is 0.7 to 1.3 times."},
     {"brightness", &AugmentationSettings::brightness, 1,
      "Largest change of the brightness: 0.3 is 0.7 to 1.3 times."},
     {"contrast", &AugmentationSettings::contrast, 1,
      "Largest change of the contrast about the middle grey: 0.3 is 0.7 to 1.3 times."},
     {"gamma", &AugmentationSettings::gamma, 4,
      "Largest change of the gamma: 0.3 is an exponent of 1/1.3 to 1.3."},
     {"sharpness", &AugmentationSettings::sharpness, 1,
      "Largest fraction of the details that is taken away or added."},
     {"line_darkness", &AugmentationSettings::line_darkness, 1,
      "Largest fraction of the darkest of the eight neighbours in each pixel."},
     {"shading", &AugmentationSettings::shading, 1,
      "Largest depth of a soft gradient of light over the picture."},
     {"hard_rim", &AugmentationSettings::hard_rim, 1, "Probability of an alpha without soft edges."},
     {"rim_color", &AugmentationSettings::rim_color, 1,
      "Probability of dark, light or coloured rims where alpha is below 1."},
     {"strands", &AugmentationSettings::strands, kMaxStrands,
      "Most thin strands of any colour painted over the picture; each number as likely."},
     {"jpeg", &AugmentationSettings::jpeg, 10,
      "Coarsest rounding of a JPEG file, in the picture before alone; 1 is that of quality 50."},
     {"grain", &AugmentationSettings::grain, 0.5,
      "Most grain in the picture before alone: 0.05 is a twentieth of the range of colours to either side."},
     {"probability", &AugmentationSettings::probability, 1,
      "Probability that a triple is changed at all in its colours and edges."}}};

}  // namespace

bool AugmentationSettings::any() const {
  for (const Member& member : kMembers) {
    if (member.value != &AugmentationSettings::probability && this->*member.value != 0) return true;
  }
  return false;
}

const Fields<AugmentationSettings>& augmentation_fields() {
  static const Fields<AugmentationSettings> fields([] {
    std::vector<Field<AugmentationSettings>> list;
    for (const Member& member : kMembers) {
      list.push_back(
          field::optional(field::number(member.name, member.value, {0, member.max}, member.meaning)));
    }
    return list;
  }());
  return fields;
}

}  // namespace tha4
