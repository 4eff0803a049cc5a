// One level of a SIREN. What stands before this text, written for the level: `QUADS`, the parts of four pixels that a
// workgroup draws; `PAIRS`, half of the most groups of four channels; `CHANNELS`, the most channels that are kept;
// `SIZE` and `BELOW`, the cells of a side of this level and of the one before (0: none), and `LAST_BELOW`, the last of
// those; the types `Weight` and `Value` of what is kept, and fn kept(), which makes a vector of values. Behind it: fn
// layers(), which calls what is here for each layer.

@group(0) @binding(0) var<storage, read> weights: array<vec4<Weight>>;  // layer by layer, [input][group of outputs]
@group(0) @binding(1) var<storage, read> biases: array<vec4<f32>>;      // layer by layer, [group]
@group(0) @binding(2) var<storage, read> positions: array<vec4<f32>>;   // [group] of x, then of y
@group(0) @binding(3) var<storage, read> quads: array<u32>;             // x | y << 16 of the first of four pixels
@group(0) @binding(4) var<storage, read> below: array<vec4<f32>>;       // [cell][group], of the level before
@group(0) @binding(5) var<storage, read> last: array<vec4<f32>>;        // the last product's, [input][group of outputs]
@group(0) @binding(6) var<storage, read_write> drawn: array<vec4<f32>>; // [cell][group]

var<workgroup> values: array<vec4<Value>, CHANNELS * QUADS>;            // [channel][quad], of four pixels

// Two groups of outputs, each output of four pixels.
struct Sums {
  a: mat4x4<f32>,
  b: mat4x4<f32>,
}

// sin(2 pi turns) within 1e-6, whatever the GPU's own sine is worth.
fn sine(turns: vec4<f32>) -> vec4<f32> {
  let rest = turns - round(turns);
  let x = select(rest, sign(rest) * 0.5 - rest, abs(rest) > vec4<f32>(0.25));
  let z = x * x;
  return x * (6.28318531 + z * (-41.3417022 + z * (81.6052493 + z * (-76.7058598 + z * (42.0586940 - z * 15.0946426)))));
}

fn keep(group: u32, quad: u32, sums: mat4x4<f32>, has_sine: bool) {
  for (var n = 0u; n < 4u; n++) {
    var value = sums[n];
    if (has_sine) { value = sine(value); }
    values[(4u * group + n) * QUADS + quad] = kept(value);
  }
}

fn keep_both(thread: u32, groups: u32, sums: Sums) {
  let quad = thread % QUADS;
  let group = 2u * (thread / QUADS);
  if (group < groups) { keep(group, quad, sums.a, true); }
  if (group + 1u < groups) { keep(group + 1u, quad, sums.b, true); }
}

fn rows_of(vector: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(vec4<f32>(vector.x), vec4<f32>(vector.y), vec4<f32>(vector.z), vec4<f32>(vector.w));
}

// Where a pixel lies between cells of the level before: cell, the next one, fraction of that.
struct Place {
  cell: u32,
  next: u32,
  fraction: f32,
}

fn place_of(pixel: u32) -> Place {
  let at = clamp((f32(pixel) + 0.5) * f32(BELOW) / f32(SIZE) - 0.5, 0.0, f32(LAST_BELOW));
  let cell = u32(at);
  return Place(cell, min(cell + 1u, LAST_BELOW), at - f32(cell));
}

fn sampled(x: Place, y: Place, group: u32, groups: u32) -> vec4<f32> {
  let upper = mix(below[(y.cell * BELOW + x.cell) * groups + group], below[(y.cell * BELOW + x.next) * groups + group], x.fraction);
  let lower = mix(below[(y.next * BELOW + x.cell) * groups + group], below[(y.next * BELOW + x.next) * groups + group], x.fraction);
  return mix(upper, lower, y.fraction);
}

