// A blendshape body on the processor, in WebAssembly.

import { BlendMap } from "./blend_map.js";

/** Draws a BlendMap's tiles into maps of four channels each in the kernel's memory. */
class MapOnProcessor {
  #kernel;
  #map;
  #means = [];
  #integers;
  #scales;
  #sums;

  constructor(kernel, map) {
    this.#kernel = kernel;
    this.#map = map;
    this.#integers = kernel.copy(map.integers);
    this.#scales = kernel.array(map.scales.length);
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
    this.#scales.view.set(map.scales);
    const values = this.#sums.length, cells = side * side;
    map.tiles.forEach((place, tile) => {
      const x = (place % map.across) * side, y = Math.floor(place / map.across) * side;
      this.#fill_mean(x, y);
      functions.sum_bases(this.#sums.at, this.#integers.at + 2 * tile * bases * values,
        this.#scales.at + 4 * tile * bases, bases, values);
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

/** Where the `count` cells of a fine axis lie between the `size` cells of a coarse one. */
function places_on(size, count) {
  return Array.from({ length: count }, (_, i) => {
    const at = Math.min(Math.max((i + 0.5) * size / count - 0.5, 0), size - 1), lower = Math.floor(at);
    return { lower, upper: Math.min(lower + 1, size - 1), fraction: at - lower };
  });
}

/** Puts the first two channels of a coarse map of four, `size` cells across, into a finer one, bilinearly. */
function spread(coarse, size, fine, places) {
  const row = new Float32Array(2 * size), count = places.length;
  places.forEach(({ lower, upper, fraction }, y) => {
    for (let x = 0; x < size; ++x) {
      const from = 4 * (lower * size + x), below = 4 * (upper * size + x);
      row[2 * x] = coarse[from] + (coarse[below] - coarse[from]) * fraction;
      row[2 * x + 1] = coarse[from + 1] + (coarse[below + 1] - coarse[from + 1]) * fraction;
    }
    for (let x = 0, to = 4 * y * count; x < count; ++x, to += 4) {
      const column = places[x], left = 2 * column.lower, right = 2 * column.upper;
      fine[to] = row[left] + (row[right] - row[left]) * column.fraction;
      fine[to + 1] = row[left + 1] + (row[right + 1] - row[left + 1]) * column.fraction;
    }
  });
}

export class BlendBodyOnProcessor {
  #kernel;
  #flow;
  #appearance;
  #motion = null;
  #motion_map;  // x, y
  #coarse;  // x, y of the flow, where its map is the coarser one
  #places;
  #moves;  // x, y of the flow; alpha
  #drawn;  // alpha times colours
  #row;

  constructor(kernel, weights) {
    this.#kernel = kernel;
    const flow = new BlendMap(kernel, weights, "flow"), appearance = new BlendMap(kernel, weights, "appearance");
    if (flow.size > appearance.size) throw new Error("this body's map of colours is coarser than its flow");
    this.size = appearance.size;
    this.#moves = kernel.array(4 * this.size ** 2);
    this.#drawn = kernel.array(4 * this.size ** 2);
    this.#row = kernel.array(8 * this.size);
    this.#flow = new MapOnProcessor(kernel, flow);
    this.#appearance = new MapOnProcessor(kernel, appearance);
    if (flow.size < this.size) {
      this.#coarse = kernel.array(4 * flow.size ** 2);
      this.#places = places_on(flow.size, this.size);
    }
    if (weights.has("motion.mean")) this.#add_motion(new BlendMap(kernel, weights, "motion"));
    this.flow_targets = [{ first: 0, channels: 2, target: this.#coarse ?? this.#moves, to: 0 }];
    this.appearance_targets = [{ first: 0, channels: 1, target: this.#moves, to: 2 },
      { first: 1, channels: 4, target: this.#drawn, to: 0 }];
    for (const { first, channels, target, to } of this.flow_targets) this.#flow.put_mean(first, channels, target, to);
    for (const { first, channels, target, to } of this.appearance_targets) {
      this.#appearance.put_mean(first, channels, target, to);
    }
  }

  #add_motion(map) {
    this.#motion = new MapOnProcessor(this.#kernel, map);
    this.#motion_map = this.#kernel.array(4 * map.size ** 2);
    this.motion_targets = [{ first: 0, channels: 2, target: this.#motion_map, to: 0 }];
    this.#motion.put_mean(0, 2, this.#motion_map, 0);
  }

  draw(pose) {
    this.#motion?.draw(pose, this.motion_targets);
    this.#flow.draw(pose, this.flow_targets);
    if (this.#coarse && !this.#motion) spread(this.#coarse.view, Math.sqrt(this.#coarse.length / 4), this.#moves.view, this.#places);
    this.#appearance.draw(pose, this.appearance_targets);
  }

  /** Straight RGBA from `image`, with the face pasted in. */
  finish(pixels, image, image_size, tables) {
    if (this.#motion) {
      const flow = this.#coarse ?? this.#moves, size = (map) => Math.sqrt(map.length / 4);
      this.#kernel.functions.moved_rows(pixels.at, image.at, this.#motion_map.at, size(this.#motion_map), flow.at,
        size(flow), this.#moves.at, this.#drawn.at, this.size, image_size, 0, image_size, tables.next.at, tables.first.at);
      return;
    }
    this.#kernel.functions.blend_rows(pixels.at, image.at, this.#moves.at, this.#drawn.at, this.size, image_size, 0,
      image_size, this.#row.at, tables.next.at, tables.first.at);
  }
}
