// The last drawing of a frame by WebGL2: to the canvas, or to bytes.

import { IMAGE_SIZE } from "./character.js";
import { Program, target_of, texture_of } from "./gl.js";
import show_source from "./show.glsl";

/** Forms of textures of floats, by channels. */
export const FLOATS = { 1: { internal: "R32F", format: "RED", type: "FLOAT" },
  2: { internal: "RG32F", format: "RG", type: "FLOAT" }, 4: { internal: "RGBA32F", format: "RGBA", type: "FLOAT" } };
export const HALVES = { internal: "RGBA16F", format: "RGBA", type: "FLOAT" };
const BYTES = { internal: "RGBA8", format: "RGBA", type: "UNSIGNED_BYTE" };

export class GlFrame {
  #gl;
  #program;
  #textures;
  #file = null;

  /** @param source  of the fragments, which show.glsl is put behind  @param textures  by their names in it */
  constructor(gl, source, textures) {
    this.#gl = gl;
    this.#program = new Program(gl, source + show_source);
    this.#textures = textures;
  }

  #draw(target, is_screen) {
    if (this.#gl.isContextLost()) throw new Error("the browser has lost the GPU");
    this.#program.draw(target, IMAGE_SIZE, this.#textures, { is_screen }, { size: [IMAGE_SIZE, IMAGE_SIZE] });
  }

  show() {
    this.#draw(null, 1);
  }

  /** Straight RGBA. */
  read() {
    const gl = this.#gl;
    this.#file ??= target_of(gl, [texture_of(gl, IMAGE_SIZE, IMAGE_SIZE, BYTES, null)]);
    this.#draw(this.#file, 0);
    const pixels = new Uint8ClampedArray(4 * IMAGE_SIZE ** 2);
    gl.readPixels(0, 0, IMAGE_SIZE, IMAGE_SIZE, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    return pixels;
  }
}
