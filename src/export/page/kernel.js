// The processor's share of the work, compiled to WebAssembly (src/export/kernel), and its memory.

import { bytes_of_base64 } from "./bytes.js";
import kernel_base64 from "./kernel.base64";

const PAGE = 1 << 16;

/** An array in the kernel's memory, which moves when that grows: take `view` anew each time. */
class Block {
  #memory;
  #type;
  #kept = null;

  constructor(memory, at, length, type) {
    this.#memory = memory;
    this.at = at;
    this.length = length;
    this.#type = type;
  }

  get view() {
    if (this.#kept?.buffer !== this.#memory.buffer) this.#kept = new this.#type(this.#memory.buffer, this.at, this.length);
    return this.#kept;
  }
}

export class Kernel {
  /** Throws where the browser has no WebAssembly with SIMD. */
  static async start() {
    const { instance } = await WebAssembly.instantiate(bytes_of_base64(kernel_base64), {});
    return new Kernel(instance.exports);
  }

  #end;

  constructor(functions) {
    this.functions = functions;
    this.#end = functions.__heap_base.value;
  }

  /** Memory for `length` numbers of `type`, for good, all 0. */
  array(length, type = Float32Array) {
    const at = (this.#end + 15) & ~15;
    this.#end = at + length * type.BYTES_PER_ELEMENT;
    const { memory } = this.functions;
    const missing = this.#end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return new Block(memory, at, length, type);
  }

  /** A copy of `values` there. */
  copy(values) {
    const block = this.array(values.length, values.constructor);
    block.view.set(values);
    return block;
  }
}
