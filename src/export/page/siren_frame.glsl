#version 300 es
// A pixel of a SIREN's frame: the picture, its face pasted in, where the flow leads, mixed with what is drawn. show.glsl
// is behind this text.
precision highp float;
precision highp sampler2D;

uniform sampler2D image;   // premultiplied linear light in [0, 1]
uniform sampler2D first;   // of each pixel: flow, alpha, red
uniform sampler2D second;  // green, blue, alpha of the drawn colours, in [-1, 1] as red
uniform vec2 size;         // of the frame, in pixels
uniform bool is_screen;    // y upwards and colours premultiplied, or else as a file has them

out vec4 color;

vec4 shown(vec4 blended);

void main() {
  vec2 place = gl_FragCoord.xy / size;
  if (is_screen) place.y = 1.0 - place.y;
  ivec2 pixel = ivec2(place * size);
  vec4 moved = texelFetch(first, pixel, 0);
  vec4 direct = vec4(moved.w, texelFetch(second, pixel, 0).xyz) * 0.5 + 0.5;
  color = shown(mix(texture(image, place + moved.xy * 0.5), direct, moved.z));
}
