// SIRENs by WebGL2, for browsers without WebGPU: a layer is some drawings of a strip of the level, each of up to four
// groups of four outputs, to layers of an array of textures.

import first_source from "./siren_first.glsl";
import product_source from "./siren_product.glsl";
import { Program, target_of_layers, texture_array } from "./gl.js";
import { groups_of, needed_cells, posed_biases } from "./siren.js";

/** Cells of a strip: what lies between layers takes that times the channels. */
const STRIP_CELLS = 16384;
/** What every WebGL2 has of memory for weights of one drawing, in bytes. */
const UNIFORM_BYTES = 16384;
const GROUPS_AT_A_TIME = 4;

function source_of(body, groups, has_sine, inputs = 0) {
  const range = Array.from({ length: groups }, (_, n) => n);
  return `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2DArray;
#define GROUPS ${groups}
#define INPUTS ${inputs}
${range.map((n) => `layout(location = ${n}) out vec4 drawn_${n};`).join("\n")}
${body}
// sin(2 pi turns) within 1e-6, whatever the GPU's own sine is worth.
vec4 sine(vec4 turns) {
  vec4 rest = turns - round(turns);
  vec4 x = mix(rest, sign(rest) * 0.5 - rest, greaterThan(abs(rest), vec4(0.25)));
  vec4 z = x * x;
  return x * (6.28318531 + z * (-41.3417022 + z * (81.6052493 + z * (-76.7058598 + z * (42.0586940 - z * 15.0946426)))));
}
void main() {
  vec4 sums[GROUPS];
  draw(sums);
${range.map((n) => `  drawn_${n} = ${has_sine ? `sine(sums[${n}])` : `sums[${n}]`};`).join("\n")}
}
`;
}

/** Programs by what they are made of: many layers share one. */
class Programs {
  #gl;
  #made = new Map();

  constructor(gl) {
    this.#gl = gl;
  }

  of(body, groups, has_sine, inputs) {
    const source = source_of(body, groups, has_sine, inputs);
    if (!this.#made.has(source)) this.#made.set(source, new Program(this.#gl, source));
    return this.#made.get(source);
  }
}

/** `count` groups in runs of at most `max`. */
function runs_of(count, max) {
  const runs = [];
  for (let first = 0; first < count; first += max) runs.push({ first, groups: Math.min(max, count - first) });
  return runs;
}

/** A product's drawings: its weights and biases for each run of outputs. */
class Layer {
  constructor(gl, programs, layer, has_sine) {
    this.groups = groups_of(layer.outputs);
    const inputs = groups_of(layer.inputs);
    const max = Math.max(1, Math.min(GROUPS_AT_A_TIME, Math.floor(UNIFORM_BYTES / (64 * inputs))));
    this.runs = runs_of(this.groups, max).map(({ first, groups }) => {
      const weights = new Float32Array(16 * inputs * groups), biases = new Float32Array(4 * groups);
      for (let output = 4 * first; output < Math.min(4 * (first + groups), layer.outputs); ++output) {
        const place = output - 4 * first;
        if (layer.biases) biases[place] = layer.biases[output];
        for (let input = 0; input < layer.inputs; ++input) {
          weights[4 * (input * groups + (place >> 2)) + (place & 3)] = layer.weights[output * layer.inputs + input];
        }
      }
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.UNIFORM_BUFFER, buffer);
      gl.bufferData(gl.UNIFORM_BUFFER, weights, gl.STATIC_DRAW);
      return { first, groups, buffer, biases, program: programs.of(product_source, groups, has_sine, inputs) };
    });
  }
}

/** The rows of a level in strips, and of each the columns that are needed. */
function strips_of(needed, size) {
  const rows = Math.max(1, Math.min(size, Math.floor(STRIP_CELLS / size)));
  const strips = [];
  for (let first = 0; first < size; first += rows) {
    let left = size, right = 0;
    for (let i = first * size; i < Math.min(first + rows, size) * size; ++i) {
      if (!needed[i]) continue;
      left = Math.min(left, i % size);
      right = Math.max(right, (i % size) + 1);
    }
    if (left < right) strips.push({ first, rows: Math.min(rows, size - first), left, width: right - left });
  }
  return { rows, strips };
}

