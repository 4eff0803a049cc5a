// Plays a character on the processor alone: for browsers that give a page neither WebGPU nor WebGL2, or only in
// software.

import { BlendBodyOnProcessor } from "./blend_cpu.js";
import { FACE_PLACE, IMAGE_SIZE } from "./character.js";
import { linear_image, srgb_tables } from "./color.js";
import { face_on_processor } from "./faces.js";
import { Kernel } from "./kernel.js";
import { SirenBodyOnProcessor } from "./siren_cpu.js";

export class CpuPlayer {
  static async make(character, canvas) {
    return new CpuPlayer(await Kernel.start(), character, canvas);
  }

  name = "WebAssembly";
  at_a_time = 1;
  #face;
  #body;
  #image;
  #pixels;
  #tables;
  #context;

  /** @param canvas  to show frames on; may be null */
  constructor(kernel, character, canvas) {
    this.#face = face_on_processor(kernel, character.face);
    this.#body = character.body.kind === "blendshape"
      ? new BlendBodyOnProcessor(kernel, character.body.weights)
      : new SirenBodyOnProcessor(kernel, character.body.weights, (x, y, size) => character.is_empty(x, y, size), IMAGE_SIZE);
    this.#image = kernel.copy(linear_image(character.pixels));
    this.#pixels = kernel.array(4 * IMAGE_SIZE ** 2, Uint8Array);
    const { next, first } = srgb_tables();
    this.#tables = { next: kernel.copy(next), first: kernel.copy(first) };
    this.#context = canvas?.getContext("2d") ?? null;
  }

  /** The frame of `pose`, straight RGBA. To be read before the next call. */
  pixels(pose) {
    if (this.#face.draw(pose)) this.#paste_face();
    this.#body.draw(pose);
    this.#body.finish(this.#pixels, this.#image, IMAGE_SIZE, this.#tables);
    const { buffer, byteOffset, length } = this.#pixels.view;
    return new Uint8ClampedArray(buffer, byteOffset, length);
  }

  async draw(pose) {
    this.#context.putImageData(new ImageData(this.pixels(pose), IMAGE_SIZE), 0, 0);
  }

  async read(pose) {
    return this.pixels(pose).slice();
  }

  #paste_face() {
    const image = this.#image.view, { x, y, size } = FACE_PLACE;
    for (let row = 0; row < size; ++row) {
      image.set(this.#face.face.subarray(4 * row * size, 4 * (row + 1) * size), 4 * ((y + row) * IMAGE_SIZE + x));
    }
  }

  close() {}
}
