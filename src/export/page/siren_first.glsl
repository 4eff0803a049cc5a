// The first layer of a level: positions, the pose's term (in the biases), and the level before. What stands before this
// text: GROUPS, the groups of four channels that are drawn at a time.

uniform vec4 biases[GROUPS];
uniform vec4 positions_x[GROUPS];
uniform vec4 positions_y[GROUPS];
uniform sampler2DArray below;  // of the level before, a layer for each group
uniform int below_size;        // 0: there is none
uniform int first_group;       // of those drawn
uniform int size;
uniform int first_row;         // of the strip

vec4 below_at(ivec2 corner, ivec2 next, vec2 fraction, int group) {
  vec4 upper = mix(texelFetch(below, ivec3(corner, group), 0), texelFetch(below, ivec3(next.x, corner.y, group), 0), fraction.x);
  vec4 lower = mix(texelFetch(below, ivec3(corner.x, next.y, group), 0), texelFetch(below, ivec3(next, group), 0), fraction.x);
  return mix(upper, lower, fraction.y);
}

void draw(out vec4 sums[GROUPS]) {
  vec2 pixel = floor(gl_FragCoord.xy) + vec2(0, first_row);
  vec2 place = (2.0 * pixel + 1.0) / float(size) - 1.0;
  for (int n = 0; n < GROUPS; ++n) sums[n] = biases[n] + positions_x[n] * place.x + positions_y[n] * place.y;
  if (below_size > 0) {
    vec2 at = clamp((pixel + 0.5) * float(below_size) / float(size) - 0.5, 0.0, float(below_size - 1));
    ivec2 corner = ivec2(at);
    ivec2 next = min(corner + 1, below_size - 1);
    for (int n = 0; n < GROUPS; ++n) sums[n] += below_at(corner, next, at - vec2(corner), first_group + n);
  }
}
