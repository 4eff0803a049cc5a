#include "rig_shaders.h"

namespace tha4 {

// Image coordinates become OpenGL's without turning them over: row 0 of a target is the top of the picture.
// Vertices are laid on a fixed grid of 1/256 pixel of the whole frame, so that a region of a frame is covered
// by the same triangles as the frame.
const char* const kMeshVertexShader = R"(#version 330 core
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 source;
layout(location = 2) in vec3 normal;
layout(location = 3) in vec2 texture_coordinate;
layout(location = 4) in vec4 vertex_color;
uniform float scale;
uniform vec2 origin;
uniform vec2 size;
uniform float outline_width;
out vec3 source_position;
out vec3 surface_normal;
out vec2 picture_position;
out vec4 surface_color;
void main() {
  vec2 side = normal.xy / max(length(normal.xy), 1e-6) * min(length(normal.xy) * 4.0, 1.0) * outline_width;
  vec2 place = floor((position.xy + side) * scale * 256.0 + 0.5) / 256.0 - origin;
  gl_Position = vec4(place * 2.0 / size - 1.0, clamp(position.z / -8192.0, -1.0, 1.0), 1.0);
  source_position = source + vec3(side, 0.0);
  surface_normal = normal;
  picture_position = texture_coordinate;
  surface_color = vertex_color;
}
)";

const char* const kColorFragmentShader = R"(#version 330 core
in vec3 surface_normal;
in vec2 picture_position;
in vec4 surface_color;
uniform sampler2D picture;
// Half a level finer than the textures' size asks for: filtering between texels blurs by itself.
const float sharpness = -0.5;
uniform vec4 tint;
uniform vec3 shade;
uniform vec2 shade_edge;
uniform vec3 light;
uniform bool is_lit;
uniform float cutoff;
layout(location = 0) out vec4 color;
void main() {
  color = texture(picture, picture_position, sharpness) * tint * surface_color;
  if (color.a < cutoff) discard;
  if (is_lit) {
    vec3 towards = normalize(gl_FrontFacing ? surface_normal : -surface_normal);
    color.rgb *= mix(shade, vec3(1.0), smoothstep(shade_edge.x, shade_edge.y, dot(towards, light)));
  }
}
)";

// The same of rigs without light, at two thirds of the cost in software.
const char* const kUnlitColorFragmentShader = R"(#version 330 core
in vec2 picture_position;
uniform sampler2D picture;
const float sharpness = -0.5;
uniform vec4 tint;
uniform float cutoff;
layout(location = 0) out vec4 color;
void main() {
  color = texture(picture, picture_position, sharpness) * tint;
  if (color.a < cutoff) discard;
}
)";

// Which surface the pixel shows: the number of the mesh with its depth as the fraction; and the offset from
// the pixel to where it lies with the skeleton at rest.
const char* const kSurfaceFragmentShader = R"(#version 330 core
in vec3 source_position;
in vec2 picture_position;
uniform sampler2D picture;
uniform vec4 tint;
uniform float cutoff;
uniform float mesh_number;
uniform float scale;
uniform vec2 origin;
layout(location = 0) out float surface;
layout(location = 1) out vec2 offset;
void main() {
  if (texture(picture, picture_position).a * tint.a < max(cutoff, 0.5)) discard;
  surface = mesh_number + clamp(source_position.z / 4096.0, -0.49, 0.49);
  offset = source_position.xy - (gl_FragCoord.xy + origin) / scale;
}
)";

const char* const kWholeTargetVertexShader = R"(#version 330 core
void main() {
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(corner, 0.0, 1.0);
}
)";

