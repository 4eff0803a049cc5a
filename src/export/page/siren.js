// A SIREN's levels, as all that play them take them: each a first layer of position and pose (and of what the level
// before gives), sine layers, and at last a product without a sine. Factors are such that a layer gives the argument
// of its sine in turns.

import { POSE_SIZE, FACE_POSE_SIZE } from "./parameters.js";

const FREQUENCY = 30;
const TURNS = FREQUENCY / (2 * Math.PI);

/** Channels come in groups of four; those too many have weights of 0. */
export function groups_of(channels) {
  return (channels + 3) >> 2;
}

/** Columns `first` to `first + count` of a matrix [outputs][inputs], times `factor`. */
function columns_of({ values, inputs, outputs }, first, count, factor) {
  const result = new Float32Array(outputs * count);
  for (let row = 0; row < outputs; ++row) {
    for (let column = 0; column < count; ++column) {
      result[row * count + column] = values[row * inputs + first + column] * factor;
    }
  }
  return result;
}

function matrix(weights, name) {
  const [outputs, inputs] = weights.shape(name);
  return { values: weights.numbers(name), outputs, inputs };
}

function biases(weights, name, factor) {
  return weights.numbers(name).map((bias) => bias * factor);
}

/** A layer behind the first: {inputs, outputs, weights [outputs][inputs], biases or null}. */
function layer_of(weights, name, factor) {
  const { outputs, inputs, values } = matrix(weights, name + ".weight");
  return { inputs, outputs, weights: values.map((value) => value * factor), biases: biases(weights, name + ".bias", factor) };
}

/**
 * @param features  inputs before x, y and the pose
 * @return {width, positions [width][2], pose [width][pose size], biases [width]}
 */
function first_layer_of(weights, name, features, pose_size) {
  const whole = matrix(weights, name + ".weight");
  return {
    width: whole.outputs, pose_size,
    positions: columns_of(whole, features, 2, TURNS),
    pose: columns_of(whole, features + 2, pose_size, TURNS),
    biases: biases(weights, name + ".bias", TURNS),
  };
}

/** The face morpher: one level, [{size, first, layers, last}]. */
export function face_levels(weights, size) {
  const count = weights.count("siren.sine_layers.", ".linear.weight");
  const name = (i) => `siren.sine_layers.${i}.linear`;
  const layers = [];
  for (let i = 1; i < count; ++i) layers.push(layer_of(weights, name(i), TURNS));
  return [{ size, first: first_layer_of(weights, name(0), 0, FACE_POSE_SIZE), layers,
    last: layer_of(weights, "siren.last_linear", 1) }];
}

/** The body rotator: levels of growing size, the last one of `size`. */
export function body_levels(weights, size) {
  const count = weights.count("siren_layers.", ".0.linear.weight");
  const levels = [];
  for (let level = 0; level < count; ++level) {
    const name = (i) => `siren_layers.${level}.${i}.linear`;
    const depth = weights.count(`siren_layers.${level}.`, ".linear.weight");
    const features = weights.shape(name(0) + ".weight")[1] - 2 - POSE_SIZE;
    const layers = [];
    for (let i = 1; i < depth; ++i) layers.push(layer_of(weights, name(i), TURNS));
    levels.push({ size: size >> (count - 1 - level), first: first_layer_of(weights, name(0), features, POSE_SIZE),
      layers, last: level + 1 < count ? product_for_next(weights, level + 1) : layer_of(weights, "last_linear", 1) });
  }
  return levels;
}

/** The next level's first layer and bilinear sampling commute, and the layer costs less on the coarser map. */
function product_for_next(weights, level) {
  const whole = matrix(weights, `siren_layers.${level}.0.linear.weight`);
  const features = whole.inputs - 2 - POSE_SIZE;
  return { inputs: features, outputs: whole.outputs, weights: columns_of(whole, 0, features, TURNS), biases: null };
}

/** The first layer's biases with what `pose` adds, into `result`, of at least the layer's width. */
export function posed_biases({ width, pose_size, pose: weights, biases }, pose, result) {
  for (let row = 0; row < width; ++row) {
    let sum = biases[row];
    for (let i = 0; i < pose_size; ++i) sum += weights[row * pose_size + i] * pose[i];
    // Whole turns are nothing to a sine, and cost digits.
    result[row] = sum - Math.round(sum);
  }
}

/**
 * Which cells of each level are needed, of a character whose frame is empty where `is_empty(x, y, size)`: those that
 * draw something, and those that finer levels sample. A Uint8Array of size * size for each level.
 */
export function needed_cells(levels, is_empty) {
  const needed = levels.map(({ size }) => new Uint8Array(size * size));
  const finest = levels.length - 1, last = levels[finest].size;
  for (let y = 0; y < last; ++y) {
    for (let x = 0; x < last; ++x) needed[finest][y * last + x] = is_empty((x * 512) / last, (y * 512) / last, 512 / last) ? 0 : 1;
  }
  for (let level = finest; level > 0; --level) {
    const { size } = levels[level], below = levels[level - 1].size;
    for (let y = 0; y < size; ++y) {
      for (let x = 0; x < size; ++x) if (needed[level][y * size + x]) mark_sampled(needed[level - 1], below, x, y, size);
    }
  }
  return needed;
}

function mark_sampled(needed, below, x, y, size) {
  const cell = (i) => Math.max(Math.floor(((i + 0.5) * below) / size - 0.5), 0);
  const column = cell(x), row = cell(y);
  for (const r of [row, Math.min(row + 1, below - 1)]) {
    for (const c of [column, Math.min(column + 1, below - 1)]) needed[r * below + c] = 1;
  }
}

/** Parts of four cells of a row of which one is needed, as x | y << 16; the last one is repeated up to a multiple of `unit`. */
export function needed_quads(needed, size, unit) {
  const quads = [];
  for (let y = 0; y < size; ++y) {
    for (let x = 0; x < size; x += 4) {
      const at = y * size + x;
      if (needed[at] || needed[at + 1] || needed[at + 2] || needed[at + 3]) quads.push(x | (y << 16));
    }
  }
  if (quads.length === 0) quads.push(0);
  while (quads.length % unit !== 0) quads.push(quads.at(-1));
  return Uint32Array.from(quads);
}
