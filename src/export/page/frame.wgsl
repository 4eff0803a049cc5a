// A pixel of the frame of a SIREN: the picture, its face pasted in, where the flow leads, and what is drawn over it.

const SIZE = 512;
const FACE = vec2<i32>(192, 80);
const FACE_SIZE = 128;

override is_screen: bool;  // colours premultiplied, or else as a file has them

@group(0) @binding(0) var<storage, read> image: array<vec4<f32>>;  // premultiplied linear light in [-1, 1]
@group(0) @binding(1) var<storage, read> face: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> body: array<vec4<f32>>;   // of each pixel: flow, alpha, direct

@vertex
fn whole(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
  return vec4<f32>(select(-1.0, 3.0, index == 1u), select(-1.0, 3.0, index == 2u), 0.0, 1.0);
}

fn pixel_at(place: vec2<i32>) -> vec4<f32> {
  let in_face = place - FACE;
  if (all(in_face >= vec2<i32>(0)) && all(in_face < vec2<i32>(FACE_SIZE))) {
    return face[in_face.y * FACE_SIZE + in_face.x];
  }
  return image[place.y * SIZE + place.x];
}

fn sampled(place: vec2<f32>) -> vec4<f32> {
  let inside = clamp(place, vec2<f32>(0.0), vec2<f32>(f32(SIZE) - 1.0));
  let corner = vec2<i32>(inside);
  let next = min(corner + 1, vec2<i32>(SIZE - 1));
  let fraction = inside - vec2<f32>(corner);
  let upper = mix(pixel_at(corner), pixel_at(vec2<i32>(next.x, corner.y)), fraction.x);
  let lower = mix(pixel_at(vec2<i32>(corner.x, next.y)), pixel_at(next), fraction.x);
  return mix(upper, lower, fraction.y);
}

fn srgb_of(linear: vec3<f32>) -> vec3<f32> {
  let value = clamp(linear, vec3<f32>(0.0), vec3<f32>(1.0));
  let curve = 1.055 * pow(value, vec3<f32>(1.0 / 2.4)) - 0.055;
  return select(curve, value * 12.92, value <= vec3<f32>(0.0031308));
}

@fragment
fn pixel(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
  let place = vec2<i32>(position.xy);
  let index = 2 * (place.y * SIZE + place.x);
  let first = body[index];
  let direct = vec4<f32>(first.w, body[index + 1].xyz);
  let warped = sampled(vec2<f32>(place) + first.xy * f32(SIZE / 2));
  let blended = 0.5 * mix(warped, direct, first.z) + 0.5;
  let opacity = min(blended.a, 1.0);
  if (!(opacity >= 0.5 / 255.0)) { return vec4<f32>(0.0); }
  let srgb = srgb_of(blended.rgb / opacity);
  return vec4<f32>(select(srgb, srgb * opacity, is_screen), opacity);
}
