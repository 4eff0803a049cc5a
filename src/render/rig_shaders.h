#pragma once

namespace tha4 {

/// Draws the triangles of a mesh: its colours, or where the surface of each pixel lies with the skeleton at
/// rest. Only what is at least half opaque is a surface.
extern const char* const kMeshVertexShader;
extern const char* const kColorFragmentShader;
extern const char* const kUnlitColorFragmentShader;
extern const char* const kSurfaceFragmentShader;

/// Covers the viewport.
extern const char* const kWholeTargetVertexShader;

/// Makes each pixel of its four samples: the mean colour, and the motion of the surface at its centre.
extern const char* const kResolveFragmentShader;

/// Continues motion where there is no surface (see FlowExtender): to half the size, and back.
extern const char* const kPullFragmentShader;
extern const char* const kPushFragmentShader;

/// Make what a poser gives out of a drawn frame, as single planes (see FrameSplitter).
extern const char* const kWarpFragmentShader;
extern const char* const kBlendFragmentShader;
extern const char* const kPlanesFragmentShader;

}  // namespace tha4
