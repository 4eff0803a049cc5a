// Records what is on the stage as a GIF.

import { GifWriter } from "./gif.js";

/** Pixels to a side, and the least time between frames, in milliseconds: GIFs are large. */
const SIZE = 360, BETWEEN = 80;
/** Frames that may wait to be written; further ones are left out. */
const WAITING = 4;

export class GifRecorder {
  #stage;
  #writer = null;
  #take;

  constructor(stage) {
    this.#stage = stage;
  }

  get is_recording() {
    return this.#writer !== null;
  }

  /** Begins. @param background  a CSS colour; null: transparent */
  start(background) {
    const writer = this.#writer = new GifWriter();
    const canvas = new OffscreenCanvas(SIZE, SIZE), context = canvas.getContext("2d", { willReadFrequently: true });
    let frame = null, began = 0, waiting = 0;
    // How long a frame is shown is known when the next one comes.
    this.#take = (is_last) => {
      const now = performance.now();
      if (frame && (now - began < BETWEEN || waiting >= WAITING) && is_last !== true) return;
      if (frame) {
        ++waiting;
        writer.add(frame, Math.min(Math.max(Math.round((now - began) / 10), 2), 65535)).finally(() => --waiting);
      }
      context.clearRect(0, 0, SIZE, SIZE);
      if (background) {
        context.fillStyle = background;
        context.fillRect(0, 0, SIZE, SIZE);
      }
      context.drawImage(this.#stage.canvas, 0, 0, SIZE, SIZE);
      frame = context.getImageData(0, 0, SIZE, SIZE);
      began = now;
    };
    this.#stage.addEventListener("drawn", this.#take);
    this.#stage.redraw();
  }

  /** Ends, and gives the file: {blob, suffix}. */
  async stop() {
    const writer = this.#writer;
    this.#stage.removeEventListener("drawn", this.#take);
    this.#take(true);
    this.#writer = null;
    return { blob: await writer.finish(), suffix: "gif" };
  }
}
