// Safetensors files whose large tensors are packed: integers of 16 bits times steps (docs/files.md, "Packed").

import { inflated } from "./bytes.js";

const TYPES = { F32: Float32Array, U8: Uint8Array, I16: Int16Array, I64: BigInt64Array };

/** The tensors as they are stored, by name: {shape, values}. */
function stored_tensors(bytes) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const tensors = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [begin, end] = entry.data_offsets;
    const data = bytes.slice(8 + length + begin, 8 + length + end);
    tensors.set(name, { shape: entry.shape, values: new TYPES[entry.dtype](data.buffer) });
  }
  return tensors;
}

/** Puts the predictions back into the differences of one block, in rows of `row` integers. */
function restore_block(integers, begin, end, row) {
  for (let i = begin; i < end; ++i) {
    const in_row = (i - begin) % row;
    const a = in_row > 0 ? integers[i - 1] : 0;
    const b = i - begin >= row ? integers[i - row] : 0;
    const c = in_row > 0 && i - begin >= row ? integers[i - row - 1] : 0;
    const low = Math.min(a, b), high = Math.max(a, b);
    integers[i] += c >= high ? low : c <= low ? high : a + b - c;  // modulo 2^16, as the array holds it
  }
}

async function unpacked(stream, steps, form) {
  const sizes = Array.from(form.values, Number);
  const row = sizes.pop();
  const bytes = await inflated(stream.values);
  const count = bytes.length / 2, block = count / steps.values.length;
  const integers = new Int16Array(count);
  for (let i = 0; i < count; ++i) {
    const value = bytes[i] | (bytes[count + i] << 8);
    integers[i] = value & 1 ? -((value + 1) >> 1) : value >> 1;
  }
  if (row > 0) for (let begin = 0; begin < count; begin += block) restore_block(integers, begin, begin + block, row);
  return { shape: sizes, integers, steps: steps.values, block };
}

/** A file's tensors. Packed ones have `integers`, `steps` and `block`, the number of integers that share a step. */
export class Weights {
  static async read(bytes) {
    const stored = stored_tensors(bytes);
    const weights = new Weights();
    for (const [name, tensor] of stored) {
      if (name.endsWith(".step") || name.endsWith(".form")) continue;
      const form = stored.get(name + ".form");
      weights.tensors.set(name, form ? await unpacked(tensor, stored.get(name + ".step"), form) : tensor);
    }
    return weights;
  }

  tensors = new Map();

  has(name) {
    return this.tensors.has(name);
  }

  get(name) {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`the weights have no ${name}`);
    return tensor;
  }

  /** The numbers of a tensor. */
  numbers(name) {
    const { values, integers, steps, block } = this.get(name);
    if (values) return values;
    return Float32Array.from(integers, (integer, i) => integer * steps[(i / block) | 0]);
  }

  shape(name) {
    return this.get(name).shape;
  }

  /** How many of `prefix`0, `prefix`1, ... there are, by a tensor `prefix`I`suffix` of each. */
  count(prefix, suffix) {
    let count = 0;
    while (this.has(prefix + count + suffix)) ++count;
    return count;
  }
}
