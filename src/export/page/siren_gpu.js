// A SIREN's levels on a GPU, by WebGPU.

import level_source from "./level.wgsl";
import { groups_of, needed_cells, needed_quads, posed_biases } from "./siren.js";

/** What every WebGPU implementation has of memory for a workgroup, in bytes. */
const WORKGROUP_BYTES = 16384;

/**
 * The types of weights and of values between layers. Sums are of float32 always, and so are the values of the level
 * that draws, whose rounding would be seen, and positions.
 */
const PRECISIONS = {
  f16: { weight: "f16", value: "f16", kept: "vec4<f16>(value)" },
  f32: { weight: "f32", value: "f32", kept: "value" },
  rounded: { weight: "f32", value: "f32", kept: "quantizeToF16(value)" },
};

function types_of(precision, is_last) {
  const { weight, value, kept } = PRECISIONS[precision];
  return `${precision === "f16" ? "enable f16;\n" : ""}alias Weight = ${weight};
alias Value = ${is_last ? "f32" : value};
fn kept(value: vec4<f32>) -> vec4<Value> { return ${is_last ? "value" : kept}; }`;
}

function buffer_of(device, values, usage) {
  const buffer = device.createBuffer({ size: Math.max(16, (values.byteLength + 3) & ~3), usage, mappedAtCreation: true });
  new values.constructor(buffer.getMappedRange(), 0, values.length).set(values);
  buffer.unmap();
  return buffer;
}

/** The layers behind the first one, in order; what they need of weights and biases, and where it begins. */
function layout_of({ first, layers, last }) {
  let weights_at = 0, biases_at = groups_of(first.width);
  const placed = [...layers, last].map((layer) => {
    const groups = groups_of(layer.outputs);
    const place = { layer, groups, inputs: layer.inputs, weights_at, biases_at };
    weights_at += layer.inputs * groups;
    biases_at += groups;
    return place;
  });
  return { placed, biases: biases_at };
}

/** Weights of layers one after the other, [input][group of outputs][4]. */
function weights_of(placed) {
  const first = placed[0]?.weights_at ?? 0;
  const values = new Float32Array(4 * placed.reduce((sum, { inputs, groups }) => sum + inputs * groups, 0));
  for (const { layer, groups, weights_at } of placed) {
    for (let output = 0; output < layer.outputs; ++output) {
      for (let input = 0; input < layer.inputs; ++input) {
        values[4 * (weights_at - first + input * groups + (output >> 2)) + (output & 3)] = layer.weights[output * layer.inputs + input];
      }
    }
  }
  return values;
}

function biases_of({ placed, biases }) {
  const values = new Float32Array(4 * biases);
  for (const { layer, biases_at } of placed) if (layer.biases) values.set(layer.biases, 4 * biases_at);
  return values;
}

function positions_of({ width, positions }) {
  const groups = groups_of(width);
  const values = new Float32Array(8 * groups);
  for (let i = 0; i < width; ++i) {
    values[i] = positions[2 * i];
    values[4 * groups + i] = positions[2 * i + 1];
  }
  return values;
}

/** The numbers that the halves `halves` stand for. */
function numbers_of(halves) {
  return Float32Array.from(halves, (half) => {
    const exponent = (half >> 10) & 31, mantissa = half & 1023;
    const size = exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15);
    return half & 0x8000 ? -size : size;
  });
}

/** 16-bit floats of `values`, as whole numbers. */
function halves_of(values) {
  const bits = new Uint32Array(new Float32Array(values).buffer);
  return Uint16Array.from(bits, (bit) => {
    const sign = (bit >>> 16) & 0x8000, exponent = ((bit >>> 23) & 255) - 112;
    const mantissa = (bit & 0x7fffff) | 0x800000;
    if (exponent >= 31) return sign | 0x7bff;
    const shift = exponent > 0 ? 13 : 14 - exponent;
    if (shift > 24) return sign;
    const rounded = (mantissa + (1 << (shift - 1)) - 1 + ((mantissa >>> shift) & 1)) >>> shift;
    return exponent > 0 ? sign | (((exponent << 10) + rounded - 0x400) & 0x7fff) : sign | rounded;
  });
}

function stored_weights(weights, precision) {
  if (precision === "f32") return weights;
  return precision === "f16" ? halves_of(weights) : numbers_of(halves_of(weights));
}

