// A blendshape body on the processor, in WebAssembly.

import { BlendMap } from "./blend_map.js";

/** Draws a BlendMap's tiles into maps of four channels each in the kernel's memory. */
class MapOnProcessor {
  #kernel;
  #map;
  #means = [];
  #integers;
  #shares;
  #sums;

  constructor(kernel, map) {
    this.#kernel = kernel;
    this.#map = map;
    this.#integers = kernel.copy(map.integers);
    this.#shares = kernel.array(map.shares.length);
    this.#sums = kernel.array(map.channels * map.side ** 2);
  }

  /** Puts the mean of `channels` channels from `first` on into `target`, from its channel `to` on. */
  put_mean(first, channels, target, to) {
    const { size, mean } = this.#map;
    const values = target.view;
    for (let channel = 0; channel < channels; ++channel) {
      for (let i = 0; i < size * size; ++i) values[4 * i + to + channel] = mean[(first + channel) * size * size + i];
    }
  }

  /** @param targets  [{first, channels, target, to}], as put_mean() takes them */
  draw(pose, targets) {
    const map = this.#map, { side, size, bases } = map, { functions } = this.#kernel;
    map.weigh(pose);
    this.#shares.view.set(map.shares);
    const values = this.#sums.length, cells = side * side;
    map.tiles.forEach((place, tile) => {
      const x = (place % map.across) * side, y = Math.floor(place / map.across) * side;
      this.#fill_mean(x, y);
      functions.sum_bases(this.#sums.at, this.#integers.at + 2 * tile * bases * values,
        this.#shares.at + 4 * tile * bases, bases, values);
      for (const { first, channels, target, to } of targets) {
        functions.put_tile(target.at + 4 * (4 * (y * size + x) + to), this.#sums.at + 4 * first * cells, channels,
          side, size);
      }
    });
  }

  #fill_mean(x, y) {
    const { side, size, mean, channels } = this.#map, sums = this.#sums.view;
    for (let channel = 0, to = 0; channel < channels; ++channel) {
      for (let row = y; row < y + side; ++row, to += side) {
        const from = (channel * size + row) * size + x;
        sums.set(mean.subarray(from, from + side), to);
      }
    }
  }
}

export class BlendBodyOnProcessor {
  #kernel;
  #flow;
  #appearance;
  #moves;  // x, y of the flow; alpha
  #drawn;  // alpha times colours
  #row;

  constructor(kernel, weights) {
    this.#kernel = kernel;
    const flow = new BlendMap(kernel, weights, "flow"), appearance = new BlendMap(kernel, weights, "appearance");
    if (flow.size !== appearance.size) throw new Error("the two maps of this body differ in size");
    this.size = flow.size;
    this.#moves = kernel.array(4 * this.size ** 2);
    this.#drawn = kernel.array(4 * this.size ** 2);
    this.#row = kernel.array(8 * this.size);
    this.#flow = new MapOnProcessor(kernel, flow);
    this.#appearance = new MapOnProcessor(kernel, appearance);
    this.flow_targets = [{ first: 0, channels: 2, target: this.#moves, to: 0 }];
    this.appearance_targets = [{ first: 0, channels: 1, target: this.#moves, to: 2 },
      { first: 1, channels: 4, target: this.#drawn, to: 0 }];
    for (const { first, channels, target, to } of this.flow_targets) this.#flow.put_mean(first, channels, target, to);
    for (const { first, channels, target, to } of this.appearance_targets) {
      this.#appearance.put_mean(first, channels, target, to);
    }
  }

  draw(pose) {
    this.#flow.draw(pose, this.flow_targets);
    this.#appearance.draw(pose, this.appearance_targets);
  }

  /** Straight RGBA from `image`, with the face pasted in. */
  finish(pixels, image, image_size, tables) {
    this.#kernel.functions.blend_rows(pixels.at, image.at, this.#moves.at, this.#drawn.at, this.size, image_size, 0,
      image_size, this.#row.at, tables.next.at, tables.first.at);
  }
}
