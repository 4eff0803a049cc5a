// A map over the whole frame: a mean plus, tile by tile, the weighted sum of the tile's own basis.

import { BlendWeights } from "./blend_weights.js";

export class BlendMap {
  #weights;

  /** @param name  "flow", "appearance" or "motion" */
  constructor(kernel, weights, name) {
    this.#weights = new BlendWeights(kernel, weights, `${name}.weights.`);
    const mean = weights.get(`${name}.mean`);
    [this.channels, this.size] = mean.shape;
    this.mean = weights.numbers(`${name}.mean`);
    this.tiles = weights.numbers(`${name}.tiles`);
    const { shape, integers, steps } = weights.get(`${name}.basis`);
    this.bases = shape[1];
    this.side = Math.round(Math.sqrt(shape[2] / this.channels));
    this.across = this.size / this.side;
    this.integers = integers;
    this.steps = steps;
    this.scales = new Float32Array(steps.length);
  }

  /** What 1 of each basis's integers counts in `pose`, into `scales`, [tiles][bases]. */
  weigh(pose) {
    const given = this.#weights.of(pose);
    for (let i = 0; i < given.length; ++i) this.scales[i] = given[i] * this.steps[i];
  }
}