// `motion`: the offset, whether there is a surface, and whether the expression at rest hides it. That is so
// where none of the four pixels around its place at rest shows the same mesh at about the same depth.
const char* const kResolveFragmentShader = R"(#version 330 core
uniform sampler2DMS color_samples;
uniform sampler2D surfaces;
uniform sampler2D offsets;
uniform sampler2D surfaces_at_rest;
uniform bool with_motion;
uniform ivec2 corner;
uniform float scale;
uniform vec2 origin;
uniform float frame_size;
layout(location = 0) out vec4 color;
layout(location = 1) out vec4 motion;
const float depth_tolerance = 6.0 / 4096.0;
bool is_hidden(vec2 place, float surface) {
  ivec2 size = textureSize(surfaces_at_rest, 0);
  ivec2 first = ivec2(floor(place / frame_size * vec2(size) - 0.5));
  for (int i = 0; i < 4; ++i) {
    ivec2 at = first + ivec2(i & 1, i >> 1);
    if (any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, size))) continue;
    if (abs(texelFetch(surfaces_at_rest, at, 0).r - surface) < depth_tolerance) return false;
  }
  return true;
}
void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy) - corner;
  color = vec4(0.0);
  for (int i = 0; i < 4; ++i) color += 0.25 * texelFetch(color_samples, pixel, i);
  motion = vec4(0.0);
  if (!with_motion) return;
  float surface = texelFetch(surfaces, pixel, 0).r;
  if (surface == 0.0) return;
  vec2 offset = texelFetch(offsets, pixel, 0).xy;
  vec2 place = (gl_FragCoord.xy + origin) / scale + offset;
  motion = vec4(offset, 1.0, is_hidden(place, surface) ? 1.0 : 0.0);
}
)";

const char* const kPullFragmentShader = R"(#version 330 core
uniform sampler2D fine;
layout(location = 0) out vec4 coarse;
void main() {
  ivec2 size = textureSize(fine, 0);
  ivec2 first = ivec2(gl_FragCoord.xy) * 2;
  vec3 sum = vec3(0.0);
  for (int i = 0; i < 4; ++i) {
    ivec2 at = first + ivec2(i & 1, i >> 1);
    if (any(greaterThanEqual(at, size))) continue;
    vec4 motion = texelFetch(fine, at, 0);
    sum += vec3(motion.xy, 1.0) * motion.z;
  }
  coarse = vec4(sum.z > 0.0 ? sum.xy / sum.z : vec2(0.0), min(sum.z, 1.0), 0.0);
}
)";

const char* const kPushFragmentShader = R"(#version 330 core
uniform sampler2D fine;
uniform sampler2D coarse;
uniform float scale;
layout(location = 0) out vec4 filled;
layout(location = 1) out float hidden;
void main() {
  vec4 motion = texelFetch(fine, ivec2(gl_FragCoord.xy), 0);
  hidden = motion.w / 255.0;
  filled = vec4(motion.xy * scale, 1.0, 0.0);
  if (motion.z >= 1.0) return;
  vec2 place = gl_FragCoord.xy * 0.5 - 0.5;
  ivec2 last = textureSize(coarse, 0) - 1;
  ivec2 upper_left = ivec2(floor(place));
  vec2 fraction = place - floor(place);
  ivec2 a = max(upper_left, ivec2(0));
  ivec2 b = min(upper_left + 1, last);
  vec2 upper = mix(texelFetch(coarse, a, 0).xy, texelFetch(coarse, ivec2(b.x, a.y), 0).xy, fraction.x);
  vec2 lower = mix(texelFetch(coarse, ivec2(a.x, b.y), 0).xy, texelFetch(coarse, b, 0).xy, fraction.x);
  filled.xy = mix(mix(upper, lower, fraction.y), motion.xy, motion.z) * scale;
}
)";

