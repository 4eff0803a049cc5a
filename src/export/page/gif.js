// Writes animated GIFs, each frame with 255 colours of its own and what is transparent.

import { indexed } from "./palette.js";
import { answer_questions, PageWorker } from "./page_worker.js";

const COLORS = 255, TRANSPARENT = 255, BITS = 8;
const MOST_CODES = 4096;

/** A list of bytes that grows. */
class Bytes {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  add(byte) {
    if (this.#length === this.#bytes.length) {
      const more = new Uint8Array(2 * this.#length);
      more.set(this.#bytes);
      this.#bytes = more;
    }
    this.#bytes[this.#length++] = byte;
  }

  add_all(bytes) {
    for (const byte of bytes) this.add(byte);
  }

  add_short(value) {
    this.add(value & 255);
    this.add(value >> 8);
  }

  get view() {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** `indices` in LZW, as GIF has it: codes grow from 9 to 12 bits, then all begins anew. */
function lzw(indices) {
  const clear = 1 << BITS, end = clear + 1;
  const bytes = new Bytes(), codes = new Uint16Array(MOST_CODES << BITS);
  let next = end + 1, width = BITS + 1, held = 0, count = 0;
  function put(code) {
    held |= code << count;
    for (count += width; count >= 8; count -= 8) {
      bytes.add(held & 255);
      held >>>= 8;
    }
  }
  put(clear);
  let prefix = indices[0];
  for (let i = 1; i < indices.length; ++i) {
    const key = prefix << BITS | indices[i];
    if (codes[key] > 0) {
      prefix = codes[key];
      continue;
    }
    put(prefix);
    if (next < MOST_CODES) {
      if (next === 1 << width) ++width;
      codes[key] = next++;
    } else {
      put(clear);
      codes.fill(0);
      next = end + 1;
      width = BITS + 1;
    }
    prefix = indices[i];
  }
  put(prefix);
  if (next === 1 << width && width < 12) ++width;
  put(end);
  if (count > 0) bytes.add(held & 255);
  return bytes.view;
}

/** What a GIF of `width` by `height` begins with: it is played over and over. */
function head_of(width, height) {
  const bytes = new Bytes();
  bytes.add_all(new TextEncoder().encode("GIF89a"));
  bytes.add_short(width);
  bytes.add_short(height);
  bytes.add_all([0x70, 0, 0]);
  bytes.add_all([0x21, 0xff, 11, ...new TextEncoder().encode("NETSCAPE2.0"), 3, 1, 0, 0, 0]);
  return bytes.view;
}

/** A frame, RGBA, that is shown for `hundredths` of a second. */
function frame_of({ width, height, data }, hundredths) {
  const { colors, indices } = indexed(data, COLORS);
  const bytes = new Bytes();
  // Each frame begins with nothing, and index 255 is transparent.
  bytes.add_all([0x21, 0xf9, 4, 2 << 2 | 1, hundredths & 255, hundredths >> 8, TRANSPARENT, 0]);
  bytes.add_all([0x2c, 0, 0, 0, 0]);
  bytes.add_short(width);
  bytes.add_short(height);
  bytes.add(0x80 | BITS - 1);
  bytes.add_all(colors);
  bytes.add_all([0, 0, 0, BITS]);
  const packed = lzw(indices);
  for (let at = 0; at < packed.length; at += 255) {
    const block = packed.subarray(at, at + 255);
    bytes.add(block.length);
    bytes.add_all(block);
  }
  bytes.add(0);
  return bytes.view;
}

/** What the worker does: keeps the frames that it is given, and gives the file. */
export function serve_gifs() {
  let parts = [];
  answer_questions(async ({ frame, hundredths }) => {
    if (frame) {
      if (parts.length === 0) parts.push(head_of(frame.width, frame.height));
      parts.push(frame_of(frame, hundredths).slice());
      return {};
    }
    const blob = new Blob([...parts, Uint8Array.of(0x3b)], { type: "image/gif" });
    parts = [];
    return { value: blob };
  });
}

export class GifWriter {
  #worker = new PageWorker("gifs");

  /** Adds an ImageData, which is given away, that is shown for `hundredths` of a second. */
  add(frame, hundredths) {
    return this.#worker.ask({ frame, hundredths }, [frame.data.buffer]);
  }

  /** The file, a Blob; the writer is used no more. */
  async finish() {
    try {
      return await this.#worker.ask({});
    } finally {
      this.#worker.close();
    }
  }
}
