// Plays a character with a SIREN body by WebGL2. A face of another kind is the processor's share.

import { FACE_PLACE, IMAGE_SIZE } from "./character.js";
import { linear_image } from "./color.js";
import { face_on_processor } from "./faces.js";
import { FLOATS, GlFrame } from "./gl_frame.js";
import { float_context, is_software, target_of, texture_of } from "./gl.js";
import { Kernel } from "./kernel.js";
import { body_levels, face_levels } from "./siren.js";
import frame_source from "./siren_frame.glsl";
import { SirenInGl } from "./siren_gl.js";

/** The last layer of a face such that colours are in [0, 1]. */
function to_colors(levels) {
  const { last } = levels.at(-1);
  last.weights = last.weights.map((weight) => weight / 2);
  last.biases = last.biases.map((bias) => bias / 2 + 0.5);
  return levels;
}

export class SirenGlPlayer {
  /**
   * Null where the browser has no WebGL2 that draws to float32, and mixes such textures.
   * @param refuse_software  null, too, where the processor draws, which the kernel does faster
   */
  static async make(character, canvas, { refuse_software = false } = {}) {
    const gl = float_context(canvas);
    if (!gl?.has_float_maps || (refuse_software && is_software(gl))) return null;
    return new SirenGlPlayer(gl, character.face.kind === "blendshape" ? await Kernel.start() : null, character);
  }

  name = "WebGL2";
  at_a_time = 1;
  #gl;
  #image;
  #face;
  #face_on_processor = null;
  #body;
  #frame;

  constructor(gl, kernel, character) {
    this.#gl = gl;
    this.#image = texture_of(gl, IMAGE_SIZE, IMAGE_SIZE, FLOATS[4], linear_image(character.pixels), "LINEAR");
    if (kernel) {
      this.#face_on_processor = face_on_processor(kernel, character.face);
    } else {
      const { x, y, size } = FACE_PLACE;
      this.#face = new SirenInGl(gl, to_colors(face_levels(character.face.weights, size)), () => false,
        { targets: [target_of(gl, [this.#image])], x, y });
    }
    const [first, second] = this.#drawn_textures();
    this.#body = new SirenInGl(gl, body_levels(character.body.weights, IMAGE_SIZE),
      (x, y, size) => character.is_empty(x, y, size), { targets: [target_of(gl, [first, second])] });
    this.#frame = new GlFrame(gl, frame_source, { image: this.#image, first, second });
  }

  /** What is never drawn is transparent: alpha is 1 there, and the colours drawn are the least there are. */
  #drawn_textures() {
    return [[0, 0, 1, -1], [-1, -1, -1, 0]].map((values) => {
      const texture = texture_of(this.#gl, IMAGE_SIZE, IMAGE_SIZE, FLOATS[4], null);
      const target = target_of(this.#gl, [texture]);
      this.#gl.bindFramebuffer(this.#gl.FRAMEBUFFER, target);
      this.#gl.clearBufferfv(this.#gl.COLOR, 0, values);
      return texture;
    });
  }

  #draw_pose(pose) {
    const gl = this.#gl, { x, y, size } = FACE_PLACE;
    if (this.#face) {
      this.#face.draw(pose);
    } else if (this.#face_on_processor.draw(pose)) {
      gl.bindTexture(gl.TEXTURE_2D, this.#image);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, size, size, gl.RGBA, gl.FLOAT, this.#face_on_processor.face);
    }
    this.#body.draw(pose);
  }

  async draw(pose) {
    this.#draw_pose(pose);
    this.#frame.show();
  }

  /** The frame of `pose`, straight RGBA. */
  async read(pose) {
    this.#draw_pose(pose);
    return this.#frame.read();
  }

  close() {
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
