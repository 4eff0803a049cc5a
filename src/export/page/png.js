// PNG files of 8 bits R, G, B and straight alpha. A canvas would keep colours multiplied by alpha, and lose by it.

import { deflated, inflated } from "./bytes.js";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const COLOR_TYPE_RGBA = 6;

function* chunks_of(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    yield { name, data: bytes.subarray(at + 8, at + 8 + length), begin: at + 8 };
    at += length + 12;
  }
}

function paeth(a, b, c) {
  const to_a = Math.abs(b - c), to_b = Math.abs(a - c), to_c = Math.abs(a + b - 2 * c);
  return to_a <= to_b && to_a <= to_c ? a : to_b <= to_c ? b : c;
}

/** Takes the filters off `rows`, each a byte that names its filter and `width` pixels. */
function unfiltered(rows, width, height) {
  const stride = 4 * width;
  const pixels = new Uint8ClampedArray(stride * height);
  for (let y = 0; y < height; ++y) {
    const filter = rows[y * (stride + 1)];
    const from = y * (stride + 1) + 1, to = y * stride;
    for (let i = 0; i < stride; ++i) {
      const a = i >= 4 ? pixels[to + i - 4] : 0;
      const b = y > 0 ? pixels[to + i - stride] : 0;
      const c = i >= 4 && y > 0 ? pixels[to + i - stride - 4] : 0;
      const predicted = [0, a, b, (a + b) >> 1, filter === 4 ? paeth(a, b, c) : 0][filter];
      pixels[to + i] = (rows[from + i] + predicted) & 255;
    }
  }
  return pixels;
}

/** Reads a PNG of R, G, B, A as the exporter writes it: {width, height, pixels}. */
export async function read_png(bytes) {
  const parts = [];
  let header = null;
  for (const chunk of chunks_of(bytes)) {
    if (chunk.name === "IHDR") header = chunk.data;
    if (chunk.name === "IDAT") parts.push(chunk.data);
  }
  const view = new DataView(header.buffer, header.byteOffset);
  const width = view.getUint32(0), height = view.getUint32(4);
  if (header[8] !== 8 || header[9] !== COLOR_TYPE_RGBA || header[12] !== 0) throw new Error("a PNG of another kind");
  const stream = new Uint8Array(await new Blob(parts).arrayBuffer());
  return { width, height, pixels: unfiltered(await inflated(stream), width, height) };
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; ++bit) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

function chunk_of(name, data) {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; ++i) bytes[4 + i] = name.charCodeAt(i);
  bytes.set(data, 8);
  let crc = ~0;
  for (let i = 4; i < data.length + 8; ++i) crc = CRC_TABLE[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  view.setUint32(data.length + 8, ~crc);
  return bytes;
}

/** A PNG file of straight RGBA `pixels`, as a Blob. */
export async function png_of({ width, height, pixels }) {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, COLOR_TYPE_RGBA], 8);
  const stride = 4 * width;
  const rows = new Uint8Array((stride + 1) * height);
  for (let y = 0; y < height; ++y) rows.set(pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  const parts = [new Uint8Array(SIGNATURE), chunk_of("IHDR", header), chunk_of("IDAT", await deflated(rows)),
    chunk_of("IEND", new Uint8Array(0))];
  return new Blob(parts, { type: "image/png" });
}
