// The character on its canvas: which pose is drawn, and when.

import { IMAGE_SIZE } from "./character.js";
import { make_player } from "./players.js";
import { Motion, sum_of_poses } from "./motion.js";
import { rest_pose, within_range } from "./parameters.js";

/** Seconds after which a third of the way to a new pose is left. */
const EASE_SECONDS = 0.06;
/** The longest step of time: a page that was hidden goes on where it was. */
const LONGEST_STEP = 0.1;
/** What is left to draw by where all else fails. */
const LAST_WAY = "worker";

function same(a, b) {
  return a !== null && a.every((value, i) => Math.abs(value - b[i]) < 1e-4);
}

export class Stage extends EventTarget {
  motion = new Motion();
  /** The pose that was asked for, which what the character does by itself is added to. */
  pose = rest_pose();
  /** What leads the character besides: at a time in seconds, {pose, has_face} that is added to the pose, or null. */
  lead = () => null;
  character = null;
  player = null;
  /** Frames that were drawn to the stage. */
  frames = 0;
  #place;
  #way;
  #canvas = null;
  #shown = rest_pose();
  #drawn = null;  // the last pose that was given to the player
  #clip = null;
  #last_time = 0;
  #drawing = 0;
  #times = [];
  #opening = 0;

  /** @param place  the element that gets the canvas  @param way  of drawing, or "auto" */
  constructor(place, way) {
    super();
    this.#place = place;
    this.#way = way;
  }

  start() {
    const step = (time) => {
      requestAnimationFrame(step);
      this.#step(time / 1000);
    };
    requestAnimationFrame(step);
  }

  /** Shows `character` from now on. */
  async choose(character) {
    const turn = ++this.#opening;
    const made = await this.#opened(character);
    if (turn !== this.#opening) {
      made.player.close();
      return;
    }
    const before = this.player;
    Object.assign(this, { character, player: made.player });
    this.#drawn = null;
    made.canvas.setAttribute("role", "img");
    made.canvas.setAttribute("aria-label", character.name);
    if (this.#canvas) this.#canvas.replaceWith(made.canvas);
    else this.#place.append(made.canvas);
    this.#canvas = made.canvas;
    before?.close();
  }

  /** A player that has drawn a frame: some browsers offer a GPU that fails at the first one. The processor stays. */
  async #opened(character) {
    const made = await make_player(character, this.#way);
    try {
      await made.player.draw(this.#shown);
      return made;
    } catch (error) {
      made.player.close();
      if (this.#way === LAST_WAY) throw error;
      this.#way = LAST_WAY;
      return this.#opened(character);
    }
  }

  get canvas() {
    return this.#canvas;
  }

  /** Frames that were drawn in the last second. */
  get rate() {
    const now = performance.now();
    this.#times = this.#times.filter((time) => time > now - 1000);
    return this.#times.length;
  }

  set_pose(pose) {
    this.stop();
    this.pose = pose.map((value, i) => within_range(i, value));
    this.dispatchEvent(new Event("posed"));
  }

  /** Plays `poses`, `rate` a second, over and over unless `loop` is false. */
  play(poses, { rate = 30, loop = true } = {}) {
    this.#clip = { poses, rate, loop, begin: null };
    this.dispatchEvent(new Event("playing"));
  }

  stop() {
    if (!this.#clip) return;
    this.#clip = null;
    this.dispatchEvent(new Event("playing"));
  }

  get is_playing() {
    return this.#clip !== null;
  }

  /** The pose with what leads it, as it is now. */
  get led_pose() {
    const led = this.#clip ? null : this.lead(performance.now() / 1000);
    return led ? sum_of_poses(this.pose, led.pose) : this.pose;
  }

  /** Has the shown pose drawn again: "drawn" is the moment to read the canvas. */
  redraw() {
    this.#drawn = null;
  }

  /** What is on the canvas: straight RGBA. */
  async frame() {
    return new ImageData(await this.#reader().read(this.#drawn ?? this.#shown), IMAGE_SIZE);
  }

  /** The frame of `pose` and nothing else: straight RGBA. */
  async frame_of(pose) {
    return new ImageData(await this.#reader().read(pose), IMAGE_SIZE);
  }

  #reader() {
    if (!this.player) throw new Error("no character is shown yet");
    return this.player;
  }

  #step(time) {
    const seconds = Math.min(time - this.#last_time, LONGEST_STEP);
    this.#last_time = time;
    const led = this.lead(time);
    this.#shown = this.motion.added_to(this.#asked_for(time, seconds, led), seconds, led?.has_face);
    if (this.player && this.#drawing < this.player.at_a_time && !same(this.#drawn, this.#shown)) this.#draw(this.#shown);
  }

  #eased = rest_pose();

  #asked_for(time, seconds, led) {
    const clip = this.#clip;
    if (clip) {
      clip.begin ??= time;
      let index = Math.floor((time - clip.begin) * clip.rate);
      if (index >= clip.poses.length && !clip.loop) {
        this.set_pose(clip.poses.at(-1));
      } else {
        index %= clip.poses.length;
        this.pose = this.#eased = clip.poses[index];
        this.dispatchEvent(new Event("posed"));
        return this.pose;
      }
    }
    const fraction = 1 - Math.exp(-seconds / EASE_SECONDS);
    const target = led ? sum_of_poses(this.pose, led.pose) : this.pose;
    this.#eased = this.#eased.map((value, i) => {
      const way = target[i] - value;
      return Math.abs(way) < 2e-3 ? target[i] : value + way * fraction;
    });
    return this.#eased;
  }

  async #draw(pose) {
    ++this.#drawing;
    this.#drawn = pose;
    const { player } = this;
    const tell = () => this.dispatchEvent(new Event("drawn"));
    try {
      const drawing = player.draw(pose);
      if (player.shows_at_once) tell();
      await drawing;
      if (player !== this.player) return;
      ++this.frames;
      this.#times.push(performance.now());
      if (!player.shows_at_once) tell();
    } catch (error) {
      if (player === this.player) this.#fail(error);
    } finally {
      --this.#drawing;
    }
  }

  /** A GPU may be taken away at any time. */
  #fail(error) {
    const tell = (detail) => this.dispatchEvent(new CustomEvent("failed", { detail }));
    this.player = null;
    if (this.#way === LAST_WAY) {
      tell(error);
    } else {
      this.#way = LAST_WAY;
      this.choose(this.character).catch(tell);
    }
  }
}
