// The face tracker in a worker: pictures of the camera go in, poses come out.

import { answer_questions, PageWorker } from "./page_worker.js";
import { openTracker } from "./tracker.js";

/** What the worker does: opens the tracker, then does what it is told, one after the other. */
export function serve_faces() {
  let tracker = null;
  answer_questions(async ({ open, settings, neutral, picture, seconds }) => {
    if (open) tracker = await openTracker(open);
    if (settings) tracker.settings = settings;
    if (neutral) tracker.setNeutral();
    if (!picture) return {};
    const { found, points, angles, pose } = tracker.update(picture, seconds);
    return { value: { found, points, angles, pose }, moved: [points.buffer, pose.buffer] };
  });
}

/** Whether the page was made with the tracker's models. */
export function has_tracker() {
  return document.getElementById("tracker") !== null;
}

export class FaceWorker {
  #worker = new PageWorker("faces");

  /** Opens the tracker. */
  open() {
    return this.#worker.ask({ open: document.getElementById("tracker").textContent });
  }

  /** @param settings  {mirror, gains} as tracker.js has them */
  set(settings) {
    return this.#worker.ask({ settings });
  }

  /** What is seen now is rest from now on. */
  set_neutral() {
    return this.#worker.ask({ neutral: true });
  }

  /** What is seen in `picture`, an ImageData that is given away, `seconds` after some beginning. */
  look_at(picture, seconds) {
    return this.#worker.ask({ picture, seconds }, [picture.data.buffer]);
  }

  close() {
    this.#worker.close();
  }
}
