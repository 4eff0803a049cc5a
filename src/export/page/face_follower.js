// Follows the user: pictures of the camera go to the tracker, poses to the stage; loudness opens the mouth.

import { cameras, DeviceError, open_camera } from "./camera.js";
import { FaceWorker, has_tracker } from "./face_worker.js";
import { Microphone } from "./microphone.js";
import { INDEX_OF, rest_pose, SECTIONS } from "./parameters.js";

/** The longer side of the pictures that are looked at, in pixels. */
const LARGEST = 640;
/** Seconds after which a third is left of a face whose camera was stopped. Faces that are lost are the tracker's to let go. */
const RELAX = 0.5;
/** Less than that of a face is none. */
const MIN_WEIGHT = 0.01;
const MOUTH = INDEX_OF.get("mouth_aaa");

/**
 * Has the events "changed", of `state`, `problem`, `devices` or `hears`, and "looked", after each picture.
 * Nothing that a camera or a microphone gives is kept longer than it takes to look at it.
 */
export class FaceFollower extends EventTarget {
  settings = { mirror: true, gains: Object.fromEntries(Object.keys(SECTIONS).map((name) => [name, 1])) };
  /** "off", "starting", "lost" or "found". */
  state = "off";
  /** The key of a text, and what the browser says: {reason, message}; null where nothing is wrong. */
  problem = null;
  /** Cameras to choose from, once one was opened. */
  devices = [];
  device = "";
  /** What was seen last: that of tracker.js, and the picture's `width`; null before. */
  result = null;
  /** Milliseconds that the last picture took. */
  took = 0;
  /** How much the microphone opens the mouth. */
  voice_gain = 1;
  #video;
  #stream = null;
  #worker = null;
  #opening = null;  // a promise of it
  #microphone = null;
  #turn = 0;  // grows with each start and stop: what was begun before is over
  #listening = 0;  // likewise of the microphone
  #face = null;  // the tracker's pose, which holds for a while what is lost
  #stopped_at = null;  // when the camera was, until a face is seen again
  #times = [];
  #canvas = document.createElement("canvas");

  /** @param video  an element of the page; some browsers play no other */
  constructor(video) {
    super();
    this.#video = video;
  }

  get is_on() {
    return this.state !== "off";
  }

  get hears() {
    return this.#microphone !== null;
  }

  /** Pictures that were looked at in the last second. */
  get rate() {
    const now = performance.now();
    this.#times = this.#times.filter((time) => time > now - 1000);
    return this.#times.length;
  }

  /** Begins with `device`, or begins anew with another. */
  async start(device = this.device) {
    this.#release();
    const turn = this.#turn;
    this.device = device;
    this.#change({ state: "starting", problem: null });
    try {
      if (!has_tracker()) throw new DeviceError("no_tracker", "");
      const stream = await open_camera(device);
      if (turn !== this.#turn) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.#stream = stream;
      const [track] = stream.getVideoTracks();
      track.addEventListener("ended", () => this.#fail(turn, new DeviceError("camera_gone", "")));
      this.device = track.getSettings().deviceId ?? device;
      this.#video.srcObject = stream;
      this.devices = await cameras();
      await Promise.all([this.#open_worker(), this.#video.play()]);
    } catch (error) {
      this.#fail(turn, error);
      return;
    }
    if (turn !== this.#turn) return;
    this.#change({ state: "lost" });
    this.#watch(turn).catch((error) => this.#fail(turn, error));
  }

  stop() {
    this.#release();
    this.#change({ state: "off" });
  }

  /** What is seen now is rest from now on. */
  set_neutral() {
    return this.#worker?.set_neutral();
  }

  /** @param settings  {mirror, gains}, or one of them; of gains those that change */
  set({ mirror = this.settings.mirror, gains = {} }) {
    this.settings = { mirror, gains: { ...this.settings.gains, ...gains } };
    this.#worker?.set(this.settings);
    this.#change({});
  }

  /** Begins or ends listening; throws DeviceError. */
  async listen(on) {
    const turn = ++this.#listening;
    this.#microphone?.close();
    this.#microphone = null;
    try {
      const microphone = on ? await Microphone.open() : null;
      if (turn === this.#listening) this.#microphone = microphone;
      else microphone?.close();
    } finally {
      this.#change({});
    }
  }

  /** What the user does at `seconds` of the page's clock: {pose, has_face}, or null. */
  pose_at(seconds) {
    const weight = this.#weight_of_face(seconds);
    if (weight === 0 && !this.#microphone) return null;
    const pose = weight > 0 ? this.#face.map((value) => value * weight) : rest_pose();
    if (this.#microphone) pose[MOUTH] = Math.max(pose[MOUTH], this.#microphone.openness(seconds, this.voice_gain));
    return { pose, has_face: weight > 0 };
  }

  /** 1 while there is a face or something left of it, less and less after the camera was stopped. */
  #weight_of_face(seconds) {
    if (!this.#face) return 0;
    if (this.#stopped_at === null) return 1;
    const weight = Math.exp(-Math.max(seconds - this.#stopped_at, 0) / RELAX);
    return weight < MIN_WEIGHT ? 0 : weight;
  }

  /** One worker for good, however often the camera is started. */
  async #open_worker() {
    this.#opening ??= this.#opened_worker();
    try {
      this.#worker = await this.#opening;
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }

  async #opened_worker() {
    const worker = new FaceWorker();
    try {
      await worker.open();
      await worker.set(this.settings);
    } catch (error) {
      worker.close();
      throw new DeviceError("tracker_failed", error.message);
    }
    return worker;
  }

  /**
   * Looks at the newest picture, over and over: those that come while it looks are left out, and as long as it looked it
   * rests, so that a slow machine has time to draw.
   */
  async #watch(turn) {
    while (turn === this.#turn) {
      await this.#next_picture();
      const picture = turn === this.#turn && this.#picture();
      if (!picture) continue;
      const began = performance.now();
      const { width } = picture;
      const result = { ...await this.#worker.look_at(picture, began / 1000), width };
      if (turn !== this.#turn) return;
      this.took = performance.now() - began;
      this.#times.push(performance.now());
      this.#take(result);
      await new Promise((resolve) => setTimeout(resolve, this.took));
    }
  }

  #take(result) {
    this.result = result;
    if (result.found) this.#stopped_at = null;
    // What the tracker holds from before the camera was stopped has been let go.
    if (this.#stopped_at === null) this.#face = result.found || result.pose.some((value) => value !== 0) ? result.pose : null;
    const state = result.found ? "found" : "lost";
    if (state !== this.state) this.#change({ state });
    this.dispatchEvent(new Event("looked"));
  }

  #next_picture() {
    const video = this.#video;
    return new Promise((resolve) => {
      if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(resolve);
      else requestAnimationFrame(resolve);
    });
  }

  #picture() {
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth) return null;
    const scale = Math.min(1, LARGEST / Math.max(videoWidth, videoHeight));
    const width = Math.round(videoWidth * scale), height = Math.round(videoHeight * scale);
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    const context = this.#canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    context.drawImage(this.#video, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  }

  #release() {
    ++this.#turn;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
    this.#canvas.width = this.#canvas.height = 0;
    this.#stopped_at ??= performance.now() / 1000;
  }

  #fail(turn, error) {
    if (turn !== this.#turn) return;
    this.#release();
    this.#change({ state: "off", problem: { reason: error.reason ?? "camera_failed", message: error.message } });
  }

  #change(values) {
    Object.assign(this, values);
    this.dispatchEvent(new Event("changed"));
  }
}
