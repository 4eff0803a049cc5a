// The small MLP of the pose that gives the weights of a basis: linear layers with SiLU between them.

function padded(count) {
  return (count + 3) & ~3;
}

/** A matrix [outputs][inputs], with rows of a multiple of four numbers. */
function padded_rows(values, outputs, inputs) {
  const stride = padded(inputs);
  if (stride === inputs) return values;
  const rows = new Float32Array(outputs * stride);
  for (let i = 0; i < outputs; ++i) rows.set(values.subarray(i * inputs, (i + 1) * inputs), i * stride);
  return rows;
}

export class BlendWeights {
  #kernel;
  #layers = [];
  #input_scale;
  #output_scale;
  #values;

  /** @param prefix  of the MLP's names in `weights` */
  constructor(kernel, weights, prefix) {
    this.#kernel = kernel;
    this.#input_scale = weights.numbers(prefix + "input_scale");
    this.#output_scale = weights.numbers(prefix + "output_scale")[0];
    const count = weights.count(prefix + "layers.", ".weight");
    let largest = padded(this.#input_scale.length);
    for (let i = 0; i < count; ++i) {
      const name = `${prefix}layers.${i}.`;
      const [outputs, inputs] = weights.shape(name + "weight");
      this.#layers.push({
        outputs, inputs: padded(inputs),
        weights: kernel.copy(padded_rows(weights.numbers(name + "weight"), outputs, inputs)),
        biases: kernel.copy(weights.numbers(name + "bias")),
      });
      largest = Math.max(largest, padded(outputs));
    }
    this.#values = [kernel.array(largest), kernel.array(largest)];
  }

  /** The weights that `pose`, of as many numbers as the MLP takes or more, gives. To be read before the next call. */
  of(pose) {
    let [from, to] = this.#values;
    from.view.fill(0);
    this.#input_scale.forEach((scale, i) => { from.view[i] = pose[i] * scale; });
    this.#layers.forEach(({ outputs, inputs, weights, biases }, i) => {
      if (i > 0) {
        const values = from.view;
        for (let k = 0; k < inputs; ++k) values[k] /= 1 + Math.exp(-values[k]);
      }
      this.#kernel.functions.linear(to.at, from.at, weights.at, biases.at, outputs, inputs);
      [from, to] = [to, from];
    });
    const { outputs } = this.#layers.at(-1);
    return from.view.subarray(0, outputs).map((weight) => weight * this.#output_scale);
  }
}
