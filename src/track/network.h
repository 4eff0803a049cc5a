#pragma once

#include <memory>
#include <span>
#include <vector>

namespace tha4 {

class ModelReader;

/// One of the networks of the tracker's models.
class Network {
 public:
  /// Reads the next network of \p models; refuses one whose layers do not fit.
  explicit Network(ModelReader& models);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  /// Sides of the picture that it sees.
  int input_size() const;

  /// The picture [input_size][input_size][4], of R, G, B, 0, to be filled before run().
  std::span<float> input();

  void run();

  int outputs() const;

  /// How many numbers output \p index has.
  std::size_t output_count(int index) const;

  /// Output \p index of the last run, as [height][width][channels].
  std::vector<float> output(int index) const;

  /// Which points of the mesh the numbers of output \p index are; empty where it is all of them, or no
  /// points.
  const std::vector<int>& output_points(int index) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tha4
