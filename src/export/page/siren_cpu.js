// SIRENs on the processor, in WebAssembly: 16 pixels at a time go through all layers of a level.

import { FACE_PLACE } from "./character.js";
import { FACE_POSE_SIZE } from "./parameters.js";
import { body_levels, face_levels, groups_of, needed_cells, needed_quads, posed_biases } from "./siren.js";

const TILE = 16;

/** Weights [outputs / 4][inputs][4], as the kernel takes them. */
function grouped({ weights, inputs, outputs }) {
  const result = new Float32Array(groups_of(outputs) * inputs * 4);
  for (let output = 0; output < outputs; ++output) {
    for (let input = 0; input < inputs; ++input) {
      result[((output >> 2) * inputs + input) * 4 + (output & 3)] = weights[output * inputs + input];
    }
  }
  return result;
}

function layer_in_kernel(kernel, layer, has_sine) {
  const outputs = 4 * groups_of(layer.outputs);
  const biases = kernel.array(outputs);
  if (layer.biases) biases.view.set(layer.biases);
  return { inputs: layer.inputs, outputs, weights: kernel.copy(grouped(layer)), biases, has_sine };
}

class LevelOnProcessor {
  #kernel;
  #level;
  #width;
  #positions;
  #biases;
  #layers;
  #places;
  #tiles;
  #values;

  constructor(kernel, level, needed, below) {
    this.#kernel = kernel;
    this.#level = level;
    this.below = below;
    const { width, positions } = level.first;
    this.#width = 4 * groups_of(width);
    this.#positions = kernel.array(2 * this.#width);
    for (let i = 0; i < width; ++i) {
      this.#positions.view[i] = positions[2 * i];
      this.#positions.view[this.#width + i] = positions[2 * i + 1];
    }
    this.#biases = kernel.array(this.#width);
    this.#layers = [...level.layers.map((layer) => layer_in_kernel(kernel, layer, 1)),
      layer_in_kernel(kernel, level.last, 0)];
    const quads = needed_quads(needed, level.size, TILE / 4);
    this.#tiles = quads.length / (TILE / 4);
    const places = new Int32Array(quads.length * 8);
    quads.forEach((quad, i) => {
      for (let pixel = 0; pixel < 4; ++pixel) places.set([(quad & 0xffff) + pixel, quad >>> 16], 8 * i + 2 * pixel);
    });
    this.#places = kernel.copy(places);
    const max = Math.max(this.#width, ...this.#layers.map(({ outputs }) => outputs));
    this.#values = [kernel.array(max * TILE), kernel.array(max * TILE)];
    this.channels = this.#layers.at(-1).outputs;
    this.size = level.size;
    this.map = kernel.array(this.size ** 2 * this.channels);
  }

  draw(pose) {
    const { functions } = this.#kernel;
    posed_biases(this.#level.first, pose, this.#biases.view);
    for (let tile = 0; tile < this.#tiles; ++tile) {
      let [from, to] = this.#values;
      const places = this.#places.at + 4 * tile * TILE * 2;
      functions.siren_first_layer(from.at, places, this.size, this.#positions.at, this.#biases.at, this.#width,
        this.below ? this.below.map.at : 0, this.below ? this.below.size : 1);
      for (const { inputs, outputs, weights, biases, has_sine } of this.#layers) {
        functions.siren_layer(to.at, from.at, weights.at, biases.at, inputs, outputs, has_sine);
        [from, to] = [to, from];
      }
      functions.put_pixels(this.map.at, from.at, places, this.channels, this.size);
    }
  }
}

function levels_on_processor(kernel, levels, is_empty) {
  const needed = needed_cells(levels, is_empty);
  const result = [];
  levels.forEach((level, i) => result.push(new LevelOnProcessor(kernel, level, needed[i], result[i - 1])));
  return result;
}

/** A SIREN face morpher: see face_on_processor(). */
export class SirenFace {
  #level;
  #drawn_for = null;

  constructor(kernel, weights) {
    [this.#level] = levels_on_processor(kernel, face_levels(weights, FACE_PLACE.size), () => false);
    this.face = new Float32Array(4 * FACE_PLACE.size ** 2);
  }

  draw(pose) {
    const key = Array.from(pose.subarray(0, FACE_POSE_SIZE)).join();
    if (key === this.#drawn_for) return false;
    this.#drawn_for = key;
    this.#level.draw(pose);
    const drawn = this.#level.map.view;
    for (let i = 0; i < drawn.length; ++i) this.face[i] = drawn[i] / 2 + 0.5;
    return true;
  }
}

export class SirenBodyOnProcessor {
  #kernel;
  #levels;

  /** @param size  of the last level: a frame of 512 is sampled from it */
  constructor(kernel, weights, is_empty, size) {
    this.#kernel = kernel;
    const levels = body_levels(weights, 512);
    levels.at(-1).size = size;
    this.#levels = levels_on_processor(kernel, levels, is_empty);
    // What is never drawn is transparent: alpha is 1 there, and the colours drawn are the least there are.
    const { view } = this.#levels.at(-1).map;
    for (let i = 0; i < view.length; i += 8) view.set([0, 0, 1, -1, -1, -1, -1, 0], i);
  }

  draw(pose) {
    for (const level of this.#levels) level.draw(pose);
  }

  finish(pixels, image, image_size, tables) {
    const { map, size } = this.#levels.at(-1);
    this.#kernel.functions.siren_rows(pixels.at, image.at, map.at, size, image_size, 0, image_size, tables.next.at,
      tables.first.at);
  }
}
