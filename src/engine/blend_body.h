#pragma once

#include <functional>
#include <variant>
#include <vector>

#include "blend_map.h"
#include "motion_rows.h"

#include "tha4/engine/tile_workers.h"
#include "tha4/image/region.h"

namespace tha4 {

/// A blendshape body rotator that draws one pose after the other: its maps first, then the pixels.
class BlendBody {
 public:
  /// \param workers  must outlive this
  BlendBody(BlendshapeBodyRotatorImpl& network, TileWorkers& workers);

  /// Draws the maps of \p pose, [45], where the pixels of \p window need them.
  void draw_maps(const float* pose, const FrameWindow& window);

  /// Pixels of a row of the window, within one task.
  struct Run {
    int x;  ///< of the first one, in pixels of the whole frame
    int y;
    int offset;  ///< of that pixel in the task
    int count;
  };

  /// Calls \p take for all tasks that have pixels in \p window, by any thread, several at a time.
  /// \param cells  scratch memory, of this call alone
  void draw_pixels(const FixedImage& image, const FrameWindow& window,
                   const std::function<void(const BlendTask& task, float* cells, const Run& run)>& take);

 private:
  /// Maps that stay where they are.
  struct StillMaps {
    StillMap flow, appearance;
  };
  /// Maps that are sampled where the motion leads.
  struct MovingMaps {
    MotionRows motion;
    BlendMap<FixedCells> flow, appearance;
  };

  static std::variant<StillMaps, MovingMaps> make_maps(BlendshapeBodyRotatorImpl& network, int threads);
  template <class Map>
  void draw_tiles(Map& flow, Map& appearance, int flow_tiles, int appearance_tiles);
  /// Puts into \p task what its pixels, \p count of them, are sampled from.
  void sample(const StillMaps& maps, int count, BlendTask& task) const;
  void sample(const MovingMaps& maps, int count, BlendTask& task) const;

  TileWorkers& workers_;
  std::variant<StillMaps, MovingMaps> maps_;
  std::vector<std::vector<float>> cells_;  ///< of each thread
};

}  // namespace tha4
