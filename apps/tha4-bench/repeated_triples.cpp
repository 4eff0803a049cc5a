#include "repeated_triples.h"

#include <random>
#include <string>

#include "tha4/image/region.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4::app {
namespace {

RgbaImage random_picture(std::mt19937_64& generator) {
  RgbaImage image(kImageSize, kImageSize);
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(generator() >> 56);
  return image;
}

}  // namespace

RepeatedTriples::RepeatedTriples(int count) {
  std::mt19937_64 generator(0);
  PoseSampler poses(PoseDistribution::natural, /*seed=*/0);
  for (int i = 0; i < count; ++i) {
    Triple& triple = triples_.emplace_back();
    triple.key = std::to_string(i);
    triple.character = "random";
    triple.pose = poses.next();
    triple.rest = random_picture(generator);
    triple.posed = random_picture(generator);
  }
}

Triple RepeatedTriples::next() {
  return triples_[position_.places++ % triples_.size()];
}

}  // namespace tha4::app
