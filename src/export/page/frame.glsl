#version 300 es
// A pixel of the frame: the picture, its face pasted in, where the flow leads, and what is drawn over it.
precision highp float;
precision highp sampler2D;

uniform sampler2D image;  // premultiplied linear light in [0, 1]
uniform sampler2D flow;
uniform sampler2D drawn;
uniform sampler2D alpha;
uniform vec2 size;        // of the frame, in pixels
uniform bool is_screen;   // y upwards and colours premultiplied, or else as a file has them

out vec4 color;

vec3 srgb_of(vec3 linear) {
  vec3 value = clamp(linear, 0.0, 1.0);
  return mix(1.055 * pow(value, vec3(1.0 / 2.4)) - 0.055, value * 12.92, lessThanEqual(value, vec3(0.0031308)));
}

void main() {
  vec2 place = gl_FragCoord.xy / size;
  if (is_screen) place.y = 1.0 - place.y;
  float share = clamp(texture(alpha, place).x, 0.0, 1.0);
  vec4 warped = texture(image, place + texture(flow, place).xy * 0.5);
  vec4 blended = (1.0 - share) * warped + 0.5 * (texture(drawn, place) + share);
  float opacity = min(blended.a, 1.0);
  if (!(opacity >= 0.5 / 255.0)) {
    color = vec4(0.0);
    return;
  }
  vec3 srgb = srgb_of(blended.rgb / opacity);
  color = vec4(is_screen ? srgb * opacity : srgb, opacity);
}