// The rest image with the posed face over it, sampled through the flow as warp() does, in [-1, 1]; and the
// fraction of the drawn colour that the pixel needs: all of it where the surface is hidden at rest, none
// where both colours look about the same. A difference is let be below 12/255 and counts in full from 40/255
// on, in light or as the eye takes it (about sRGB), whichever is larger. Were slighter ones drawn, too, all
// line art would be, since sampling softens it, and a student would smear what it could have warped.
const char* const kWarpFragmentShader = R"(#version 330 core
uniform sampler2D rest;
uniform sampler2D face;
uniform sampler2D drawn;
uniform sampler2D flow;
uniform sampler2D hidden;
uniform ivec2 face_corner;
layout(location = 0) out float red;
layout(location = 1) out float green;
layout(location = 2) out float blue;
layout(location = 3) out float alpha;
layout(location = 4) out float needed;
const float slight = 12.0 / 255.0;
const float plain = 40.0 / 255.0;
const float toe = 0.0025;
vec4 lightness(vec4 light) { return sqrt(max(light, 0.0) + toe); }
vec4 rest_texel(ivec2 at) {
  ivec2 in_face = at - face_corner;
  bool is_face = all(greaterThanEqual(in_face, ivec2(0))) && all(lessThan(in_face, textureSize(face, 0)));
  return is_face ? texelFetch(face, in_face, 0) : texelFetch(rest, at, 0);
}
vec4 rest_color(vec2 place) {
  ivec2 last = textureSize(rest, 0) - 1;
  vec2 cell = clamp(place, vec2(0.0), vec2(last));
  ivec2 a = ivec2(floor(cell));
  ivec2 b = min(a + 1, last);
  vec2 fraction = cell - floor(cell);
  return mix(mix(rest_texel(a), rest_texel(ivec2(b.x, a.y)), fraction.x),
             mix(rest_texel(ivec2(a.x, b.y)), rest_texel(b), fraction.x), fraction.y);
}
void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec2 normalized = gl_FragCoord.xy / vec2(textureSize(drawn, 0)) + texelFetch(flow, pixel, 0).xy * 0.5;
  vec4 color = rest_color(normalized * vec2(textureSize(rest, 0)) - 0.5);
  vec4 difference = abs(color - texelFetch(drawn, pixel, 0));
  vec4 seen = abs(lightness(color) - lightness(texelFetch(drawn, pixel, 0)));
  vec4 larger = max(difference, seen);
  float largest = max(max(larger.r, larger.g), max(larger.b, larger.a));
  needed = clamp((largest - slight) / (plain - slight), 0.0, 1.0);
  if (texelFetch(hidden, pixel, 0).r > 0.0) needed = 1.0;
  color = color * 2.0 - 1.0;
  red = color.r;
  green = color.g;
  blue = color.b;
  alpha = color.a;
}
)";

// The final image, in [-1, 1], and the fraction of the drawn colour: what is needed, softened over 3x3 pixels
// where that is more.
const char* const kBlendFragmentShader = R"(#version 330 core
uniform sampler2D drawn;
uniform sampler2D warped_red;
uniform sampler2D warped_green;
uniform sampler2D warped_blue;
uniform sampler2D warped_alpha;
uniform sampler2D needed;
layout(location = 0) out float red;
layout(location = 1) out float green;
layout(location = 2) out float blue;
layout(location = 3) out float alpha;
layout(location = 4) out float fraction;
void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  ivec2 size = textureSize(needed, 0);
  float sum = 0.0;
  for (int y = -1; y <= 1; ++y) {
    for (int x = -1; x <= 1; ++x) {
      ivec2 at = pixel + ivec2(x, y);
      if (all(greaterThanEqual(at, ivec2(0))) && all(lessThan(at, size))) sum += texelFetch(needed, at, 0).r;
    }
  }
  fraction = max(texelFetch(needed, pixel, 0).r, sum / 9.0);
  vec4 warped = vec4(texelFetch(warped_red, pixel, 0).r, texelFetch(warped_green, pixel, 0).r,
                     texelFetch(warped_blue, pixel, 0).r, texelFetch(warped_alpha, pixel, 0).r);
  vec4 color = (texelFetch(drawn, pixel, 0) * 2.0 - 1.0) * fraction + warped * (1.0 - fraction);
  red = color.r;
  green = color.g;
  blue = color.b;
  alpha = color.a;
}
)";

const char* const kPlanesFragmentShader = R"(#version 330 core
uniform sampler2D drawn;
uniform sampler2D flow;
layout(location = 0) out float red;
layout(location = 1) out float green;
layout(location = 2) out float blue;
layout(location = 3) out float alpha;
layout(location = 4) out float flow_x;
layout(location = 5) out float flow_y;
void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec4 color = texelFetch(drawn, pixel, 0) * 2.0 - 1.0;
  red = color.r;
  green = color.g;
  blue = color.b;
  alpha = color.a;
  flow_x = texelFetch(flow, pixel, 0).x;
  flow_y = texelFetch(flow, pixel, 0).y;
}
)";

}  // namespace tha4
