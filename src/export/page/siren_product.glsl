// A layer behind the first one. What stands before this text: GROUPS, the groups of four outputs that are drawn at a
// time, and INPUTS, the groups of four inputs.

uniform vec4 biases[GROUPS];
uniform sampler2DArray values;  // of the strip, a layer for each group
uniform ivec2 to_strip;         // from the pixels that are drawn to those of the strip
layout(std140) uniform Weights { vec4 weights[4 * INPUTS * GROUPS]; };  // [input][group of outputs]

void draw(out vec4 sums[GROUPS]) {
  ivec2 pixel = ivec2(gl_FragCoord.xy) + to_strip;
  for (int n = 0; n < GROUPS; ++n) sums[n] = biases[n];
  for (int group = 0; group < INPUTS; ++group) {
    vec4 value = texelFetch(values, ivec3(pixel, group), 0);
    for (int n = 0; n < GROUPS; ++n) {
      int at = 4 * group * GROUPS + n;
      sums[n] += value.x * weights[at] + value.y * weights[at + GROUPS] + value.z * weights[at + 2 * GROUPS] +
                 value.w * weights[at + 3 * GROUPS];
    }
  }
}
