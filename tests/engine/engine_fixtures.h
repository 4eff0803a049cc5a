#pragma once

#include <filesystem>
#include <memory>

#include "tha4/engine/empty_cells.h"
#include "tha4/engine/tile_workers.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/character.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {

at::Tensor some_poses(int count, PoseDistribution kind = PoseDistribution::natural);

std::shared_ptr<TileWorkers> two_workers();

/// The fraction of error in \p result, in decibels.
double decibels(const at::Tensor& result, const at::Tensor& expected);

/// A disc on a transparent background, in pixels of the rest image.
inline constexpr int kDiscCentre = 256;
inline constexpr int kDiscRadius = 90;

RgbaImage disc();

/// A character of small SIRENs, whose body rotator gives flow, alpha and direct colours that are all \p
/// fraction of what untrained weights give.
Character small_character(const RgbaImage& image, double fraction);

/// Some cells here and there.
EmptyCells scattered_cells();

}  // namespace tha4
