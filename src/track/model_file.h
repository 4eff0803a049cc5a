#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tha4 {

/// The kinds of layers, by their numbers in the file. Each gives one result; result 0 is the network's input,
/// result n that of layer n. `from` and `with` are numbers of results.
enum class LayerKind : std::uint32_t {
  convolution = 0,  ///< of `from`, kernel x kernel; plus `with`, if any; then PReLU, if it has slopes
  separable = 1,    ///< a depthwise convolution 3x3 of `from`, then as a convolution 1x1
  pool = 2,         ///< the largest of each 2x2
  matrix = 3,       ///< where a region of the face lies in a map, by points of `from`
  crop = 4,         ///< `outputs` x `outputs` places of the map `from`, where the matrix `with` leads
  transform = 5,    ///< points `from` of a crop to where the matrix `with` leads
};

inline constexpr std::uint32_t kNoResult = 0xFFFFFFFF;

/// A row of the file's table of layers.
struct LayerWords {
  LayerKind kind;
  std::uint32_t from, with;
  std::uint32_t outputs;  ///< channels; of a matrix, the point at the right end of its region's x axis
  std::uint32_t kernel;   ///< of a matrix, the number of points that its region holds
  std::uint32_t stride;   ///< of a matrix, the side of the crop
  std::uint32_t same;     ///< 1: as many places as the input has, over the stride; 0: those without padding
  std::uint32_t has_slopes;
  std::uint32_t unused;
};

/// Ends the reading of models: the library throws InputError, a page has a trap.
[[noreturn]] void refuse_models(const char* problem);

/// Reads the file of models: "THA4TRK1"; the numbers of words, floats and integers; words (32 bits), floats
/// (32), then the low bytes of all integers, then their high bytes; little endian. Integers are folded: 0,
/// -1, 1, -2, ... are 0, 1, 2, 3. Networks take of each list in turn, so that nothing but the lengths of
/// lists is believed. Throws InputError where a list ends early.
class ModelReader {
 public:
  explicit ModelReader(std::span<const std::byte> file);

  std::uint32_t word();
  /// A word of at least \p least and at most \p most.
  int number(std::uint32_t min, std::uint32_t max);
  LayerWords layer();
  float real();
  std::vector<float> reals(std::size_t count);
  /// Weights [outputs][count]: a step of each output, times its integers.
  std::vector<float> weights(std::size_t outputs, std::size_t count);
  /// Integers as they are, of 0 to \p most.
  std::vector<int> indices(std::size_t count, int max);
  /// Refuses what has been left over.
  void finish() const;

 private:
  int integer();

  std::span<const std::byte> words_, floats_, low_, high_;
  std::size_t word_ = 0, float_ = 0, integer_ = 0;
};

}  // namespace tha4