class LevelInGl {
  #gl;
  #level;
  #first_runs;
  #positions;
  #biases;
  #layers;
  #last;
  #strips;
  #values;

  /**
   * @param output  {targets, x, y}: framebuffers for the runs of the last product, and where it begins in them; null: an
   * array of its own
   */
  constructor(gl, programs, level, needed, below, output) {
    this.#gl = gl;
    this.#level = level;
    this.below = below;
    this.size = level.size;
    const groups = groups_of(level.first.width);
    this.#first_runs = runs_of(groups, GROUPS_AT_A_TIME).map((run) => ({ ...run,
      program: programs.of(first_source, run.groups, true) }));
    this.#biases = new Float32Array(4 * groups);
    this.#positions = [0, 1].map((axis) => {
      const values = new Float32Array(4 * groups);
      for (let i = 0; i < level.first.width; ++i) values[i] = level.first.positions[2 * i + axis];
      return values;
    });
    this.#layers = level.layers.map((layer) => new Layer(gl, programs, layer, true));
    this.#last = new Layer(gl, programs, level.last, false);
    const { rows, strips } = strips_of(needed, level.size);
    this.#strips = strips;
    // What is sampled by the next level are arguments of sines, and needs its digits; so does what is shown.
    const widest = Math.max(groups, ...this.#layers.map((layer) => layer.groups));
    this.#values = [0, 1].map(() => texture_array(gl, level.size, rows, widest, output ? "RGBA32F" : "RGBA16F"));
    this.targets = new Map();
    this.output = output;
    if (!output) this.map = texture_array(gl, level.size, level.size, this.#last.groups, "RGBA32F");
  }

  draw(pose) {
    posed_biases(this.#level.first, pose, this.#biases);
    for (const strip of this.#strips) this.#draw_strip(strip);
  }

  #draw_strip(strip) {
    const { left, width, rows, first } = strip;
    let [from, to] = this.#values;
    for (const run of this.#first_runs) {
      const part = (values) => values.subarray(4 * run.first, 4 * (run.first + run.groups));
      run.program.draw_layers(this.#target(to, run), [left, 0, width, rows], { below: this.below?.map ?? from },
        { below_size: this.below?.size ?? 0, first_group: run.first, size: this.size, first_row: first },
        { biases: part(this.#biases), positions_x: part(this.#positions[0]), positions_y: part(this.#positions[1]) });
    }
    for (const layer of this.#layers) {
      [from, to] = [to, from];
      for (const run of layer.runs) {
        run.program.draw_layers(this.#target(to, run), [left, 0, width, rows], { values: from }, { to_strip: [0, 0] },
          { biases: run.biases }, run.buffer);
      }
    }
    this.#last.runs.forEach((run, i) => {
      const target = this.output ? this.output.targets[i] : this.#target(this.map, run);
      const { x = 0, y = 0 } = this.output ?? {};
      run.program.draw_layers(target, [x + left, y + first, width, rows], { values: to },
        { to_strip: [-x, -y - first] }, { biases: run.biases }, run.buffer);
    });
  }

  /** A framebuffer of the layers of `run` of an array. */
  #target(texture, { first, groups }) {
    if (!this.targets.has(texture)) this.targets.set(texture, new Map());
    const of_texture = this.targets.get(texture), key = `${first},${groups}`;
    if (!of_texture.has(key)) of_texture.set(key, target_of_layers(this.#gl, texture, first, groups));
    return of_texture.get(key);
  }
}

export class SirenInGl {
  #levels = [];

  /** @param output  as LevelInGl takes it, of the last level */
  constructor(gl, levels, is_empty, output) {
    const programs = new Programs(gl), needed = needed_cells(levels, is_empty);
    levels.forEach((level, i) => {
      this.#levels.push(new LevelInGl(gl, programs, level, needed[i], this.#levels[i - 1],
        i + 1 === levels.length ? output : null));
    });
  }

  draw(pose) {
    for (const level of this.#levels) level.draw(pose);
  }
}
