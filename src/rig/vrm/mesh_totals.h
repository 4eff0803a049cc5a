#pragma once

#include "gltf_document.h"

namespace tha4 {

/// Counts what all meshes of a document have together, before it is read. Throws InputError as soon as that
/// is more than is read of one file.
class MeshTotals {
 public:
  explicit MeshTotals(const GltfDocument& document) : document_(document) {}

  void add_vertices(std::size_t count);
  void add_corners(std::size_t count);
  void add_morph_entries(std::size_t count);
  /// Vertices that follow more bones than a rig's do, which is no fault.
  void add_crowded_vertices(std::size_t count) { crowded_vertices_ += count; }
  std::size_t crowded_vertices() const { return crowded_vertices_; }

 private:
  void add(std::size_t& total, std::size_t count, std::size_t largest, const char* what) const;

  const GltfDocument& document_;
  std::size_t vertices_ = 0;
  std::size_t corners_ = 0;
  std::size_t morph_entries_ = 0;
  std::size_t crowded_vertices_ = 0;
};

}  // namespace tha4
