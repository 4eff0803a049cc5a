#include "mesh_totals.h"

namespace tha4 {

void MeshTotals::add_vertices(std::size_t count) {
  add(vertices_, count, kMaxVertexCount, "vertices");
}

void MeshTotals::add_corners(std::size_t count) {
  add(corners_, count, kMaxCornerCount, "corners of triangles");
}

void MeshTotals::add_morph_entries(std::size_t count) {
  add(morph_entries_, count, kMaxMorphEntryCount, "offsets of morph targets");
}

void MeshTotals::add(std::size_t& total, std::size_t count, std::size_t largest, const char* what) const {
  total += count;
  if (total <= largest) return;
  document_.fail("meshes",
                 "have more than " + std::to_string(largest) + " " + what + " in all; simplify the model");
}

}  // namespace tha4
