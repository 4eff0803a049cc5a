// What a character does by itself: it looks at the pointer, blinks and breathes. All of it is added to a pose.

import { INDEX_OF, indices_of, within_range } from "./parameters.js";

const BREATH_SECONDS = 4;
const BLINK = { closing: 0.07, closed: 0.05, opening: 0.13 };  // seconds
const BETWEEN_BLINKS = { min: 1.8, more: 4.2 };
/** How fast it turns to the pointer: the seconds after which a third of the way is left. */
const TURNING = { iris_rotation_x: 0.09, iris_rotation_y: 0.09, head_x: 0.22, head_y: 0.22, neck_z: 0.35, body_y: 0.5, body_z: 0.5 };
const EYES = indices_of("eye_wink");
const SMILING_EYES = indices_of("eye_happy_wink");

/** How far the eyes are closed, `seconds` after a blink began. */
function blink_at(seconds) {
  const { closing, closed, opening } = BLINK;
  if (seconds < closing) return seconds / closing;
  if (seconds < closing + closed) return 1;
  return Math.max(0, 1 - (seconds - closing - closed) / opening);
}

/** How far smiling leaves an eye to be closed otherwise: two ways of closing at once were never drawn to be seen. */
function still_open(pose, side) {
  return 1 - pose[SMILING_EYES[side]];
}

/** The sum of two poses, within the parameters' ranges. */
export function sum_of_poses(pose, other) {
  const sum = pose.map((value, i) => within_range(i, value + other[i]));
  EYES.forEach((index, side) => { sum[index] = Math.min(sum[index], Math.max(pose[index], still_open(sum, side))); });
  return sum;
}

/** Where parameters go for a pointer at x, y: -1 to 1 of the picture, to the right and down. */
function turned_to({ x, y }) {
  return { iris_rotation_x: -y, iris_rotation_y: -x, head_x: -y * 0.75, head_y: -x * 0.8, neck_z: -x * 0.12, body_y: -x * 0.3,
    body_z: -x * 0.12 };
}

export class Motion {
  follow = true;
  blink = true;
  breathe = true;
  /** Where the pointer is; null: nowhere. */
  pointer = null;
  #turned = Object.fromEntries(Object.keys(TURNING).map((name) => [name, 0]));
  #breathed = 0;
  #since_blink = 0;
  #next_blink = 2;

  /**
   * `pose` with what is added to it; `seconds` since the last call. One that is `led` by the user's face neither looks at
   * the pointer nor blinks.
   */
  added_to(pose, seconds, led = false) {
    const result = Float32Array.from(pose);
    this.#turn(result, seconds, led);
    if (!led) this.#close_eyes(result, seconds);
    if (this.breathe) {
      this.#breathed = (this.#breathed + seconds / BREATH_SECONDS) % 1;
      const index = INDEX_OF.get("breathing");
      result[index] = within_range(index, pose[index] + 0.5 - 0.5 * Math.cos(2 * Math.PI * this.#breathed));
    }
    return result;
  }

  #turn(pose, seconds, led) {
    const target = turned_to((this.follow && !led && this.pointer) || { x: 0, y: 0 });
    for (const [name, time] of Object.entries(TURNING)) {
      this.#turned[name] += (target[name] - this.#turned[name]) * (1 - Math.exp(-seconds / time));
      if (Math.abs(target[name] - this.#turned[name]) < 1e-3) this.#turned[name] = target[name];
      const index = INDEX_OF.get(name);
      pose[index] = within_range(index, pose[index] + this.#turned[name]);
    }
  }

  #close_eyes(pose, seconds) {
    if (!this.blink) return;
    this.#since_blink += seconds;
    if (this.#since_blink > this.#next_blink) {
      this.#since_blink = 0;
      this.#next_blink = BETWEEN_BLINKS.min + Math.random() * BETWEEN_BLINKS.more;
    }
    const closed = blink_at(this.#since_blink);
    EYES.forEach((index, side) => { pose[index] = Math.max(pose[index], closed * still_open(pose, side)); });
  }
}
