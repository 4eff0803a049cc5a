// The face tracker: a camera's pictures to poses, in WebAssembly (src/track). Nothing of it needs a document, so that
// it runs in workers, too. What it sees stays in it.

import { bytes_of_base64, inflated } from "./bytes.js";
import tracker_kernel from "./tracker_kernel.base64";

const FACE_POINTS = 478, POSE_NUMBERS = 45;
const GAINS = ["brows", "eyes", "iris", "mouth", "head", "body"];

class Tracker {
  /** The character does what a mirror would show; how much of each movement it does. */
  settings = { mirror: true, gains: Object.fromEntries(GAINS.map((name) => [name, 1])) };
  #functions;
  #gains;
  #pixels = 0;
  #pixels_size = 0;

  constructor(functions) {
    this.#functions = functions;
    this.#gains = this.#memory(4 * GAINS.length);
  }

  #memory(bytes) {
    const place = this.#functions.take_memory(bytes);
    if (place === 0) throw new Error("there is no memory for the face tracker");
    return place;
  }

  /** Copies `values` to memory of the tracker's own. */
  #put(place, values) {
    new values.constructor(this.#functions.memory.buffer, place, values.length).set(values);
  }

  #floats(place, count) {
    return place === 0 ? new Float32Array(count) : new Float32Array(this.#functions.memory.buffer, place, count).slice();
  }

  /** Takes `models`, the file of networks. */
  open(models) {
    const place = this.#memory(models.length);
    this.#put(place, models);
    try {
      this.#functions.open_tracker(place, models.length);
    } catch (error) {
      throw new Error("the models of the face tracker cannot be used", { cause: error });
    }
    this.#functions.free_memory(place);
  }

  /**
   * Looks for a face in `image` ({ width, height, data: RGBA }), of any size; `seconds` is a clock that rises. Gives
   * { found, points, angles: { pitch, yaw, roll }, pose }: points x, y, z in pixels of the last face, degrees against
   * the face at rest, as the camera sees them, and a pose in the project's order.
   */
  update(image, seconds) {
    const size = image.width * image.height * 4;
    if (size > this.#pixels_size) {
      this.#functions.free_memory(this.#pixels);
      this.#pixels_size = 0;
      this.#pixels = this.#memory(size);
      this.#pixels_size = size;
    }
    this.#put(this.#pixels, new Uint8Array(image.data.buffer, image.data.byteOffset, size));
    const { mirror, gains } = this.settings;
    this.#put(this.#gains, Float32Array.from(GAINS, (name) => gains[name] ?? 1));
    const found = this.#functions.update_tracker(this.#pixels, image.width, image.height, seconds, mirror ? 1 : 0, this.#gains);
    const [pitch, yaw, roll] = this.#floats(this.#functions.tracker_angles(), 3);
    return {
      found: found === 1,
      points: this.#floats(this.#functions.tracker_points(), 3 * FACE_POINTS),
      angles: { pitch, yaw, roll },
      pose: this.#floats(this.#functions.tracker_pose(), POSE_NUMBERS),
    };
  }

  /** What was seen in the last half second is the face at rest. */
  setNeutral() {
    this.#functions.set_tracker_neutral();
  }
}

/**
 * A tracker of the models in base64 of a zlib stream (data/tracker/face_tracker.models). Rejects where the browser has
 * no WebAssembly with SIMD.
 */
export async function openTracker(models = globalThis.TRACKER_MODELS) {
  const kernel = await inflated(bytes_of_base64(tracker_kernel));
  const { instance } = await WebAssembly.instantiate(kernel, {});
  instance.exports._initialize();
  const tracker = new Tracker(instance.exports);
  tracker.open(await inflated(bytes_of_base64(models)));
  return tracker;
}
