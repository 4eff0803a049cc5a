#pragma once

#include <random>

#include "tha4/data/triple_source.h"
#include "tha4/image/region.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {

/// Triples whose pictures are smooth random colours, the posed one another than the one at rest: enough for
/// the arithmetic of training, and made at once.
class RandomTriples final : public TripleSource {
 public:
  explicit RandomTriples(std::uint64_t seed) : seed_(seed) {}

  Triple next() override {
    std::mt19937_64 generator(seed_ * 1000 + position_.places++);
    Triple triple;
    triple.key = std::to_string(position_.places);
    triple.character = "random";
    triple.rest = picture(generator);
    triple.posed = picture(generator);
    for (float& value : triple.pose) value = static_cast<float>(uniform_unit(generator));
    return triple;
  }

  SourcePosition position() const override { return position_; }
  void restore(const SourcePosition& position) override { position_ = position; }

 private:
  static RgbaImage picture(std::mt19937_64& generator) {
    RgbaImage image(kImageSize, kImageSize);
    std::array<double, 12> waves{};
    for (double& wave : waves) wave = 0.1 * uniform_unit(generator);
    for (int y = 0; y < kImageSize; ++y) {
      for (int x = 0; x < kImageSize; ++x) {
        for (std::size_t c = 0; c < 4; ++c) {
          const double value =
              0.5 + 0.5 * std::sin(waves[3 * c] * x + waves[3 * c + 1] * y + 30 * waves[3 * c + 2]);
          image.pixels[(static_cast<std::size_t>(y) * kImageSize + static_cast<std::size_t>(x)) * 4 + c] =
              static_cast<std::uint8_t>(255 * value);
        }
      }
    }
    return image;
  }

  std::uint64_t seed_;
  SourcePosition position_;
};

}  // namespace tha4
