// A character that is embedded in the page: its picture and the weights of its two networks.

import { bytes_of_base64, bytes_of_text } from "./bytes.js";
import { read_png } from "./png.js";
import { Weights } from "./weights.js";

export const IMAGE_SIZE = 512;
/** Where the face is pasted into the picture, in pixels of it. */
export const FACE_PLACE = { x: 192, y: 80, size: 128 };

export class Character {
  /** @param data  what src/export/character_data.h describes, and as `weights` of face and body their texts */
  constructor(data) {
    this.name = data.name;
    this.data = data;
  }

  get kind() {
    return this.data.face.kind === this.data.body.kind ? this.data.body.kind
                                                       : `${this.data.face.kind} + ${this.data.body.kind}`;
  }

  /** A URL of the picture. */
  get picture() {
    return `data:image/png;base64,${this.data.picture}`;
  }

  /** Whether pixels x, y to x + size, y + size of the frame are transparent in every pose. */
  is_empty(x, y, size) {
    const rows = this.data.empty;
    if (!rows) return false;
    const cell = IMAGE_SIZE / rows.length;
    for (let row = Math.floor(y / cell); row * cell < y + size; ++row) {
      for (let column = Math.floor(x / cell); column * cell < x + size; ++column) {
        if (rows[row][column] !== ".") return false;
      }
    }
    return true;
  }

  /** Reads what players need: `pixels` of the picture, `face` and `body` weights. Once. */
  async open() {
    if (this.pixels) return this;
    const [picture, face, body] = await Promise.all([
      read_png(bytes_of_base64(this.data.picture)),
      Weights.read(bytes_of_text(this.data.face.weights)),
      Weights.read(bytes_of_text(this.data.body.weights)),
    ]);
    this.face = { kind: this.data.face.kind, weights: face };
    this.body = { kind: this.data.body.kind, weights: body };
    this.pixels = picture.pixels;
    return this;
  }
}
