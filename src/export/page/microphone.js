// The microphone as a mouth: how loud it is.

import { open_microphone } from "./camera.js";

/** Decibels of full scale that a mouth opens from, and that open it whole. */
const SILENT = -50, LOUD = -20;
/** Seconds after which a third of the way is left: a mouth opens faster than it closes. */
const OPENING = 0.03, CLOSING = 0.09;

/** How far a mouth is open at `decibels`; `gain` lifts quiet voices: 2 is 12 dB. */
export function openness_of(decibels, gain = 1) {
  const lifted = decibels + 12 * Math.log2(Math.max(gain, 1e-3));
  return Math.min(Math.max((lifted - SILENT) / (LOUD - SILENT), 0), 1);
}

export class Microphone {
  /** Throws DeviceError. */
  static async open() {
    return new Microphone(await open_microphone());
  }

  #stream;
  #context = new AudioContext();
  #analyser = this.#context.createAnalyser();
  #samples;
  #open = 0;
  #last = 0;

  constructor(stream) {
    this.#stream = stream;
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    this.#context.resume();
  }

  /** How far the mouth is open at `seconds` of a clock, 0 to 1; `gain` as of openness_of(). */
  openness(seconds, gain = 1) {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, value) => sum + value * value, 0) / this.#samples.length;
    const target = openness_of(10 * Math.log10(power + 1e-12), gain);
    const passed = Math.min(Math.max(seconds - this.#last, 0), 0.1);
    this.#last = seconds;
    this.#open += (target - this.#open) * (1 - Math.exp(-passed / (target > this.#open ? OPENING : CLOSING)));
    if (target === 0 && this.#open < 0.01) this.#open = 0;
    return this.#open;
  }

  close() {
    for (const track of this.#stream.getTracks()) track.stop();
    this.#context.close();
  }
}