// The first layer: positions, the pose's term (in the biases), and the level before.
fn first_sums(quad: u32, group: u32, groups: u32) -> mat4x4<f32> {
  let corner = quads[quad];
  let row = corner >> 16u;
  let y = (2.0 * f32(row) + 1.0) / f32(SIZE) - 1.0;
  let fixed = biases[group] + positions[groups + group] * y;
  var by_pixel: mat4x4<f32>;
  for (var i = 0u; i < 4u; i++) {
    let column = (corner & 0xffffu) + i;
    let x = (2.0 * f32(column) + 1.0) / f32(SIZE) - 1.0;
    by_pixel[i] = fixed + positions[group] * x;
    if (BELOW > 0u) { by_pixel[i] += sampled(place_of(column), place_of(row), group, groups); }
  }
  return transpose(by_pixel);
}

fn first_layer(thread: u32, first_quad: u32, groups: u32) {
  let quad = thread % QUADS;
  for (var group = thread / QUADS; group < groups; group += PAIRS) {
    keep(group, quad, first_sums(first_quad + quad, group, groups), true);
  }
  workgroupBarrier();
}

fn with_product(sum: mat4x4<f32>, weights_of: vec4<f32>, value: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(sum[0] + weights_of.x * value, sum[1] + weights_of.y * value, sum[2] + weights_of.z * value,
                     sum[3] + weights_of.w * value);
}

fn products(thread: u32, inputs: u32, groups: u32, weights_at: u32, biases_at: u32) -> Sums {
  let quad = thread % QUADS;
  let group = 2u * (thread / QUADS);
  var sums: Sums;
  if (group >= groups) { return sums; }
  let other = min(group + 1u, groups - 1u);
  sums.a = rows_of(biases[biases_at + group]);
  sums.b = rows_of(biases[biases_at + other]);
  for (var input = 0u; input < inputs; input++) {
    let value = vec4<f32>(values[input * QUADS + quad]);
    let row = weights_at + input * groups;
    sums.a = with_product(sums.a, vec4<f32>(weights[row + group]), value);
    sums.b = with_product(sums.b, vec4<f32>(weights[row + other]), value);
  }
  return sums;
}

// The last product, whose weights have all their digits: flow is a fraction of the frame, and a thousandth of it is seen.
fn last_products(thread: u32, inputs: u32, groups: u32, biases_at: u32) -> Sums {
  let quad = thread % QUADS;
  let group = 2u * (thread / QUADS);
  var sums: Sums;
  if (group >= groups) { return sums; }
  let other = min(group + 1u, groups - 1u);
  sums.a = rows_of(biases[biases_at + group]);
  sums.b = rows_of(biases[biases_at + other]);
  for (var input = 0u; input < inputs; input++) {
    let value = vec4<f32>(values[input * QUADS + quad]);
    sums.a = with_product(sums.a, last[input * groups + group], value);
    sums.b = with_product(sums.b, last[input * groups + other], value);
  }
  return sums;
}

// A layer between the first and the last product; its values take the place of those before.
fn middle_layer(thread: u32, inputs: u32, groups: u32, weights_at: u32, biases_at: u32) {
  let sums = products(thread, inputs, groups, weights_at, biases_at);
  workgroupBarrier();
  keep_both(thread, groups, sums);
  workgroupBarrier();
}

fn draw(first_quad: u32, thread: u32, groups: u32, sums: Sums) {
  let quad = thread % QUADS;
  let group = 2u * (thread / QUADS);
  if (group >= groups) { return; }
  let corner = quads[first_quad + quad];
  let cell = (corner >> 16u) * SIZE + (corner & 0xffffu);
  let a = transpose(sums.a);
  let b = transpose(sums.b);
  for (var i = 0u; i < 4u; i++) {
    drawn[(cell + i) * groups + group] = a[i];
    if (group + 1u < groups) { drawn[(cell + i) * groups + group + 1u] = b[i]; }
  }
}

@compute @workgroup_size(QUADS * PAIRS)
fn draw_level(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let first_quad = workgroup.x * QUADS;
  layers(thread, first_quad);
}
