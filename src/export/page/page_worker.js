// Workers run the page's own script: they are named after what they do, and answer questions.

export class PageWorker {
  #worker;
  #waiting = new Map();
  #last_id = 0;

  /** @param task  the worker's name: one of those that main.js knows */
  constructor(task) {
    const script = document.getElementById("script").textContent;
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    this.#worker = new Worker(url, { name: task });
    this.#worker.onmessage = ({ data: { id, value, error } }) => {
      URL.revokeObjectURL(url);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    };
    this.#worker.onerror = (event) => this.#give_up(event.message || "the worker cannot start");
  }

  /** The answer to `question`; `moved` are buffers that the worker gets for good. */
  ask(question, moved = []) {
    const id = ++this.#last_id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, question }, moved);
    });
  }

  close() {
    this.#worker.terminate();
    this.#give_up("the worker was ended");
  }

  #give_up(reason) {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }
}

/** In the worker: answers by `answer(question)`, a promise of {value, moved}. */
export function answer_questions(answer) {
  self.onmessage = async ({ data: { id, question } }) => {
    try {
      const { value, moved } = await answer(question);
      self.postMessage({ id, value }, moved ?? []);
    } catch (error) {
      self.postMessage({ id, error: error.message });
    }
  };
}
