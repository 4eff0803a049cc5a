#pragma once

namespace tha4 {

/// Draws the triangles of a mesh: colour, and where each pixel's surface lies with the skeleton at rest.
extern const char* const kMeshVertexShader;
extern const char* const kMeshFragmentShader;

/// Covers the target, and makes each of its pixels of its four samples: the mean colour, and the motion of
/// the surface that most of them show.
extern const char* const kResolveVertexShader;
extern const char* const kResolveFragmentShader;

}  // namespace tha4
