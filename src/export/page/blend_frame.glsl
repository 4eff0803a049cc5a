#version 300 es
// A pixel of the frame: the picture, its face pasted in, where the flow leads, and what is drawn over it. show.glsl is
// behind this text.
precision highp float;
precision highp sampler2D;

uniform sampler2D image;  // premultiplied linear light in [0, 1]
uniform sampler2D flow;
uniform sampler2D drawn;
uniform sampler2D alpha;
uniform vec2 size;        // of the frame, in pixels
uniform bool is_screen;   // y upwards and colours premultiplied, or else as a file has them

out vec4 color;

vec4 shown(vec4 blended);

void main() {
  vec2 place = gl_FragCoord.xy / size;
  if (is_screen) place.y = 1.0 - place.y;
  float share = clamp(texture(alpha, place).x, 0.0, 1.0);
  vec4 warped = texture(image, place + texture(flow, place).xy * 0.5);
  color = shown((1.0 - share) * warped + 0.5 * (texture(drawn, place) + share));
}
