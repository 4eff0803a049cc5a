#version 300 es
// A cell of the appearance: alpha, and alpha times the colours that are drawn.
precision highp float;
precision highp int;
precision highp isampler2D;
precision highp sampler2D;

uniform sampler2D mean;         // of the colours
uniform sampler2D mean_alpha;
uniform isampler2D bases;       // as in flow.glsl, of the colours
uniform isampler2D bases_alpha;
uniform isampler2D places;
uniform sampler2D scales;
uniform int side;
uniform int count;

layout(location = 0) out vec4 drawn;
layout(location = 1) out vec4 alpha;

void main() {
  ivec2 cell = ivec2(gl_FragCoord.xy);
  vec4 sum = texelFetch(mean, cell, 0);
  float sum_alpha = texelFetch(mean_alpha, cell, 0).x;
  int row = texelFetch(places, cell / side, 0).x;
  if (row >= 0) {
    ivec2 place = cell % side + ivec2(0, row * side);
    for (int base = 0; base < count; ++base, place.x += side) {
      float scale = texelFetch(scales, ivec2(base, row), 0).x;
      if (scale != 0.0) {
        sum += scale * vec4(texelFetch(bases, place, 0));
        sum_alpha += scale * float(texelFetch(bases_alpha, place, 0).x);
      }
    }
  }
  drawn = sum;
  alpha = vec4(sum_alpha, 0.0, 0.0, 0.0);
}
