#pragma once

namespace tha4 {

/// Draws the triangles of a mesh: its colours, or where the surface of each pixel lies with the skeleton at
/// rest. Only what is at least half opaque is a surface.
extern const char* const kMeshVertexShader;
extern const char* const kColorFragmentShader;
extern const char* const kSurfaceFragmentShader;

/// Covers the target, and makes each of its pixels of its four samples: the mean colour, and the motion of
/// the surface at its centre.
extern const char* const kResolveVertexShader;
extern const char* const kResolveFragmentShader;

}  // namespace tha4
