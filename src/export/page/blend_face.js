// The blendshape face morpher: a mean image plus, region by region, the weighted sum of basis images.

import { BlendWeights } from "./blend_weights.js";
import { FACE_POSE_SIZE } from "./parameters.js";

export const FACE_SIZE = 128;
const AREA = FACE_SIZE * FACE_SIZE;

class Region {
  #kernel;
  #weights;
  #pixels;
  #bases;
  #steps;
  #integers;
  #scales;
  #sums;

  constructor(kernel, weights, prefix) {
    this.#kernel = kernel;
    this.#weights = new BlendWeights(kernel, weights, prefix + "weights.");
    this.#pixels = weights.numbers(prefix + "pixels");
    const { integers, steps, block } = weights.get(prefix + "basis");
    this.#bases = steps.length;
    this.#steps = steps;
    // The kernel takes multiples of 16 values.
    const count = (block + 15) & ~15;
    this.#integers = kernel.array(count * this.#bases, Int16Array);
    for (let i = 0; i < this.#bases; ++i) {
      this.#integers.view.set(integers.subarray(i * block, (i + 1) * block), i * count);
    }
    this.#scales = kernel.array(this.#bases);
    this.#sums = kernel.array(count);
  }

  /** Adds what the region shows to `face`, [128][128][4]. */
  add_to(face, pose) {
    const given = this.#weights.of(pose);
    const scales = this.#scales.view;
    for (let i = 0; i < this.#bases; ++i) scales[i] = given[i] * this.#steps[i];
    this.#sums.view.fill(0);
    this.#kernel.functions.sum_bases(this.#sums.at, this.#integers.at, this.#scales.at, this.#bases, this.#sums.length);
    const sums = this.#sums.view, count = this.#pixels.length;
    for (let i = 0; i < count; ++i) {
      const place = 4 * this.#pixels[i];
      for (let channel = 0; channel < 4; ++channel) face[place + channel] += sums[channel * count + i] / 2;
    }
  }
}

export class BlendFace {
  #mean = new Float32Array(4 * AREA);
  #regions = [];
  #drawn_for = null;

  constructor(kernel, weights) {
    const mean = weights.numbers("mean");
    for (let i = 0; i < AREA; ++i) {
      for (let channel = 0; channel < 4; ++channel) this.#mean[4 * i + channel] = mean[channel * AREA + i] / 2 + 0.5;
    }
    for (let i = 0; i < weights.count("regions.", ".basis"); ++i) {
      this.#regions.push(new Region(kernel, weights, `regions.${i}.`));
    }
    this.face = new Float32Array(4 * AREA);
  }

  /** Draws `face`, premultiplied linear light in [0, 1], [128][128][4]; false where it is that of the last pose. */
  draw(pose) {
    const key = Array.from(pose.subarray(0, FACE_POSE_SIZE)).join();
    if (key === this.#drawn_for) return false;
    this.#drawn_for = key;
    this.face.set(this.#mean);
    for (const region of this.#regions) region.add_to(this.face, pose);
    return true;
  }
}
