#pragma once

#include <vector>

#include "tha4/data/packed_triples.h"
#include "tha4/data/triple_source.h"
#include "tha4/distributed/process_group.h"
#include "tha4/evaluation/made_images.h"
#include "tha4/report/measure.h"

namespace tha4 {

/// Triples that a network is never trained on, the same all through a run, kept on a device; each process of
/// a group keeps its share of them.
class ValidationSet {
 public:
  /// \param source  of this process' share of the test split
  /// \param images  in all processes together
  /// \param group   must outlive the set
  ValidationSet(TripleSource& source, int images, ProcessGroup& group, c10::Device device);

  /// The means over all images of the network PSNR, under the name of "validation_psnr", and of SSIM of
  /// pictures as seen; the network PSNR of those pixels of all images together whose target differs from the
  /// input; and the same of the input, which does not move. Collective.
  std::vector<Measure> score(const ImageMaker& make) const;

  /// A picture with a row for each of the first triples of this process, of a rotator or editor: rest, posed,
  /// warped, direct, alpha, blended. Other networks have their own images in these places; the picture that
  /// they go by is the last.
  RgbaImage sample_picture(const ImageMaker& make) const;

 private:
  ProcessGroup& group_;
  c10::Device device_;
  std::vector<PackedTriples> triples_;  ///< a few at a time
};

}  // namespace tha4