/** How a level is spread over workgroups. @param bytes  of a value that is kept */
function spread_of(level, layout, bytes) {
  const groups = Math.max(groups_of(level.first.width), ...layout.placed.slice(0, -1).map((layer) => layer.groups));
  const widest = Math.max(groups, layout.placed.at(-1).groups);
  const pairs = Math.ceil(widest / 2);
  let quads = 8;
  while (quads > 1 && (quads * 16 * groups * bytes > WORKGROUP_BYTES || quads * pairs > 256)) quads /= 2;
  return { quads, pairs, channels: 4 * groups };
}

function source_of(level, layout, spread, below, types) {
  const first = groups_of(level.first.width);
  const numbers = (layer) => `${layer.inputs}u, ${layer.groups}u, ${layer.weights_at}u, ${layer.biases_at}u`;
  const middle = layout.placed.slice(0, -1).map((layer) => `  middle_layer(thread, ${numbers(layer)});\n`).join("");
  const last = layout.placed.at(-1);
  return `${types}
const QUADS = ${spread.quads}u;
const PAIRS = ${spread.pairs}u;
const CHANNELS = ${spread.channels}u;
const SIZE = ${level.size}u;
const BELOW = ${below}u;
const LAST_BELOW = ${Math.max(below, 1) - 1}u;
${level_source}
fn layers(thread: u32, first_quad: u32) {
  first_layer(thread, first_quad, ${first}u);
${middle}  draw(first_quad, thread, ${last.groups}u, last_products(thread, ${last.inputs}u, ${last.groups}u, ${last.biases_at}u));
}
`;
}

class LevelOnGpu {
  #device;
  #level;
  #pipeline;
  #bindings;
  #biases;
  #posed;
  #workgroups;

  constructor(device, level, needed, below, precision) {
    this.#device = device;
    const is_last = level.last.biases !== null;
    this.#level = level;
    this.size = level.size;
    const layout = layout_of(level), spread = spread_of(level, layout, precision === "f16" && !is_last ? 2 : 4);
    this.groups = layout.placed.at(-1).groups;
    const code = source_of(level, layout, spread, below ? below.size : 0, types_of(precision, is_last));
    this.#pipeline = device.createComputePipeline({ layout: "auto",
      compute: { module: device.createShaderModule({ code }), entryPoint: "draw_level" } });
    const { STORAGE, COPY_DST, COPY_SRC } = GPUBufferUsage;
    const weights = stored_weights(weights_of(layout.placed.slice(0, -1)), precision);
    this.#posed = new Float32Array(4 * groups_of(level.first.width));
    this.#biases = buffer_of(device, biases_of(layout), STORAGE | COPY_DST);
    const quads = needed_quads(needed, level.size, spread.quads);
    this.#workgroups = quads.length / spread.quads;
    this.drawn = device.createBuffer({ size: 16 * this.groups * level.size ** 2, usage: STORAGE | COPY_DST | COPY_SRC });
    const buffers = [buffer_of(device, weights, STORAGE), this.#biases,
      buffer_of(device, positions_of(level.first), STORAGE), buffer_of(device, quads, STORAGE)];
    buffers.push(below ? below.drawn : buffers[2]);  // the first level has none below, and reads none
    buffers.push(buffer_of(device, weights_of(layout.placed.slice(-1)), STORAGE), this.drawn);
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    this.#bindings = device.createBindGroup({ layout: this.#pipeline.getBindGroupLayout(0), entries });
  }

  prepare(pose) {
    posed_biases(this.#level.first, pose, this.#posed);
    this.#device.queue.writeBuffer(this.#biases, 0, this.#posed);
  }

  encode(pass) {
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#bindings);
    pass.dispatchWorkgroups(this.#workgroups);
  }
}

export class SirenOnGpu {
  #levels = [];

  /** @param precision  a key of PRECISIONS */
  constructor(device, levels, is_empty, precision) {
    const needed = needed_cells(levels, is_empty);
    levels.forEach((level, i) => {
      this.#levels.push(new LevelOnGpu(device, level, needed[i], this.#levels[i - 1], precision));
    });
  }

  /** Of the last level: [size][size][groups] of four floats. */
  get drawn() {
    return this.#levels.at(-1).drawn;
  }

  prepare(pose) {
    for (const level of this.#levels) level.prepare(pose);
  }

  encode(pass) {
    for (const level of this.#levels) level.encode(pass);
  }
}
