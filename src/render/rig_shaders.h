#pragma once

namespace tha4 {

/// Draws the triangles of a mesh: colour, and where each pixel's surface lies with the skeleton at rest.
extern const char* const kMeshVertexShader;
extern const char* const kMeshFragmentShader;

}  // namespace tha4
