// Few colours for many, by median cut.

const BITS = 5, BINS = 1 << 3 * BITS;

/** The bin of a colour: its highest bits. */
function bin_of(pixels, at) {
  return (pixels[at] >> 8 - BITS) << 2 * BITS | (pixels[at + 1] >> 8 - BITS) << BITS | pixels[at + 2] >> 8 - BITS;
}

/** The channel, as a shift, in which `bins` differ most, and how much. */
function widest(bins) {
  let widest = { shift: 0, range: -1 };
  for (const shift of [2 * BITS, BITS, 0]) {
    let min = Infinity, max = -1;
    for (const bin of bins) {
      const value = bin >> shift & (1 << BITS) - 1;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    if (max - min > widest.range) widest = { shift, range: max - min };
  }
  return widest;
}

function box_of(bins, counts) {
  const count = bins.reduce((sum, bin) => sum + counts[bin], 0);
  const { shift, range } = widest(bins);
  return { bins, shift, weight: range * count };
}

/** Two boxes with half of the pixels each, as nearly as bins allow. */
function halves_of({ bins, shift }, counts) {
  const mask = (1 << BITS) - 1;
  const sorted = [...bins].sort((a, b) => (a >> shift & mask) - (b >> shift & mask));
  const half = sorted.reduce((sum, bin) => sum + counts[bin], 0) / 2;
  let below = 0, middle = 0;
  while (middle < sorted.length - 1 && below < half) below += counts[sorted[middle++]];
  return [sorted.slice(0, middle), sorted.slice(middle)].map((part) => box_of(part, counts));
}

/**
 * `count` colours for the pixels of `pixels`, RGBA, that are seen; indices of all pixels, `count` for those that are not.
 * @return {colors, 3 bytes each, indices}
 */
export function indexed(pixels, count) {
  const counts = new Uint32Array(BINS), sums = new Float64Array(3 * BINS), indices = new Uint8Array(pixels.length / 4);
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at + 3] < 128) continue;
    const bin = bin_of(pixels, at);
    ++counts[bin];
    for (let channel = 0; channel < 3; ++channel) sums[3 * bin + channel] += pixels[at + channel];
  }
  const used = [];
  counts.forEach((number, bin) => { if (number > 0) used.push(bin); });
  const boxes = used.length > 0 ? [box_of(used, counts)] : [];
  while (boxes.length > 0 && boxes.length < count) {
    const largest = boxes.reduce((best, box, i) => (box.weight > boxes[best].weight ? i : best), 0);
    if (boxes[largest].weight === 0) break;
    boxes.splice(largest, 1, ...halves_of(boxes[largest], counts));
  }
  const colors = new Uint8Array(3 * count), index_of = new Uint8Array(BINS);
  boxes.forEach(({ bins }, index) => {
    const number = bins.reduce((sum, bin) => sum + counts[bin], 0);
    for (let channel = 0; channel < 3; ++channel) {
      colors[3 * index + channel] = Math.round(bins.reduce((sum, bin) => sum + sums[3 * bin + channel], 0) / number);
    }
    for (const bin of bins) index_of[bin] = index;
  });
  for (let at = 0; at < pixels.length; at += 4) indices[at / 4] = pixels[at + 3] < 128 ? count : index_of[bin_of(pixels, at)];
  return { colors, indices };
}
