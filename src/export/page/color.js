// Colours: sRGB of 8 bits with straight alpha in files, premultiplied linear light where they are mixed.

/** The linear light of an sRGB value in [0, 1]. */
export function linear_of(srgb) {
  return srgb <= 0.04045 ? srgb / 12.92 : ((srgb + 0.055) / 1.055) ** 2.4;
}

/** Premultiplied linear light in [0, 1], R, G, B, A of each of `pixels`. */
export function linear_image(pixels) {
  const levels = Float32Array.from({ length: 256 }, (_, level) => linear_of(level / 255));
  const image = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = pixels[i + 3] / 255;
    for (let channel = 0; channel < 3; ++channel) image[i + channel] = levels[pixels[i + channel]] * alpha;
    image[i + 3] = alpha;
  }
  return image;
}

const BINS = 4096;

/**
 * Tables that find the 8-bit level nearest to a linear value: `first`, the level at the start of each bin, and `next`,
 * where the level after each begins. No bin holds two steps.
 */
export function srgb_tables() {
  const next = Float32Array.from({ length: 256 }, (_, level) => (level < 255 ? linear_of((level + 0.5) / 255) : Infinity));
  const first = new Uint8Array(BINS + 1);
  for (let bin = 0, level = 0; bin <= BINS; ++bin) {
    while (next[level] <= bin / BINS) ++level;
    first[bin] = level;
  }
  return { next, first };
}
