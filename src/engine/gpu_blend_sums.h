#pragma once

#include <array>
#include <vector>

#include "blend_program.h"
#include "blendshape_arguments.h"
#include "gpu_networks.h"

#include "tha4/base/cuda_program.h"

namespace tha4 {

/// The kernels of blendshape.cu.
const CudaProgram& blendshape_program();

/// Launches them on a GPU.
class BlendLauncher {
 public:
  explicit BlendLauncher(c10::Device device) : device_(device), limits_(cuda_limits(device)) {}

  c10::Device device() const { return device_; }

  /// For N poses, which are rows of the grid.
  template <class Arguments>
  void launch(unsigned blocks, std::int64_t poses, unsigned threads, unsigned shared_bytes,
              const Arguments& arguments) const {
    blendshape_program().launch(device_,
                                {.x = blocks,
                                 .y = static_cast<unsigned>(poses),
                                 .threads = threads,
                                 .shared_bytes = shared_bytes,
                                 .begins_early = limits_.has_early_launches()},
                                arguments);
  }

 private:
  c10::Device device_;
  CudaLimits limits_;
};

/// Threads of a block of all of them but the one for hidden layers.
inline constexpr unsigned kBlendThreads = 256;

/// Where a sum goes among the results of a pose, in numbers: one value after the other, or a tile of a map.
struct BlendResult {
  int place = 0;
  int side = 0;            ///< of the tile; 0: none
  int row = 0, plane = 0;  ///< of the map
  int x = 0, y = 0;        ///< of the tile, in cells
};

/// Weighted sums of bases on a GPU, of several MLPs: two launches for all of them.
class GpuBlendSums {
 public:
  /// \return its number
  int add_mlp(const BlendHiddenLayers& layers);

  /// \param values  of the sum, of which a basis has a multiple of kBlendChunk
  void add_sum(int mlp, const BlendLayer& weights, const BlendBasis& basis, int values,
               const BlendResult& result);

  /// After all were added.
  void move_to(c10::Device device);

  /// The most maps that a body rotator has.
  static constexpr std::size_t kMaps = 3;

  /// Queues all sums for N poses; of those that are tiles, the ones that \p needed, cells of the maps of the
  /// first MLPs, are made of.
  /// \param results  [N][stride]
  void draw(const BlendLauncher& launcher, const GpuPoses& poses, const std::array<Region, kMaps>& needed,
            float* results, int stride);

 private:
  int add(const void* bytes, std::size_t size);
  template <class Value>
  int add(const std::vector<Value>& values) {
    return add(values.data(), values.size() * sizeof(Value));
  }
  kernels::BlendLayerPlace add_layer(const BlendLayer& layer);

  std::vector<char> bytes_;  ///< until they are moved
  std::vector<kernels::BlendMlpPlace> mlps_;
  std::vector<kernels::BlendSumPlace> sums_;
  int mlps_place_ = 0, sums_place_ = 0;
  int width_ = 0, max_outputs_ = 0, max_pairs_ = 0;
  at::Tensor data_;
  at::Tensor values_;  ///< [N, MLPs, width]
};

}  // namespace tha4
