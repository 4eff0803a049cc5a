#version 300 es
// A cell of the flow: the mean and the weighted sum of its tile's bases.
precision highp float;
precision highp int;
precision highp isampler2D;
precision highp sampler2D;

uniform sampler2D mean;
uniform isampler2D bases;   // a row of tiles for each tile that has a basis, one for each base
uniform isampler2D places;  // for each tile of the map: its row there, or -1
uniform sampler2D scales;   // for each row: what 1 of each base counts
uniform int side;
uniform int count;

out vec4 flow;

void main() {
  ivec2 cell = ivec2(gl_FragCoord.xy);
  vec2 sum = texelFetch(mean, cell, 0).xy;
  int row = texelFetch(places, cell / side, 0).x;
  if (row >= 0) {
    ivec2 place = cell % side + ivec2(0, row * side);
    for (int base = 0; base < count; ++base, place.x += side) {
      float scale = texelFetch(scales, ivec2(base, row), 0).x;
      if (scale != 0.0) sum += scale * vec2(texelFetch(bases, place, 0).xy);
    }
  }
  flow = vec4(sum, 0.0, 0.0);
}
