#include "tha4/engine/kernel_limit.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "siren_player.h"
#include <torch/types.h>

#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

/// A layer of so many inputs that what follows its inner loop hardly counts, and whose weights, with the
/// sines of a tile, fit the first cache of any processor.
constexpr int kInputs = 192;
constexpr int kOutputs = 2 * kPanelOutputs;

}  // namespace

std::int64_t fused_products(const Character& character, const EmptyCells& empty) {
  TileWorkers none(1);
  std::int64_t products = 0;
  if (character.face_morpher_kind == FaceMorpherKind::siren) {
    SirenPlayer face(make_siren_program(siren_matrices(state_dict_of(*character.face_morpher), 0)), none);
    products += face.products(FrameWindow::whole(kFaceCrop.width));
  }
  if (can_skip_cells(character)) {
    SirenPlayer body(body_program(*character.body_rotator, resolution_of(character.body_rotator_kind)), none,
                     empty);
    products += body.products({});
  } else if (character.body_rotator_kind == BodyRotatorKind::vanilla_siren) {
    SirenPlayer body(make_siren_program(siren_matrices(state_dict_of(*character.body_rotator), 0)), none);
    products += body.products({});
  }
  return products;
}

double products_per_second(TileWorkers& workers) {
  constexpr std::int64_t kCalls = 2000;
  constexpr int kRounds = 12;
  const at::Tensor weights = torch::ones({kOutputs, kInputs}, torch::kFloat64) * 0.01;
  const FixedPointLayer layer = make_turns_layer(weights, torch::zeros({kOutputs}, torch::kFloat64));
  struct Numbers {
    hwy::AlignedFreeUniquePtr<std::int16_t[]> sines =
        hwy::AllocateAligned<std::int16_t>(kInputs * kTileLength);
    std::vector<float> results = std::vector<float>(kOutputs * kTileLength);
  };
  std::vector<Numbers> numbers(static_cast<std::size_t>(workers.threads()));
  for (Numbers& own : numbers) std::fill_n(own.sines.get(), kInputs * kTileLength, std::int16_t{100});
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    workers.run(kCalls, [&](std::int64_t, int thread) {
      Numbers& own = numbers[static_cast<std::size_t>(thread)];
      multiply_tile(layer, own.sines.get(), own.results.data());
    });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(kCalls * kInputs * kOutputs * kTileLength) / seconds.count());
  }
  return best;
}

}  // namespace tha4
