// The processor's player in a worker, so that the page answers while it draws. The worker runs the page's own script.

import { Character, IMAGE_SIZE } from "./character.js";
import { CpuPlayer } from "./cpu_player.js";

/** What the worker does: opens the character that it is told of, then draws one pose after the other. */
export function serve_poses() {
  let player = null;
  self.onmessage = async ({ data: { id, character, pose } }) => {
    try {
      if (character) {
        player = await CpuPlayer.make(await new Character(character).open(), null);
        self.postMessage({ id });
      } else {
        const pixels = await player.read(pose);
        self.postMessage({ id, pixels }, [pixels.buffer]);
      }
    } catch (error) {
      self.postMessage({ id, error: error.message });
    }
  };
}

export class WorkerPlayer {
  static async make(character, canvas) {
    const script = document.getElementById("script").textContent;
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const player = new WorkerPlayer(new Worker(url), canvas);
    await player.#ask({ character: character.data });
    URL.revokeObjectURL(url);
    return player;
  }

  name = "WebAssembly";
  /** Frames that may be asked for before the first of them is there: the worker need not wait for the page. */
  at_a_time = 2;
  #worker;
  #context;
  #waiting = new Map();
  #last_id = 0;

  constructor(worker, canvas) {
    this.#worker = worker;
    this.#context = canvas.getContext("2d");
    worker.onmessage = ({ data: { id, pixels, error } }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(error));
      else resolve(pixels);
    };
    worker.onerror = (event) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(event.message || "the worker cannot start"));
      this.#waiting.clear();
    };
  }

  #ask(question) {
    const id = ++this.#last_id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...question });
    });
  }

  async draw(pose) {
    this.#context.putImageData(new ImageData(await this.read(pose), IMAGE_SIZE), 0, 0);
  }

  /** The frame of `pose`, straight RGBA. */
  read(pose) {
    return this.#ask({ pose });
  }

  close() {
    this.#worker.terminate();
  }
}
