
vec3 srgb_of(vec3 linear) {
  vec3 value = clamp(linear, 0.0, 1.0);
  return mix(1.055 * pow(value, vec3(1.0 / 2.4)) - 0.055, value * 12.92, lessThanEqual(value, vec3(0.0031308)));
}

// Premultiplied linear light to what the target takes.
vec4 shown(vec4 blended) {
  float opacity = min(blended.a, 1.0);
  if (!(opacity >= 0.5 / 255.0)) return vec4(0.0);
  vec3 srgb = srgb_of(blended.rgb / opacity);
  return vec4(is_screen ? srgb * opacity : srgb, opacity);
}
