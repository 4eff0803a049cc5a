#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "tha4/pose/pose.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {

/// Searches for poses that show something, in each of many places: MAP-Elites (Mouret and Clune, 2015). Every
/// place keeps the pose that showed most there, and new poses are children of such poses. In contrast to one
/// population, which soon looks at one place alone, all places are searched.
class PoseEvolution {
 public:
  /// The probabilities that a value of a child is drawn anew, and that it is its second parent's.
  static constexpr double kMutation = 0.1;
  static constexpr double kCrossover = 0.25;

  PoseEvolution(int places, std::uint64_t seed);

  /// Learns that \p pose shows \p shown in each place, 0 where it was not looked at.
  void take(const Pose& pose, std::span<const float> shown);
  /// Forgets a place: nothing more is to be found there.
  void close(std::size_t place) { places_[place].shown = 0, places_[place].is_closed = true; }

  /// A child of the poses of two places, the first one of those where much was shown; a random pose where
  /// nothing was shown so far.
  Pose child();

 private:
  struct Place {
    float shown = 0;
    bool is_closed = false;
    Pose pose{};
  };

  const Place& any();
  double unit() { return uniform_unit(generator_); }

  PoseSampler sampler_;
  std::mt19937_64 generator_;
  std::vector<Place> places_;
  std::vector<std::size_t> open_;  ///< where something was shown
};

}  // namespace tha4
