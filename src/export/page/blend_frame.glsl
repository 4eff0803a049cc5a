#version 300 es
// A pixel of the frame: the picture, its face pasted in, where the flow leads, and what is drawn over it. show.glsl is
// behind this text.
precision highp float;
precision highp sampler2D;

uniform sampler2D motion;  // from a pixel to where the other maps are sampled; a single cell of 0 where they stay
uniform sampler2D image;  // premultiplied linear light in [0, 1]
uniform sampler2D flow;
uniform sampler2D drawn;
uniform sampler2D alpha;
uniform vec2 size;        // of the frame, in pixels
uniform bool is_screen;   // y upwards and colours premultiplied, or else as a file has them

out vec4 color;

vec4 shown(vec4 blended);

/// Not as textures are sampled, whose fractions are too coarse for cells as large as these.
vec2 motion_at(vec2 place) {
  ivec2 last = textureSize(motion, 0) - 1;
  vec2 cell = clamp(place * vec2(last + 1) - 0.5, vec2(0.0), vec2(last));
  ivec2 lower = ivec2(cell), upper = min(lower + 1, last);
  vec2 fraction = cell - vec2(lower);
  vec2 above = mix(texelFetch(motion, lower, 0).xy, texelFetch(motion, ivec2(upper.x, lower.y), 0).xy, fraction.x);
  vec2 below = mix(texelFetch(motion, ivec2(lower.x, upper.y), 0).xy, texelFetch(motion, upper, 0).xy, fraction.x);
  return mix(above, below, fraction.y);
}

void main() {
  vec2 place = gl_FragCoord.xy / size;
  if (is_screen) place.y = 1.0 - place.y;
  place += motion_at(place) * 0.5;
  float fraction = clamp(texture(alpha, place).x, 0.0, 1.0);
  vec4 warped = texture(image, place + texture(flow, place).xy * 0.5);
  color = shown((1.0 - fraction) * warped + 0.5 * (texture(drawn, place) + fraction));
}
