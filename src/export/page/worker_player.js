// The processor's player in a worker, so that the page answers while it draws.

import { Character, IMAGE_SIZE } from "./character.js";
import { CpuPlayer } from "./cpu_player.js";
import { answer_questions, PageWorker } from "./page_worker.js";

/** What the worker does: opens the character that it is told of, then draws one pose after the other. */
export function serve_poses() {
  let player = null;
  answer_questions(async ({ character, pose }) => {
    if (character) {
      player = await CpuPlayer.make(await new Character(character).open(), null);
      return {};
    }
    const pixels = await player.read(pose);
    return { value: pixels, moved: [pixels.buffer] };
  });
}

export class WorkerPlayer {
  static async make(character, canvas) {
    const worker = new PageWorker("poses");
    try {
      await worker.ask({ character: character.data });
    } catch (error) {
      worker.close();
      throw error;
    }
    return new WorkerPlayer(worker, canvas);
  }

  name = "WebAssembly";
  /** Frames that may be asked for before the first of them is there: the worker need not wait for the page. */
  at_a_time = 2;
  #worker;
  #context;

  constructor(worker, canvas) {
    this.#worker = worker;
    this.#context = canvas.getContext("2d");
  }

  async draw(pose) {
    this.#context.putImageData(new ImageData(await this.read(pose), IMAGE_SIZE), 0, 0);
  }

  /** The frame of `pose`, straight RGBA. */
  read(pose) {
    return this.#worker.ask({ pose });
  }

  close() {
    this.#worker.close();
  }
}
